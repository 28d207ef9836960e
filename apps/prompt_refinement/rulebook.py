"""The rules: what the files in `rules/` say, read and compiled once."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from re import Pattern
from typing import Any

from apps.prompt_refinement.phrases import folded, pattern

_FOLDER = Path(__file__).parent / "rules"


@dataclass(frozen=True)
class Style:
    """`terms` by language are added to a prompt, `negative` to its negative prompt.

    `called` matches what a request may call it, `named` finds its name in a folded prompt, `present` also its
    terms. A `plain` style lives from leaving things out.
    """

    name: str
    terms: Mapping[str, tuple[str, ...]]
    negative: tuple[str, ...]
    plain: bool
    called: Pattern[str]
    named: Pattern[str]
    present: Pattern[str]


@dataclass(frozen=True)
class Rulebook:
    """`styles` by name; `quality` terms to add, by language; `refined` finds any such term in folded text."""

    styles: Mapping[str, Style]
    quality: Mapping[str, tuple[str, ...]]
    refined: Pattern[str]
    negative: tuple[str, ...]

    def style(self, wanted: str) -> Style | None:
        """The style with this name or alias, in either language; None when it is not among the rules."""
        plain = folded(wanted)
        return next((style for style in self.styles.values() if style.called.fullmatch(plain)), None)

    def styles_named_in(self, folded_text: str) -> list[Style]:
        """The styles that a prompt names by itself."""
        return [style for style in self.styles.values() if style.named.search(folded_text)]


@cache
def rulebook() -> Rulebook:
    """The rules of this installation."""
    quality = _read("quality.toml")
    languages = {name: quality[name] for name in ("en", "vi")}
    return Rulebook(
        styles={entry["name"]: _style(entry) for entry in _read("styles.toml")["style"]},
        quality={name: tuple(entry["add"]) for name, entry in languages.items()},
        refined=pattern(term for entry in languages.values() for term in (*entry["add"], *entry["known"])),
        negative=tuple(quality["negative"]),
    )


@cache
def limits() -> Mapping[str, Any]:
    """What limits.toml says."""
    return _read("limits.toml")


@cache
def negations() -> Mapping[str, Any]:
    """What negations.toml says."""
    return _read("negations.toml")


def _style(entry: dict[str, Any]) -> Style:
    names = (entry["name"], entry["name"].replace("-", " "), *entry["aliases"])
    return Style(
        name=entry["name"],
        terms={"en": tuple(entry["en"]), "vi": tuple(entry["vi"])},
        negative=tuple(entry["negative"]),
        plain=entry.get("plain", False),
        called=pattern((*names, *entry.get("also", ()))),
        named=pattern(names),
        present=pattern((*names, *entry["en"], *entry["vi"])),
    )


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / name).read_text(encoding="utf-8"))
