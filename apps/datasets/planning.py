"""What a set will hold: a prompt and a seed for every picture, drawn from the set's own seed."""

import random
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from core.language import detect


def seeds(first: int, count: int) -> tuple[int, ...]:
    """`count` different seeds. A larger set from the same seed begins with those of the smaller."""
    return tuple(islice(_different(random.Random(f"seeds {first}")), count))  # noqa: S311 - to be repeatable


def prompts(label: str, first: int, count: int, *, own: Sequence[str] = ()) -> tuple[str, ...]:
    """Prompts to use in turn: `own` about `label`, or `count` that are varied from it, in its language."""
    if own:
        return tuple(filled(prompt, label) for prompt in own[:count])
    drawing = random.Random(f"prompts {first}")  # noqa: S311 - to be repeatable
    parts = _parts()["vi" if detect(label).language == "vi" else "en"]
    kinds = list(parts["kinds"])
    drawing.shuffle(kinds)
    return tuple(_varied(kinds[number % len(kinds)], label, parts, drawing) for number in range(count))


def filled(prompt: str, label: str) -> str:
    """A prompt of the client's own, about `label`."""
    return prompt.replace("{label}", label)


def _different(drawing: random.Random) -> Iterator[int]:
    drawn: set[int] = set()
    while True:
        if (seed := drawing.getrandbits(32)) not in drawn:
            drawn.add(seed)
            yield seed


def _varied(kind: str, label: str, parts: dict[str, Any], drawing: random.Random) -> str:
    chosen = (
        kind.replace("{label}", label),
        drawing.choice(parts["places"]),
        drawing.choice(parts["lights"]),
    )
    return " ".join(part for part in chosen if part)


@cache
def _parts() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "rules" / "prompts.toml").read_text(encoding="utf-8"))
