"""The 200 fixed prompts that models are judged on, and what each asks for.

prompts.jsonl has one prompt a line. It was made once and is never changed, or old scores could not be
compared with new ones. Training leaves out every caption that says the same (see `is_judged`).
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("prompts.jsonl")


@dataclass(frozen=True)
class Prompt:
    """What a prompt says, and the scene that it asks for.

    kind is "single" (one thing), "pair" (two), "scenery" (none) or "unknown" (one thing, and words that no
    caption has). things has each thing's name and its colour, where the prompt names one. setting is as the
    painter calls it, background the colour of a plain one; time is None where the prompt leaves it open.
    """

    text: str
    language: str
    kind: str
    things: tuple[tuple[str, str | None], ...]
    setting: str
    background: str | None
    time: str | None


@cache
def prompts() -> tuple[Prompt, ...]:
    """All of them, in their fixed order, which is also the order of their seeds."""
    rows = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
    return tuple(Prompt(**row | {"things": tuple((n, c) for n, c in row["things"])}) for row in rows)


def is_judged(caption: str) -> bool:
    """Whether a caption says word for word what one of the prompts says."""
    return _plain(caption) in _judged()


@cache
def _judged() -> frozenset[str]:
    return frozenset(_plain(prompt.text) for prompt in prompts())


def _plain(text: str) -> str:
    return " ".join(text.lower().replace(",", " ").strip(" .").split())
