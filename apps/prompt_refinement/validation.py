"""Says what is wrong with a prompt before a model wastes its time on it."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from apps.prompt_refinement.negation import extract
from apps.prompt_refinement.phrases import folded
from apps.prompt_refinement.tokens import Reader
from core.api.fields import LONGEST_PROMPT

_FEW_WORDS = 2
_OFTEN = 4
_WORD = re.compile(r"[^\W\d_]{3,}")
_BRACKETS = {")": "(", "]": "[", "}": "{"}

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Issue:
    """An `error` keeps the prompt from being painted; a `warning` says that the picture will suffer."""

    code: str
    message: str
    suggestion: str
    severity: Severity = "warning"


def issues(prompt: str, *, reader: Reader) -> tuple[Issue, ...]:
    """What is wrong with `prompt` for a model that reads like `reader`; nothing, if all is well."""
    if not any(map(str.isalnum, prompt)):
        return (Issue("empty", "The prompt says nothing.", "Say what the picture shows.", "error"),)
    return tuple(_found(prompt, reader))


def _found(prompt: str, reader: Reader) -> Iterator[Issue]:
    if len(prompt) > LONGEST_PROMPT:
        yield Issue(
            "too_long",
            f"The prompt has {len(prompt):,} characters; at most {LONGEST_PROMPT:,} are accepted.",
            "Shorten it.",
            "error",
        )
    if (tokens := reader.count(prompt)) > reader.limit:
        about = "" if reader.exact else "about "
        yield Issue(
            "too_many_tokens",
            f"The prompt has {about}{tokens} tokens; the model reads the first {reader.limit}.",
            "Put what matters first, and shorten the rest.",
        )
    if excluded := extract(prompt[:LONGEST_PROMPT]).excluded:
        yield Issue(
            "negation",
            f"Models paint what is named, also after a 'no': {', '.join(excluded)}.",
            "Move it to negative_prompt; extract-negative/ and refine/ do so.",
        )
    if not _balanced(prompt):
        yield Issue("unbalanced_brackets", "A bracket has no partner.", "Close it or take it out.")
    words = _WORD.findall(folded(prompt))
    if repeated := [word for word, count in Counter(words).items() if count >= _OFTEN]:
        yield Issue(
            "repeated_words", f"Said {_OFTEN} times or more: {', '.join(repeated[:5])}.", "Once is enough."
        )
    if len(prompt.split()) <= _FEW_WORDS:
        yield Issue("too_short", "Few words leave most to chance.", "Add a place, light or a style.")


def _balanced(prompt: str) -> bool:
    """Whether every bracket has its partner; a backslash before one makes it a plain character."""
    opened: list[str] = []
    for letter in re.sub(r"\\.|:-?[()]", "", prompt):
        if letter in _BRACKETS.values():
            opened.append(letter)
        elif letter in _BRACKETS and (not opened or opened.pop() != _BRACKETS[letter]):
            return False
    return not opened
