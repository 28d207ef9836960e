"""Which word of a clause says what is to be done."""

from collections.abc import Sequence

from apps.ai_gateway.understanding.words import Word

# What may be wanted done to something; what is drawn or painted is rather a picture.
_DONE = frozenset(
    [
        "remove",
        "remove_background",
        "add",
        "replace",
        "turn",
        "resize",
        "crop",
        "rotate",
        "flip",
        "enhance",
        "upscale",
        "separate",
        "sharpen",
        "brighten",
        "darken",
        "adjust",
        "edit",
        "enlarge",
    ]
)
_WANTING = ("wish", "make", "cause", "take")
# A verb and a particle apart from it: "cut ... out" is "cut out".
_PARTICLES = {"out", "off", "away", "ra", "di", "out of", "up"}
_APART = {
    ("cut", "out"): "separate",
    ("cut", "ra"): "separate",
    ("take", "out"): "remove",
    ("take", "off"): "remove",
    ("take", "away"): "remove",
    ("take", "ra"): "separate",
    ("take", "di"): "remove",
    ("take", "in"): "add",
    ("resize", "up"): "enlarge",
}


def find_verb(words: Sequence[Word], first: int) -> int:
    """The index of the clause's verb, -1 for none. Verbs inside a description are not the clause's."""
    if first >= len(words):
        return -1
    if words[first].concept("verb") and not (words[first].inflected and words[first].concept("thing")):
        return _wanted_done(words, first)
    if _describes(words, first):
        return -1
    return next((at for at in range(first + 1, len(words)) if _is_main(words, first, at)), -1)


def full_verb(words: Sequence[Word], at: int) -> str:
    """The verb at `at` with the particle that belongs to it: "cut the man OUT"."""
    if at < 0:
        return ""
    verb = words[at].concept("verb")
    return _APART.get((verb, _particle(words, at)), verb)


def _describes(words: Sequence[Word], first: int) -> bool:
    """Whether it begins as a description does ("a cat", "con mèo") and speaks of nothing that is at hand."""
    begins = words[first].is_word("indefinite") or words[first].is_content or words[first].kind == "number"
    return begins and not any(word.is_word("definite", "deictic") for word in words[first:])


def _is_main(words: Sequence[Word], first: int, at: int) -> bool:
    word = words[at]
    if not word.concept("verb") or word.is_word("preposition", "polite", "then", "and"):
        return False
    if any(word.concept(role) for role in ("thing", "mark", "colour", "visual")):
        return False
    helped = any(other.is_word("aux", "polite") for other in words[first:at])
    return helped or not word.inflected  # not so in "my brother paints houses"


def _wanted_done(words: Sequence[Word], first: int) -> int:
    """ "I want the logo REMOVED": what is wanted is that something be done."""
    if words[first].concept("verb") not in _WANTING:
        return first
    for at in range(first + 2, len(words)):
        word = words[at]
        if word.inflected and word.concept("verb") in _DONE and word.plain.endswith("d"):
            return at
    return first


def _particle(words: Sequence[Word], verb_at: int) -> str:
    for word in words[verb_at + 1 :]:
        if word.plain in _PARTICLES:
            return word.plain.split()[0]
        if word.concept("mark") in ("out_of_picture", "from_background"):
            return "ra" if word.plain.startswith(("ra", "khoi")) else "out"
    return ""
