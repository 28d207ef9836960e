"""The concepts of `lexicon.toml` and `values.toml`, found in tokens: longest phrase first, typos included."""

import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

from rapidfuzz import process
from rapidfuzz.distance import OSA

from apps.ai_gateway.understanding.tokens import Token, fold_tones, tone_last
from core.language import leaning

Script = Literal["en", "vi"]

_SCRIPTS: tuple[Script, ...] = ("en", "vi")
_FOLDER = Path(__file__).parent
# Section of the data files -> role of its concepts.
_ROLES = {"verbs": "verb", "things": "thing", "marks": "mark", "words": "word"}
_VALUES = {
    "colours": "colour",
    "styles": "style",
    "formats": "format",
    "numbers": "number",
    "factors": "factor",
}
_TELEX = (("aa", "a"), ("ee", "e"), ("oo", "o"), ("dd", "d"), ("aw", "a"), ("ow", "o"), ("uw", "u"))
_WORTH_MENDING = ("verb", "thing", "mark", "style", "format", "colour")
LONGEST_PHRASE = 6
# Below this length a word that differs by a letter is another word.
_SHORTEST_TYPO = 4
_TWO_SLIPS_FROM = 8


@dataclass(frozen=True)
class Sense:
    """One meaning of a phrase: its `role` (verb, thing, mark, word, visual, a kind of value) and concept."""

    role: str
    concept: str
    value: str = ""


@dataclass(frozen=True)
class _Phrase:
    words: tuple[str, ...]
    script: Script
    sense: Sense
    as_written: bool = False  # without its diacritics it would be taken for something else


@dataclass(frozen=True)
class Match:
    """What stands at some tokens: every sense of it. `inflected`: "removing"; `exact`: no slip was mended."""

    length: int
    senses: tuple[Sense, ...]
    inflected: bool = False
    exact: bool = True


def matches(tokens: Sequence[Token], at: int, script: Script) -> Iterator[Match]:
    """The phrases that begin at token `at` of a sentence in `script`, longest first."""
    run = tokens[at : at + LONGEST_PHRASE]
    for length in range(len(run), 0, -1):
        words = run[:length]
        if any(token.kind != "word" for token in words):
            continue
        native, other = (_vietnamese, _english) if script == "vi" else (_english, _vietnamese)
        if found := native(words, script) or other(words, script):
            yield found


def _english(words: Sequence[Token], script: Script) -> Match | None:
    if script == "vi" and all(token.leaning > -2 for token in words):
        return None  # "to", "them", "can" are Vietnamese words here
    phrases = _index("en")
    literal = phrases.get(tuple(token.plain for token in words))
    if literal:
        return Match(len(words), _senses(literal))
    forms = [_english_form(token.plain, len(words) == 1) for token in words]
    known = phrases.get(tuple(form for form, _ in forms))
    if not known:
        return None
    mended = any(kind == "typo" for _, kind in forms)
    return Match(len(words), _senses(known), any(kind == "inflected" for _, kind in forms), not mended)


def _vietnamese(words: Sequence[Token], script: Script) -> Match | None:
    forms = [_vietnamese_form(token.plain, token.leaning, script) for token in words]
    candidates = _index("vi").get(tuple(form for form, _ in forms))
    if not candidates:
        return None
    best: dict[int, list[_Phrase]] = defaultdict(list)
    for phrase in candidates:
        fit = _fit(words, forms, phrase, script)
        if fit == 3 or (fit and not phrase.as_written):
            best[fit].append(phrase)
    if not best:
        return None
    closest = max(best)
    mended = closest == 1 or any(kind == "typo" for _, kind in forms)
    return Match(len(words), _senses(best[closest]), exact=not mended)


def _fit(words: Sequence[Token], forms: Sequence[tuple[str, str]], phrase: _Phrase, script: Script) -> int:
    """3: as written in the lexicon; 2: typed without diacritics; 1: some are wrong; 0: another word."""
    worst = 3
    sure = 0
    for token, (_, slip), word in zip(words, forms, phrase.words, strict=True):
        if slip:
            worst = min(worst, 2)
            sure += 1
        elif token.word == word and (script == "vi" or token.leaning > -1 or not word.isascii()):
            sure += 1
        elif token.word.isascii() and (script == "vi" or (token.leaning > 0 and len(words) > 1)):
            if phrase.sense.concept == "foreign" and len(words) == 1:
                return 0  # a syllable without diacritics is too many words to suspect one of them
            worst = min(worst, 2)
            sure += 1
        elif _partly(token.word, word):
            worst = 1
        else:
            return 0
    return worst if worst > 1 or (sure and len(words) > 1) else 0


def _partly(typed: str, word: str) -> bool:
    """Whether some diacritics of `word` were left out, and none is another.

    "nên" may be "nền", but "mắt" is not "mặt".
    """
    letters = iter(unicodedata.normalize("NFD", word))
    return not typed.isascii() and all(letter in letters for letter in unicodedata.normalize("NFD", typed))


def _senses(phrases: Sequence[_Phrase]) -> tuple[Sense, ...]:
    return tuple(dict.fromkeys(phrase.sense for phrase in phrases))


