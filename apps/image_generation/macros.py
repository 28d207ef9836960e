"""Angles, backgrounds and styles that a request may name: words kept in `macros.toml`."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from core.exceptions import InvalidInput

FILE = Path(__file__).with_name("macros.toml")

Kind = Literal["angle", "background_preset", "style"]


class Macro(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a name stands for: `prompt` describes the picture, `instruction` tells an editing model.

    A request may also use one of the `aliases`: some names are spelt in more than one way.
    """

    name: str
    aliases: tuple[str, ...] = ()
    title: str
    prompt: str
    instruction: str
    negative_prompt: str = ""


def all_of(kind: Kind) -> Mapping[str, Macro]:
    """The macros of one kind, by name, in the order of the file."""
    return _read()[kind]


def find(kind: Kind, name: str) -> Macro:
    """One macro. Raises InvalidInput (field `kind`) when there is none."""
    known = all_of(kind)
    for macro in known.values():
        if name in (macro.name, *macro.aliases):
            return macro
    raise InvalidInput.for_field(kind, f"There is no {name!r:.80}. Known: {', '.join(known)}.")


def worded(prompt: str, macros: Iterable[Macro], *, as_instruction: bool) -> str:
    """The request's own words, then those of the macros: sentences for an editing model, else a list."""
    words = [macro.instruction if as_instruction else macro.prompt for macro in macros]
    return (" " if as_instruction else ", ").join(part for part in (prompt, *words) if part)


@cache
def _read() -> Mapping[Kind, Mapping[str, Macro]]:
    tables = msgspec.toml.decode(FILE.read_bytes(), type=dict[Kind, list[Macro]])
    return {kind: {macro.name: macro for macro in macros} for kind, macros in tables.items()}
