"""Finds what a prompt does not want ("NOT blurry", "without people", "không có chữ") and takes it out.

Image models do not understand "no": they paint what is named. What a picture must not show belongs into the
negative prompt.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from apps.prompt_refinement.negation_grammar import Grammar, exceptions, grammars
from apps.prompt_refinement.phrases import folded

_MOST_WORDS = 6
_MOST_ROUNDS = 16
_MOST_WORDS_AFTER_AND = 2
_MARKS = frozenset(",;:.!?([{\n|")
_CLOSING = frozenset(",;:.!?)]}|")
_WORD = re.compile(r"(?:[^\s,;:!?()\[\]{}<>\"“”«»|/&.]|\.(?=\w))+")
# What is quoted stands in the picture; what is in angle brackets is for a program (<lora:...>).
_PROTECTED = re.compile(r"\"[^\"\n]*\"|“[^“”\n]*”|«[^«»\n]*»|(?<!\w)'[^'\n]+'(?!\w)|<[^<>\n]*>")
# The layout of AUTOMATIC1111, and Midjourney's option.
_LISTED = re.compile(
    r"(?:^|(?<=[\s,.;]))(?:negative\s+prompt\s*:(?P<block>[^\n]*)|--no(?=\s|$)(?P<option>(?:(?!\s--)[^\n])*))"
)
_EMPTY_BRACKETS = re.compile(r"[(\[]\s*(?::\s*[\d.]+\s*)?[)\]]")
_LEADING = re.compile(r"^[\s,;.]+")
_CONTRAST = re.compile(r"^[\s,;]*(?:(?:but|nhung|ma)\s+)+")
_ADDITION = re.compile(r"^[\s,;]*(?:(?:and|va)\s+)+")
_COMMA = re.compile(r"\s*,\s*")
_CLOSED = re.compile(r"\s*(?:$|[,;.!?()\[\]\n])")
_SPACE = re.compile(r"[ \t]+")

Span = tuple[int, int]


@dataclass(frozen=True)
class Extraction:
    """`text` is the prompt without its negations, `excluded` what they were about, in the prompt's order.

    `from_within` when one was cut out of a sentence, so that words may have gone to the wrong side.
    """

    text: str
    excluded: tuple[str, ...]
    from_within: bool


@dataclass(frozen=True)
class _Negation:
    start: int
    end: int
    things: tuple[str, ...]


def extract(prompt: str) -> Extraction:
    """Takes every negation out of `prompt`; what is left holds none. The result is in the form NFC.

    (It may hold some if more than 16 lay one within the other; nobody speaks so.)
    """
    text = unicodedata.normalize("NFC", prompt).strip()
    excluded: dict[str, str] = {}
    from_within = False
    for _ in range(_MOST_ROUNDS):  # again: taking one out may bring the parts of another together
        if not (found := _negations(text)):
            break
        for thing in (thing for negation in found for thing in negation.things):
            excluded.setdefault(thing.casefold(), thing)
        from_within |= any(_within_sentence(text, negation) for negation in found)
        for negation in reversed(found):
            text = _without(text, negation)
    return Extraction(text, tuple(excluded.values()), from_within)


def _negations(text: str) -> list[_Negation]:
    """Those of `text` that do not overlap, in order."""
    plain = folded(text)
    shown = [match.span() for match in _PROTECTED.finditer(plain)]
    found = [_listed(match, text) for match in _LISTED.finditer(plain) if not _inside(match.start(), shown)]
    shown += [match.span() for match in exceptions().finditer(plain)]
    for grammar in grammars():
        found += _Reader(grammar, text, plain, shown).negations()
    apart: list[_Negation] = []
    for negation in sorted(found, key=lambda each: each.start):
        if not apart or apart[-1].end <= negation.start:
            apart.append(negation)
    return apart


def _inside(position: int, spans: Iterable[Span]) -> bool:
    return any(start <= position < end for start, end in spans)


def _listed(match: re.Match[str], text: str) -> _Negation:
    """What stands behind `Negative prompt:` or `--no`, separated by commas; perhaps nothing."""
    things = text[slice(*match.span("block" if match["block"] is not None else "option"))].split(",")
    return _Negation(match.start(), match.end(), tuple(thing.strip() for thing in things if thing.strip()))


class _Reader:
    """Reads one text with one language's grammar. Positions are those of the text."""

    def __init__(self, grammar: Grammar, text: str, plain: str, shown: list[Span]) -> None:
        self._grammar = grammar
        self._text = text
        self._plain = plain
        self._shown = shown

    def negations(self) -> Iterator[_Negation]:
        """Those that have something to deny."""
        for match in self._grammar.negation.finditer(self._plain):
            if self._denies(match) and (first := self._thing(match.end())):
                spans = self._things(first, takes_and=self._takes_and(match))
                trailing = self._grammar.trailing.match(self._plain, spans[-1][1])
                end = trailing.end() if trailing else spans[-1][1]
                yield _Negation(match.start(), end, tuple(self._name(span) for span in spans))

    def _name(self, span: Span) -> str:
        return self._grammar.instead.get(self._plain[slice(*span)], self._text[slice(*span)])

    def _denies(self, match: re.Match[str]) -> bool:
        trigger = match["trigger"]
        if _inside(match.start("trigger"), self._shown):
            return False
        if trigger in self._grammar.needs_after and not match["after"]:
            return False
        written = self._text[match.start("trigger") : match.end("trigger")]
        if not written.isascii() and (proper := self._grammar.marked.get(trigger)):
            return written.lower() == proper
        following = self._grammar.needs_plain.get(trigger)
        return following is None or following.match(self._plain, match.end("trigger") + 1) is not None

    def _takes_and(self, match: re.Match[str]) -> bool:
        return bool(match["after"]) or match["trigger"] not in self._grammar.of_properties

    def _things(self, first: Span, *, takes_and: bool) -> list[Span]:
        """The first thing and those that "or", "and" and commas add to it."""
        things = [first]
        while more := self._either(things[-1][1]) or (takes_and and self._both(things[-1][1])) or []:
            things += more
        return things

    def _either(self, position: int) -> list[Span]:
        """The next thing behind an "or"; with those before it in a list that ends in "or"."""
        if match := self._grammar.either.match(self._plain, position):
            thing = self._thing(match.end())
            return [thing] if thing else []
        things: list[Span] = []
        while comma := _COMMA.match(self._plain, position):
            thing = None if self._is_wanted(comma.end()) else self._thing(comma.end())
            if thing is None:
                break
            things.append(thing)
            position = thing[1]
            if self._grammar.either.match(self._plain, position):
                return things
        return []

    def _both(self, position: int) -> list[Span]:
        """The next thing behind an "and", if it is short and nothing says that it is wanted."""
        match = self._grammar.both.match(self._plain, position)
        if match is None or self._is_wanted(match.end()):
            return []
        thing = self._thing(match.end())
        if thing is None or len(self._plain[slice(*thing)].split()) > _MOST_WORDS_AFTER_AND:
            return []
        return [thing] if self._ends(thing[1]) else []

    def _thing(self, position: int) -> Span | None:
        """The words from `position` on that name one thing, without its article."""
        determiners = self._grammar.determiners.match(self._plain, position)
        start = end = cursor = determiners.end() if determiners else position
        for number in range(_MOST_WORDS):
            word = _WORD.match(self._plain, cursor)
            if word is None or self._negates(cursor) or (number and word[0] in self._grammar.ends):
                break
            end = word.end()
            space = _SPACE.match(self._plain, end)
            if space is None:
                break
            cursor = space.end()
        return (start, end) if end > start else None

    def _negates(self, position: int) -> bool:
        return any(grammar.negation.match(self._plain, position) for grammar in grammars())

    def _is_wanted(self, position: int) -> bool:
        word = _WORD.match(self._plain, position)
        return word is not None and word[0] in self._grammar.wanted

    def _ends(self, position: int) -> bool:
        if _CLOSED.match(self._plain, position):
            return True
        space = _SPACE.match(self._plain, position)
        word = _WORD.match(self._plain, space.end()) if space else None
        return word is not None and word[0] in self._grammar.ends


def _within_sentence(text: str, found: _Negation) -> bool:
    before = text[: found.start].rstrip()
    return bool(before) and before[-1] not in _MARKS


def _without(text: str, found: _Negation) -> str:
    """The text around `found`, with the punctuation that then belongs there."""
    before, after = text[: found.start], text[found.end :]
    left, right = before.rstrip(), _cut(_CONTRAST, after)
    if not left or left[-1] in _MARKS:
        right = _cut(_LEADING, _cut(_ADDITION, right)).lstrip("" if left else ": ")
    if not right.strip():
        return left.rstrip(" \t\n,;")
    gap = before[len(left) :] + right[: len(right) - len(right.lstrip())]
    right = right.lstrip()
    between = "" if not left or right[0] in _CLOSING or left[-1] in "([{" else "\n" if "\n" in gap else " "
    joined = left + between + right
    return _cut(_LEADING, _EMPTY_BRACKETS.sub("", joined)) if left[-1:] in {"(", "["} else joined


def _cut(leading: re.Pattern[str], text: str) -> str:
    match = leading.match(folded(text))
    return text[match.end() :] if match else text
