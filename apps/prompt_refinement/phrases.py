"""Phrases as one compiled pattern. Texts and phrases are compared folded: lower case, no diacritics."""

import re
import unicodedata
from collections.abc import Iterable

from core.language import fold

# As long as what they replace: positions in the folded text are positions in the text.
_STRAIGHT = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'"})
_NOTHING = re.compile(r"(?!)")


def folded(text: str) -> str:
    """`text` (in the form NFC) as phrases are compared: as long as `text`, character by character."""
    return fold(text).translate(_STRAIGHT)


def alternatives(phrases: Iterable[str]) -> str:
    """The phrases as alternatives of a pattern for folded text, the longest first."""
    known = sorted(
        {folded(unicodedata.normalize("NFC", phrase)) for phrase in phrases}, key=len, reverse=True
    )
    return "|".join(r"\s+".join(map(re.escape, phrase.split())) for phrase in known)


def pattern(phrases: Iterable[str]) -> re.Pattern[str]:
    """Finds any of the phrases as whole words in folded text."""
    either = alternatives(phrases)
    return re.compile(rf"(?<!\w)(?:{either})(?!\w)") if either else _NOTHING
