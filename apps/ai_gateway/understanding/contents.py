"""The words of a clause that are the person's own: a prompt, an instruction, the name of a thing."""

import re
from collections.abc import Sequence

from apps.ai_gateway.understanding.frames import Frame
from apps.ai_gateway.understanding.words import Word

# Quantities that a request says about the picture and not in it.
_ABOUT_THE_PICTURE = ("dimensions", "wide", "high", "pixels", "aspect", "count", "seed", "quality")
# "A picture of" says nothing; "a painting of" does, and stays.
_PLAIN_PICTURES = {
    "image", "picture", "photo", "pic", "img", "images", "pictures", "photos", "pics", "file", "canvas",
    "anh", "hinh", "hinh anh", "buc anh", "buc hinh", "tam anh", "tam hinh", "buc", "tam",
    "buc tranh", "tranh", "cai anh",
}  # fmt: skip
_OF = {"of", "ve", "showing", "with", "for", "that", "shows", "mo ta", "co", "the hien", "la"}
_FORMAT_WORDS = {"in", "as", "format", "file", "dang", "dinh dang", "duoi", "thanh", "sang", "to", "voi", "o"}
_EDGES = " \t\n,.;:!?-\u2013\u2014|/"
_DANGLING = re.compile(
    r"(?:[\s,;:]+(?:in|at|as|of|with|size|sized|by|the|a|kích thước|cỡ|size|khổ|tỉ lệ|tỷ lệ|"
    r"dạng|với|có|ở))+\s*$",
    re.IGNORECASE,
)


def description(frame: Frame) -> str:
    """What a new picture is to show: the clause without its verb, "a picture of", sizes and politeness."""
    at = _after_verb(frame)
    at = _past_picture_of(frame, at)
    return _cut(frame, at, _quantity_spans(frame))


def instruction(frame: Frame) -> str:
    """What is to be done, in the person's own words from the verb on."""
    at = max(frame.verb_at, 0) if frame.verb else _skip(frame.words, 0)
    return _cut(frame, at, [])


def named(frame: Frame) -> str:
    """What the verb is done to: "the red car behind him" is "red car"."""
    start, end = frame.target_span
    words = list(frame.words[start:end])
    while words and (words[0].is_word("definite", "polite", "counter") or words[0].kind == "mark"):
        words = words[1:]
    while words and (
        words[-1].is_word("definite", "polite", "deictic", "comparative") or words[-1].kind == "mark"
    ):
        words = words[:-1]
    return frame.text[words[0].start : words[-1].end].strip(_EDGES) if words else ""


def after(frame: Frame, *openings: str) -> str:
    """What follows the first of the words `openings` (without diacritics) behind the verb: "to a beach"."""
    for at in range(max(frame.verb_at, 0), len(frame.words)):
        if frame.words[at].plain in openings and at + 1 < len(frame.words):
            return _cut(frame, at + 1, [])
    return ""


def quoted(frame: Frame) -> str:
    """What stands in quotation marks, or behind a colon; "" for neither."""
    for word in frame.words:
        if word.kind == "quote":
            return frame.text[word.start + 1 : word.end - 1].strip()
    for at, word in enumerate(frame.words[:-1]):
        if word.plain == ":":
            return frame.text[frame.words[at + 1].start : frame.words[-1].end].strip(_EDGES)
    return ""


def _after_verb(frame: Frame) -> int:
    at = frame.verb_at + 1 if frame.verb else 0
    return _skip(frame.words, at)


def _skip(words: Sequence[Word], at: int) -> int:
    while at < len(words):
        word = words[at]
        giving = word.plain in {"me", "us", "cho", "ra", "for me", "them", "lai"} and not word.concept(
            "visual"
        )
        passing = word.is_word("polite", "then", "and") and not word.concept("verb")
        if not (giving or passing or (word.kind == "mark" and word.plain in ",:;-.!")):
            return at
        at += 1
    return at


def _past_picture_of(frame: Frame, at: int) -> int:
    """Past "3 pictures of" and "một bức ảnh về"; "a painting of" is left, it is part of what is wanted."""
    words = frame.words
    ahead = at
    while ahead < len(words) and (
        words[ahead].is_word("indefinite", "counter")
        or words[ahead].kind == "number"
        or words[ahead].concept("number")
    ):
        if words[ahead].concept("visual"):
            return at
        ahead += 1
    while ahead < len(words) and words[ahead].plain in {
        "different",
        "random",
        "new",
        "more",
        "khac nhau",
        "separate",
    }:
        ahead += 1
    if ahead >= len(words) or words[ahead].plain not in _PLAIN_PICTURES:
        return at
    ahead += 1
    if ahead < len(words) and words[ahead].plain in _OF:
        return ahead + 1
    if all(word.kind == "mark" or word.is_word("polite") for word in words[ahead:]):
        return len(words)  # "generate an image", and nothing of what
    return ahead if frame.script == "vi" and ahead < len(words) else at


def _quantity_spans(frame: Frame) -> list[tuple[int, int]]:
    spans = [span for name, span in frame.quantities.spans.items() if name in _ABOUT_THE_PICTURE]
    words = frame.words
    for at, word in enumerate(words):
        if word.concept("format"):
            first = at
            while first > 0 and words[first - 1].plain in _FORMAT_WORDS:
                first -= 1
            last = at + 1 if at + 1 < len(words) and words[at + 1].plain in _FORMAT_WORDS else at
            spans.append((words[first].start, words[last].end))
    count = frame.quantities.spans.get("count")
    if count is not None:
        spans.remove(count)  # "3 pictures of" is passed over; "3 cats" are to be seen
    return spans


def _cut(frame: Frame, at: int, without: list[tuple[int, int]]) -> str:
    words = list(frame.words[at:])
    while words and (words[-1].kind == "mark" or _closes(words[-1])):
        words.pop()
    if not words:
        return ""
    start, end = words[0].start, words[-1].end
    parts = []
    for first, last in sorted(without):
        if first >= start and last <= end:
            parts.append(frame.text[start:first])
            start = last
    parts.append(frame.text[start:end])
    text = " ".join(_DANGLING.sub("", part).strip() for part in parts)
    return re.sub(r"\s+([,.;])", r"\1", " ".join(text.split())).strip(_EDGES)


def _closes(word: Word) -> bool:
    return word.is_word("polite", "then", "and") and not (word.concept("visual") or word.concept("colour"))
