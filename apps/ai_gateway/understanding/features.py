"""Everything a clause has in it, by name: concepts, kinds of value, and how it is made."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from apps.ai_gateway.understanding.lexicon import Script
from apps.ai_gateway.understanding.nouns import is_comparative
from apps.ai_gateway.understanding.words import Word

# So many describing words are a description.
_RICH = 3
_VALUES = ("colour", "style", "format", "factor", "number")
_HELPERS = ("excess", "aux", "copula", "talk")
# Behind these stands what something is to become.
_OUTCOMES = {"to", "into", "with", "by", "for", "as", "thanh", "sang", "bang", "so", "so that", "look like"}


def features(words: Sequence[Word], verb_at: int, script: Script) -> set[str]:
    """The names that a declaration's signs may ask for, beside the target's and the quantities'."""
    found: set[str] = set()
    for at, word in enumerate(words):
        found.update(_of_word(word, at == verb_at, script))
        if word.is_word("preposition") and word.plain in _OUTCOMES and _names(words[at + 1 :]):
            found.add("outcome")
    content = sum(word.is_content and at != verb_at and not _only_verb(word) for at, word in enumerate(words))
    if content:
        found.add("content")
    if content >= _RICH:
        found.add("rich")
    likely = sum(word.concept("visual") != "" for word in words)
    named = likely > 1 or any(word.is_word("indefinite", "counter") for word in words)
    if "visual?" in found and content > 1 and named and not found & {"talk", "copula"}:
        found.add("visual")
    if verb_at < 0 and _acts(words):
        found.add("unknown_verb")
    return found


def _of_word(word: Word, is_verb: bool, script: Script) -> Iterator[str]:
    for sense in word.senses:
        if sense.role in ("thing", "mark") or sense.concept in _HELPERS:
            yield sense.concept
        elif sense.role == "visual":
            yield "visual" if _is_plain(word, script) else "visual?"
        elif sense.role in _VALUES:
            yield sense.role
        elif sense.role == "verb" and not is_verb:
            yield f"verb:{sense.concept}"
    if is_comparative(word):
        yield "comparative"
    if word.kind == "quote":
        yield "quote"


def _names(words: Sequence[Word]) -> bool:
    return any(word.is_content or word.concept("thing") or word.concept("colour") for word in words[:4])


def _is_plain(word: Word, script: Script) -> bool:
    """Whether it can only be this word: a lone syllable without its diacritics may be several."""
    return script == "en" or " " in word.plain or word.with_marks


def _only_verb(word: Word) -> bool:
    return bool(word.concept("verb")) and not (word.concept("visual") or word.concept("style"))


def _acts(words: Sequence[Word]) -> bool:
    """Whether something unknown takes an object, as in "order a pizza": a verb that is none of ours."""
    return any(
        before.is_content
        and not before.plain.endswith("ing")
        and not (before.concept("visual") or before.concept("verb"))
        and word.is_word("indefinite", "definite", "deictic")
        and not word.is_content
        for before, word in pairwise(words)
    )
