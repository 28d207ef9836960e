"""Parameters that several intents share, and how each is found in a clause."""

from apps.ai_gateway.declarations import Parameter
from apps.ai_gateway.understanding import contents
from apps.ai_gateway.understanding.frames import Frame
from core.api.fields import MAX_SEED
from core.images.encoding import FORMATS

SMALLEST, LARGEST = 16, 8192
# "A bit", as such, and "a lot": how much more or less that is.
_LITTLE, _SOME, _LOT = 0.1, 0.25, 0.5
_LITTLE_WORDS = {
    "a bit", "a little", "slightly", "a little bit", "somewhat", "bit", "little", "mot chut", "chut", "xiu",
    "mot xiu",
    "ti", "mot ti", "hoi", "nhe",
}  # fmt: skip
_LOT_WORDS = {"a lot", "much", "way", "very", "really", "rat", "that", "nhieu", "han", "qua"}


def whole(frame: Frame, name: str) -> int | None:
    """The quantity `name` as an int; None where it was not said or has a fraction."""
    value = frame.quantities.number(name)
    return int(value) if value is not None and float(value).is_integer() else None


def valued(frame: Frame, role: str) -> str | None:
    """The first value of this role in the clause: a colour's code, a style, a format."""
    return next((value for word in frame.words if (value := word.value(role))), None)


def count(frame: Frame) -> int | None:
    """How many are asked for: "3 pictures", "vài phiên bản" (3), "ba bức". One is not worth saying."""
    said = frame.quantities.number("count")
    if said is None:
        said = _number_before_picture(frame)
    return int(said) if said and said > 1 else None


def factor(frame: Frame) -> float | None:
    """How many times as large: "2x", "gấp đôi", "twice", "half", "200%"."""
    said = frame.quantities.number("factor")
    if said is None and (word := valued(frame, "factor")):
        said = float(word)
    if said is None and (percent := frame.quantities.number("percent")):
        said = percent / 100
    return said


def dimensions(frame: Frame) -> tuple[int | None, int | None]:
    """Width and height in pixels, as far as they were said. A single number is both."""
    both = frame.quantities.values.get("dimensions")
    if isinstance(both, tuple):
        return int(both[0]), int(both[1])
    width, height = whole(frame, "wide"), whole(frame, "high")
    if width is None and height is None:
        width = height = whole(frame, "pixels")
    return width, height


def aspect(frame: Frame) -> str | None:
    """ "16:9"."""
    said = frame.quantities.values.get("aspect")
    return f"{said[0]:.0f}:{said[1]:.0f}" if isinstance(said, tuple) else None


def angle(frame: Frame) -> float | None:
    """Degrees clockwise. A turn to the left without a number is a quarter."""
    said = frame.quantities.number("angle")
    if said is None:
        said = _bare_number(frame)
    if said is None and "upside_down" in frame.has:
        return 180
    if said is None and frame.has & {"left", "right"}:
        said = 90
    if said is None and frame.has & {"horizontal", "vertical"} and frame.verb == "rotate":
        said = 90
    if said is None:
        return None
    return -said if "left" in frame.has and said > 0 else said


def amount(frame: Frame) -> float:
    """How much more or less, as a share: 30 % is 0.3, "a bit" 0.1, nothing said 0.25, "a lot" 0.5."""
    if percent := frame.quantities.number("percent"):
        return percent / 100
    if times := factor(frame):
        return max(0.0, times - 1)
    plain = {word.plain for word in frame.words}
    if plain & _LITTLE_WORDS:
        return _LITTLE
    return _LOT if plain & _LOT_WORDS else _SOME


def seed(frame: Frame) -> int | None:
    return whole(frame, "seed")


def prompt(frame: Frame) -> str | None:
    return contents.description(frame) or None


def instruction(frame: Frame) -> str | None:
    """The request itself; "thêm" alone says nothing."""
    says_what = frame.target != "none" or frame.has & {"content", "quote"}
    return contents.instruction(frame) or None if says_what else None


def object_name(frame: Frame) -> str | None:
    return contents.named(frame) or None


def output_format(frame: Frame) -> str | None:
    return valued(frame, "format")


def _number_before_picture(frame: Frame) -> float | None:
    for number, thing in zip(frame.words, frame.words[1:], strict=False):
        if thing.concept("thing") in ("picture", "variations", "dataset") or thing.is_word("counter"):
            if value := number.value("number"):
                return float(value)
            if number.plain in {
                "several",
                "few",
                "a few",
                "vai",
                "may",
                "mot vai",
                "mot so",
                "some",
                "vai ba",
            }:
                return 3
            if number.plain in {"couple", "a couple", "a couple of", "mot cap"}:
                return 2
    return None


def _bare_number(frame: Frame) -> float | None:
    """ "rotate 90": digits or a number word behind the verb, with nothing that they count."""
    for word in frame.words[frame.verb_at + 1 :]:
        if word.kind == "number" and word.plain.replace(".", "", 1).isdigit():
            return float(word.plain) if float(word.plain) % 1 else int(word.plain)
        if value := word.value("number"):
            return float(value) if len(value) > 1 else None
    return None


PROMPT = Parameter("prompt", str, "What the picture shows, in the person's words.", prompt)
INSTRUCTION = Parameter("prompt", str, "What is to be changed, in the person's words.", instruction)
SEED = Parameter("seed", int, "The same seed gives the same picture.", seed, 0, MAX_SEED)
FORMAT = Parameter("output_format", str, "The file's format.", output_format, choices=FORMATS)