@cache
def _index(script: Script) -> dict[tuple[str, ...], list[_Phrase]]:
    """Phrases by their words without diacritics."""
    index: dict[tuple[str, ...], list[_Phrase]] = defaultdict(list)
    for phrase in _phrases():
        if phrase.script == script:
            index[tuple(fold_tones(word) for word in phrase.words)].append(phrase)
    return dict(index)


@cache
def _words(script: Script) -> frozenset[str]:
    return frozenset(word for phrase in _index(script) for word in phrase)


@cache
def _typo_targets(script: Script) -> list[str]:
    """The words that a misspelt one may be meant for: those that tell us something."""
    return sorted(
        {
            fold_tones(word)
            for phrase in _phrases()
            if phrase.script == script and phrase.sense.role in _WORTH_MENDING
            for word in phrase.words
            if len(word) >= (_SHORTEST_TYPO if script == "en" else 3) and fold_tones(word).isascii()
        }
    )


@lru_cache(maxsize=8192)
def _english_form(word: str, alone: bool) -> tuple[str, str]:
    """The word of the lexicon that `word` is a form of, and how: "", "inflected" or "typo"."""
    known = _words("en")
    for stem in _stems(
        word, ("ing", "ed", "es", "s", "er", "ly", "'s") if alone else ("ing", "ed", "es", "s")
    ):
        if stem in _bases():
            return stem, "inflected"
    if word in known or not word.isascii() or not word.isalpha():
        return word, ""
    nearest = _nearest(word, "en")
    return (nearest, "typo") if nearest else (word, "")


@lru_cache(maxsize=8192)
def _vietnamese_form(word: str, leans: int, script: Script) -> tuple[str, str]:
    """The same for a syllable. One that is well formed is taken at its word."""
    if word in _words("vi") or leans > 0 or script == "en" or not word.isascii() or not word.isalpha():
        return word, ""
    if word in _words("en"):
        return word, ""
    if (typed := _without_telex(word)) in _words("vi"):
        return typed, "typo"
    nearest = _nearest(word, "vi")
    return (nearest, "typo") if nearest else (word, "")


def _nearest(word: str, script: Script) -> str | None:
    if not _SHORTEST_TYPO <= len(word) <= 24:
        return None
    slips = 2 if len(word) >= _TWO_SLIPS_FROM else 1
    found = process.extract(word, _typo_targets(script), scorer=OSA.distance, score_cutoff=slips, limit=3)
    return next((name for name, _, _ in found if _is_slip(word, name)), None)


def _is_slip(word: str, meant: str) -> bool:
    """Whether `word` is likely a slip.

    Letters were swapped, or the first one is right; of a short word none was replaced.
    """
    if sorted(word) == sorted(meant):
        return True
    return word[0] == meant[0] and (len(word) > _SHORTEST_TYPO or len(word) != len(meant))


def _without_telex(word: str) -> str:
    """What is left of a syllable whose diacritics were typed as letters (telex) with no one to read them."""
    for doubled, single in _TELEX:
        word = word.replace(doubled, single)
    if word.startswith("f"):
        word = "ph" + word[1:]
    return word.rstrip("sfrxjwz")


def _stems(word: str, endings: Sequence[str]) -> Iterator[str]:
    for ending in endings:
        if word.endswith(ending) and len(word) - len(ending) >= 2:
            stem = word.removesuffix(ending)
            yield stem
            if ending in ("ing", "ed", "er"):
                yield stem + "e"
                if len(stem) > 2 and stem[-1] == stem[-2]:
                    yield stem[:-1]
    if word.endswith("ies"):
        yield word[:-3] + "y"


@cache
def _bases() -> frozenset[str]:
    return frozenset(phrase[0] for phrase in _index("en") if len(phrase) == 1)


@cache
def _phrases() -> tuple[_Phrase, ...]:
    lexicon = _load("lexicon.toml")
    values = _load("values.toml")
    found: list[_Phrase] = []
    for section, role in _ROLES.items():
        for concept, by_script in lexicon[section].items():
            for script in _SCRIPTS:
                found += _split(by_script.get(script, ""), Sense(role, concept), script)
    for section, role in _VALUES.items():
        for value, names in values[section].items():
            by_script = defaultdict[Script, list[str]](list)
            for name in names.split(","):
                by_script["en" if _is_english(name) else "vi"].append(name)
            for script, own in by_script.items():
                found += _split(",".join(own), Sense(role, role, value), script)
    for script in _SCRIPTS:
        found += _split(values["visual"][script], Sense("visual", "visual"), script)
    return tuple(found)


def _split(names: str, sense: Sense, script: Script) -> Iterator[_Phrase]:
    for name in names.replace("\n", " ").split(","):
        words = tuple(tone_last(word) for word in name.strip().lower().removeprefix("=").split())
        if words:
            yield _Phrase(words, script, sense, as_written=name.strip().startswith("="))


def _is_english(name: str) -> bool:
    """Values have their names in both languages in one list."""
    return name.isascii() and not any(leaning(word) > 0 for word in name.split())


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / name).read_text(encoding="utf-8"))
