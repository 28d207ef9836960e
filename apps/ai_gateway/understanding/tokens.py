"""A message as words: what was typed, and the forms of it that are looked up."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

from core.language import fold, leaning

# A quotation is one token: what it says is not for us. Then numbers with what is written onto them, words,
# marks.
_TOKEN = re.compile(
    r"(?P<quote>\"[^\"\n]{1,500}\"|“[^”\n]{1,500}”|«[^»\n]{1,500}»"
    r"|(?<!\w)'[^'\n]{1,500}'(?!\w))"
    r"|(?P<number>#[0-9a-fA-F]{3,8}\b"
    r"|\d{1,6}(?:[.,:]\d{1,4})?(?:\s?[x\u00d7*]\s?\d{1,5})?(?:px|deg|k|x|%|°)?(?![^\W_]|-[^\W\d_]))"
    r"|(?P<word>[^\W_]+(?:['\u2019&/-][^\W\d_]+)*)"
    r"|(?P<mark>->|=>|\S)"
)
_INVISIBLE = re.compile(
    r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
)
_LONG_DRAWN = re.compile(r"([^\W\d_])\1{2,}")
# Where a tone may stand on one or the other vowel: xoá and xóa are the same word.
_TONES = {"\u0300": 1, "\u0301": 1, "\u0303": 1, "\u0309": 1, "\u0323": 1}


@dataclass(frozen=True)
class Token:
    """One word, number, quotation or mark. `text[start:end]` of the tidied message is what was typed."""

    text: str
    kind: str
    start: int
    end: int

    @cached_property
    def word(self) -> str:
        """Lower case, drawn-out letters once, the tone at the end: xóa and xoá are one word."""
        return tone_last(_LONG_DRAWN.sub(r"\1", self.text.lower()).replace("\u2019", "'"))

    @cached_property
    def plain(self) -> str:
        """`word` without diacritics."""
        return fold_tones(self.word)

    @cached_property
    def leaning(self) -> int:
        """Above 0 for a Vietnamese word, below for an English one, 0 for one that tells nothing."""
        return leaning(self.word)


def tidy(message: str) -> str:
    """`message` in the form NFC, without characters that cannot be seen."""
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", message)).strip()


def tokenise(text: str) -> list[Token]:
    """The tokens of a tidied message, in order."""
    return [
        Token(found.group(), found.lastgroup or "mark", found.start(), found.end())
        for found in _TOKEN.finditer(text)
    ]


def tone_last(word: str) -> str:
    """`word` with its tone mark behind all others, so that both ways to place a tone compare equal."""
    if word.isascii():
        return word
    parts = unicodedata.normalize("NFD", word)
    letters = "".join(part for part in parts if part not in _TONES)
    tones = "".join(part for part in parts if part in _TONES)
    return unicodedata.normalize("NFC", letters) + tones


def fold_tones(word: str) -> str:
    """`word`, as `tone_last` gives it, without any diacritics."""
    return word if word.isascii() else fold("".join(part for part in word if part not in _TONES))
