"""The numbers in a sentence and what they measure: sizes, angles, counts, percentages, factors, aspects.

Each is looked for in the folded text with expressions that cannot run long: no repeats inside repeats.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_NUMBER = r"(?P<n>\d{1,5})"
_IS = r"\s?(?:to|of|is|=|:|la|thanh|ve|con|bang|at|len)?\s?"
_WIDE = r"(?:wide|width|in width|across|chieu rong|be rong|chieu ngang|be ngang|rong|ngang)"
_TALL = r"(?:tall|high|height|in height|chieu cao|be cao|cao)"
_PIXELS = r"(?:px|pixels?|pixel|diem anh)"
_PICTURES = (
    r"(?:images?|pictures?|photos?|pics?|variations?|variants?|versions?|options?|samples?|renders?|drawings?|"
    r"paintings?|takes?|alternatives?|illustrations?|examples?|anh|buc|tam|hinh|phien ban|bien the|"
    r"kieu|mau|ban|buc tranh|"
    r"phuong an|tranh|sketches|portraits?|wallpapers?|logos?|icons?|shots?)"
)
_PATTERNS = {
    "dimensions": (rf"(?P<w>\d{{2,5}})\s?{_PIXELS}?\s?(?:x|\u00d7|\*|by|nhan|va)\s?(?P<h>\d{{2,5}})\b",),
    "wide": (
        rf"\b(?:width|chieu rong|be rong|chieu ngang|be ngang){_IS}{_NUMBER}(?![:\d])",
        rf"\b{_NUMBER}\s?{_PIXELS}?\s?(?:in )?{_WIDE}\b",
        rf"\b{_WIDE}{_IS}{_NUMBER}(?![:\d])",
    ),
    "high": (
        rf"\b(?:height|chieu cao|be cao){_IS}{_NUMBER}(?![:\d])",
        rf"\b{_NUMBER}\s?{_PIXELS}?\s?(?:in )?{_TALL}\b",
        rf"\b{_TALL}{_IS}{_NUMBER}(?![:\d])",
    ),
    "pixels": (rf"\b{_NUMBER}\s?{_PIXELS}\b",),
    "aspect": (r"\b(?P<a>\d{1,2})\s?(?::|/| by )\s?(?P<b>\d{1,2})\b(?!\s?(?:am|pm|%))",),
    "angle": (
        r"(?P<minus>-\s?)?\b(?P<n>\d{1,3}(?:[.,]\d{1,2})?)\s?(?:°|degrees?|degs?|do)(?![a-z])",
        r"\b(?P<quarter>quarter turn|1/4 vong|mot phan tu vong)\b",
        r"\b(?P<half>half turn|half a turn|nua vong|1/2 vong)\b",
    ),
    "quality": (
        r"\b(?:quality|chat luong)" + _IS + r"(?P<n>\d{1,3})(?!\d)",
        r"\b(?P<n>\d{1,3})\s?%?\s?quality\b",
    ),
    "percent": (r"(?P<n>\d{1,3}(?:[.,]\d{1,2})?)\s?(?:%|percent|pct|phan tram)",),
    "factor": (
        r"(?<![\w.])(?P<n>\d{1,2}(?:[.,]\d)?)\s?x(?![a-z0-9])",
        r"(?<![\w.])x\s?(?P<n>\d{1,2}(?:[.,]\d)?)(?![\w:])",
        r"\b(?P<n>\d{1,2})\s?(?:times|lan)\b",
    ),
    "count": (
        rf"\b(?P<n>\d{{1,4}})\s?(?:different |more |other |similar |new |random |synthetic |"
        rf"labell?ed |cai |training |khac )?"
        rf"{_PICTURES}\b",
    ),
    "noise": (
        r"\b(?:noise level|noise|do nhieu|muc nhieu|nhieu)" + _IS + r"(?P<n>[01](?:[.,]\d{1,3})?)(?![\d%])",
    ),
    "seed": (r"\bseed" + _IS + r"(?P<n>\d{1,10})\b",),
    "resolution": (r"\b(?P<k>[248])\s?k\b",),
    "setting": (r"(?:to|=|la|len|xuong|thanh|at|bang|ve)\s?(?P<n>\d(?:[.,]\d{1,2})?)(?![\d:%x])",),
    "colour": (r"(?P<hex>#(?:[0-9a-f]{6}|[0-9a-f]{3}))\b",),
    "box": (r"[\[(]\s?(?P<x0>\d{1,5}),\s?(?P<y0>\d{1,5}),\s?(?P<x1>\d{1,5}),\s?(?P<y1>\d{1,5})\s?[\])]",),
}
_COMPILED = {name: [re.compile(pattern) for pattern in patterns] for name, patterns in _PATTERNS.items()}


@dataclass
class Quantities:
    """What was measured, by name, and where: `spans` are the characters each took."""

    values: dict[str, float | tuple[float, ...] | str] = field(default_factory=dict)
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)

    def number(self, name: str) -> float | None:
        """The one number called `name`; None where it was not said."""
        value = self.values.get(name)
        return value if isinstance(value, int | float) else None


def measure(folded: str, start: int = 0, end: int | None = None) -> Quantities:
    """The quantities in `folded[start:end]`, lower-case text without diacritics.

    The first of each kind counts.
    """
    found = Quantities()
    for name, patterns in _COMPILED.items():
        for at, value in _search(name, patterns, folded, start, len(folded) if end is None else end):
            if not any(at[0] < end and start < at[1] for start, end in _taken(found, name)):
                found.values[name] = value
                found.spans[name] = at
                break
    return found


def _taken(found: Quantities, name: str) -> list[tuple[int, int]]:
    """What a number already measures. A count or a setting may not be the digits of something else."""
    return [] if name in ("dimensions", "wide", "high") else list(found.spans.values())


def _search(
    name: str, patterns: list[re.Pattern[str]], text: str, start: int, end: int
) -> Iterator[tuple[tuple[int, int], float | tuple[float, ...] | str]]:
    for pattern in patterns:
        for match in pattern.finditer(text, start, end):
            value = _value(name, match)
            if value is not None:
                yield match.span(), value


def _value(name: str, match: re.Match[str]) -> float | tuple[float, ...] | str | None:
    groups = match.groupdict()
    match name:
        case "dimensions":
            return int(groups["w"]), int(groups["h"])
        case "aspect":
            a, b = int(groups["a"]), int(groups["b"])
            return (a, b) if a and b else None
        case "angle" if not groups.get("n"):
            return 90 if groups.get("quarter") else 180
        case "angle":
            return _float(groups["n"]) * (-1 if groups.get("minus") else 1)
        case "colour":
            digits = groups["hex"][1:]
            return "#" + (digits if len(digits) == 6 else "".join(2 * digit for digit in digits))
        case "box":
            return tuple(int(groups[side]) for side in ("x0", "y0", "x1", "y1"))
        case "resolution":
            return int(groups["k"])
        case _:
            return _float(groups["n"])


def _float(text: str) -> float:
    value = float(text.replace(",", "."))
    return int(value) if value.is_integer() else value
