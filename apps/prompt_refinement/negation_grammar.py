"""How one language says "not": the lists of negations.toml as compiled patterns."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from re import Pattern
from typing import Any

from apps.prompt_refinement.phrases import alternatives, folded, pattern
from apps.prompt_refinement.rulebook import negations


@dataclass(frozen=True)
class Grammar:
    """All patterns are for folded text. `negation` matches up to the first thing that is denied; its group
    `trigger` is the word itself, `after` what stands between the two. `marked` gives a trigger's own
    diacritics, `needs_plain` what must follow where it is written without them.
    """

    negation: Pattern[str]
    needs_after: frozenset[str]
    marked: Mapping[str, str]
    needs_plain: Mapping[str, Pattern[str]]
    of_properties: frozenset[str]
    instead: Mapping[str, str]
    either: Pattern[str]
    both: Pattern[str]
    determiners: Pattern[str]
    ends: frozenset[str]
    wanted: frozenset[str]
    trailing: Pattern[str]


@cache
def grammars() -> tuple[Grammar, ...]:
    """English and Vietnamese."""
    return tuple(_grammar(negations()[language]) for language in ("en", "vi"))


@cache
def exceptions() -> Pattern[str]:
    """Where a trigger denies nothing: idioms, and words that stand in the picture."""
    lists = negations()
    return pattern((*lists["en"]["exceptions"], *lists["vi"]["exceptions"]))


@dataclass(frozen=True)
class Glossary:
    """What Vietnamese words are called in a negative prompt: `words` finds them in folded text."""

    words: Pattern[str]
    english: Mapping[str, str]

    def translated(self, folded_text: str) -> list[str]:
        """The English words for those of `folded_text` that are known; nothing for English text."""
        return [self.english[" ".join(found.split())] for found in self.words.findall(folded_text)]


@cache
def glossary() -> Glossary:
    """The glossary of negations.toml."""
    known = negations()["glossary"]
    return Glossary(pattern(known), {folded(vietnamese): english for vietnamese, english in known.items()})


def _grammar(lists: Mapping[str, Any]) -> Grammar:
    after = alternatives(lists["after"])
    triggers = alternatives(lists["triggers"])
    connectives = (*lists["or"], *lists["and"])
    return Grammar(
        negation=re.compile(
            rf"(?<![\w'-]){_before(lists)}(?P<trigger>{triggers})(?![\w'-])"
            rf"(?P<after>(?:[ \t]+(?:{after}|{triggers})(?![\w'-]))*)[ \t]+(?=\w|['#@$])(?!\d+\b)"
        ),
        needs_after=_folded(lists["need_after"]),
        marked={folded(word): word for word in lists["triggers"] if not word.isascii()},
        needs_plain={
            folded(word): pattern(following)
            for word, following in (lists["need_plain"] | dict.fromkeys(lists["need_marks"], ())).items()
        },
        of_properties=_folded(lists["of_properties"]),
        instead={folded(word): instead for word, instead in lists["instead"].items()},
        either=re.compile(rf"(?:\s*,)?\s+(?:{alternatives(lists['or'])})\s+|\s*/\s*"),
        both=re.compile(rf"(?:\s*,)?\s+(?:{alternatives(lists['and'])})\s+|\s*&\s*"),
        determiners=re.compile(rf"(?:(?:{after})\s+){{0,3}}(?=\w)"),
        ends=_folded((*lists["ends"], *connectives)),
        wanted=_folded(lists["wanted"]),
        trailing=re.compile(rf"\s+(?:{alternatives(lists['trailing'])})(?!\w)"),
    )


def _before(lists: Mapping[str, Any]) -> str:
    """The words before a trigger that go when it goes."""
    auxiliary = f"(?:{alternatives(lists['auxiliaries'])})"
    subjects = alternatives(lists["subjects"])
    subject = rf"(?:(?:{subjects})\s+(?={auxiliary}\s|\w+n'?t\s))?" if subjects else ""
    before = alternatives(lists["before"])
    # Bounded: unbounded, a text of nothing but "and" would take cubic time.
    return rf"(?:(?:{before})\s+){{0,3}}{subject}(?:{auxiliary}\s+){{0,3}}(?:(?:{before})\s+){{0,2}}"


def _folded(words: tuple[str, ...] | list[str]) -> frozenset[str]:
    return frozenset(map(folded, words))
