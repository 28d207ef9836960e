"""English or Vietnamese, with or without diacritics."""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from core.language.folding import fold

Language = Literal["en", "vi", "und"]

_LISTS = tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))
_ENGLISH = frozenset(_LISTS["english"].split())
_VIETNAMESE = frozenset(_LISTS["vietnamese"].split())
_WORD = re.compile(r"[^\W\d_]+")
# Letters of no other language that is likely here: đ ơ ư ă, and those with a hook, a dot below or two marks.
_ONLY_VIETNAMESE = re.compile(r"[đơưăĐƠƯĂạ-ỹẠ-Ỹ]")
# One written syllable without its diacritics. Most English words are no such thing.
_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|gh|gi|kh|ph|th|tr|ch|qu|[bcdghklmnprstvx])?"
    r"(?:(?:uye|oa|oe|ua|ue|uo|uy|ie|ye|[aeiouy])(?:ch|ng|nh|[cmnpt])?"
    r"|ai|ao|au|ay|eo|eu|ia|iu|oi|ui|uu|uya|uyu|ieu|yeu|uoi|uou|oai|oay|oeo|uay)"
)


@dataclass(frozen=True)
class Detected:
    """`certainty` goes from 0 (a guess) to 1. `language` is "und" where there are no words of either."""

    language: Language
    certainty: float


def detect(text: str) -> Detected:
    """The language of most words of `text`. Words of both languages in one text are usual, and count."""
    vietnamese = english = 0
    for word in _WORD.findall(text):
        evidence = leaning(word)
        if evidence > 0:
            vietnamese += evidence
        else:
            english -= evidence
    total = vietnamese + english
    if not total:
        return Detected("und", 0.0)
    return Detected("vi" if vietnamese > english else "en", round(abs(vietnamese - english) / total, 2))


@lru_cache(maxsize=8192)
def leaning(word: str) -> int:
    """Above 0 for a Vietnamese word, below for an English one, 0 for one that tells nothing; from -3 to 5."""
    word = unicodedata.normalize("NFC", word)
    plain = fold(word)
    has_shape = _SYLLABLE.fullmatch(plain) is not None
    if _ONLY_VIETNAMESE.search(word):
        return 5 if has_shape else 1
    if not plain.isascii():
        return 0
    if not word.isascii():  # à, é, ô: Vietnamese if the syllable is, otherwise a borrowed word
        return 3 if has_shape else -1
    if plain in _ENGLISH:
        return -1 if plain in _VIETNAMESE else -3
    if not has_shape:
        return -3 if len(plain) > 1 else 0
    return 4 if plain in _VIETNAMESE else 2
