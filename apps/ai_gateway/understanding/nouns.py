"""What the verb is done to: the noun phrase behind it, and the noun in it that counts."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from apps.ai_gateway.understanding.lexicon import Script
from apps.ai_gateway.understanding.words import Word

# May stand between a verb and its object: "tách RA con mèo".
_PARTICLES = {"ra", "len", "di", "lai", "het", "out", "up", "off", "in", "cho", "hoan toan"}
_COPULAS = {"is", "are", "was", "were", "looks", "look", "needs", "bi", "trong"}
_SHOWING = {"of", "ve", "with", "showing", "for", "in", "where", "that", "co", "mo ta", "on"}
_WITHIN_NAMES = {"'", "-", "/"}
_PICTURE_COUNTERS = ("tam", "buc")


@dataclass
class Target:
    """`name`: a thing of the lexicon, "picture", "depiction" (a picture OF something), "thing" (anything
    else that was named), or "none". `words[start:end]` name it. `marks`: definite, indefinite, deictic,
    comparative, open.
    """

    name: str = "none"
    start: int = 0
    end: int = 0
    marks: set[str] = field(default_factory=set)


def find_target(words: Sequence[Word], verb_at: int, first: int, script: Script) -> Target:
    """The target of the verb at `verb_at` (-1: of the clause, which begins at `first`)."""
    start = first if verb_at < 0 else _past_particles(words, verb_at + 1)
    target = _read_phrase(words, start, _phrase_end(words, start), script)
    if verb_at > first and (target.name == "none" or words[verb_at].inflected):
        begins = first + 1 if words[first].concept("verb") else first
        topic = _read_phrase(words, begins, _phrase_end(words[:verb_at], begins), script)
        if topic.name != "none":
            topic.end = verb_at
            return topic
    return target


def is_comparative(word: Word) -> bool:
    """ "Bluer", "hơn", "more"."""
    return word.is_word("comparative") or (word.inflected and word.plain.endswith("er"))


def _past_particles(words: Sequence[Word], at: int) -> int:
    while at < len(words) and (words[at].is_word("polite") or _is_particle(words[at])):
        at += 1
    return at


def _is_particle(word: Word) -> bool:
    return word.plain in _PARTICLES and not (word.concept("thing") or word.concept("visual"))


def _phrase_end(words: Sequence[Word], start: int) -> int:
    """Where the noun phrase that begins at `start` ends."""
    return next((at for at in range(start, len(words)) if _ends_phrase(words[at], at == start)), len(words))


def _ends_phrase(word: Word, is_first: bool) -> bool:
    if word.kind == "mark":
        return word.plain not in _WITHIN_NAMES
    if any(word.concept(role) for role in ("thing", "visual", "mark", "style")):
        return False
    if word.plain in _COPULAS and not is_first:
        return True
    return word.is_word("preposition", "then", "how", "negation") and not (
        is_first and word.is_word("definite")
    )


def _read_phrase(words: Sequence[Word], start: int, end: int, script: Script) -> Target:
    heads, counted = [], ""
    target = Target(start=start, end=end)
    for word in words[start:end]:
        target.marks |= _marks(word)
        if head := _head(word):
            heads.append(head)
        elif word.is_word("counter") and not word.is_content:
            counted = word.plain
    if (
        counted and not heads and not any(word.concept("mark") for word in words[start:end])
    ):  # "chu" may be chữ as well as chú
        heads.append("picture" if counted in _PICTURE_COUNTERS else "thing")
    if "thing" in heads:
        target.marks.add("open")
    target.name = _main(heads, script) or ("picture" if "deictic" in target.marks else "none")
    at_hand = not heads or "definite" in target.marks
    if target.name == "picture" and not at_hand and ("thing" in heads or _shows(words[end:])):
        target.name = "depiction"
    return target


def _head(word: Word) -> str:
    """What `word` is as a noun: a thing of the lexicon, "thing" for anything else, "" for no noun."""
    if thing := word.concept("thing"):
        return thing
    if word.is_word("definite", "deictic", "indefinite") or not word.is_content or word.concept("verb"):
        return ""
    adjective = (word.concept("colour") or word.concept("style")) and not word.concept("visual")
    return "" if adjective else "thing"


def _marks(word: Word) -> set[str]:
    marks = {"comparative"} if is_comparative(word) else set()
    if word.concept("thing"):
        return marks
    if word.is_word("definite", "deictic"):
        marks.add("definite")
        if word.is_word("deictic"):
            marks.add("deictic")
    elif word.is_word("indefinite"):
        marks.add("indefinite")
    return marks


def _main(heads: Sequence[str], script: Script) -> str:
    """The noun that the others belong to: the last in English, the first in Vietnamese; "" for none."""
    order = list(heads if script == "vi" else reversed(heads))
    if "background" in order and order[0] in ("colours", "style"):
        return "background"  # "the background colour"
    for head in order[:2]:
        if head not in ("picture", "thing"):
            return head if head == order[0] or order[0] == "picture" else order[0]
    return order[0] if order else ""


def _shows(words: Sequence[Word]) -> bool:
    """Whether `words` are "of", "về", "with" and what a picture is to show."""
    if not words or words[0].plain not in _SHOWING:
        return False
    return any(word.is_content or word.concept("visual") for word in words[1:])
