"""What one clause says: the verb, what it is done to, and the telling words around them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from apps.ai_gateway.understanding.lexicon import Script
from apps.ai_gateway.understanding.quantities import Quantities
from apps.ai_gateway.understanding.words import Word

_LEAD_IN = ("polite", "and", "then")
# What may be wanted done to something; what is drawn or painted is rather a picture.
_DONE = ("remove", "remove_background", "add", "replace", "turn", "resize", "crop", "rotate", "flip", "enhance", "upscale",
         "separate", "sharpen", "brighten", "darken", "adjust", "edit", "enlarge")  # fmt: skip
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
# So many describing words are a description.
_RICH = 3
_NO = {"dung", "don't", "do not", "dont", "never", "khong duoc"}
_OUTCOMES = {"to", "into", "with", "by", "for", "as", "thanh", "sang", "bang", "so", "so that", "look like"}
_VALUES = ("colour", "style", "format", "factor", "number", "visual")


@dataclass(frozen=True)
class Frame:
    """`verb` is a concept or ""; `target` a thing of the lexicon, "picture", "depiction" (a picture OF
    something), "thing" (anything else that was named) or "none". `has` holds every concept and kind of value in
    the clause, with "definite", "indefinite", "comparative", "open" (words that the lexicon does not know),
    "deictic" and the names of quantities.
    """

    words: tuple[Word, ...]
    script: Script
    quantities: Quantities
    text: str = ""
    verb: str = ""
    verb_at: int = -1
    target: str = "none"
    target_span: tuple[int, int] = (0, 0)
    has: frozenset[str] = frozenset()
    question: bool = False
    asks_else: bool = False
    capability: bool = False
    negated: bool = False
    statement: bool = False
    foreign: int = 0
    slips: int = 0


@dataclass
class _Reader:
    words: Sequence[Word]
    script: Script
    at: int = 0
    person: bool = False
    negated: bool = False
    question: bool = False
    asks_else: bool = False
    has: set[str] = field(default_factory=set)

    def lead_in(self) -> None:
        """Passes over what comes before the request itself."""
        while self.at < len(self.words):
            word = self.words[self.at]
            if word.is_word("how") and not self._is_verb(word):
                self.question = True
            elif word.is_word("ask") and not self._is_verb(word):
                self.asks_else = True
            elif word.is_word("person"):
                self.person = True
            elif self._is_negation(word):
                self.negated = True
            elif self._is_verb(word) or not (word.kind == "mark" or word.is_word(*_LEAD_IN)):
                return
            self.at += 1

    def _is_verb(self, word: Word) -> bool:
        """Whether `word` is a verb here; "cho tôi" and "cần" are only with something to give behind them."""
        if not word.concept("verb") or word.is_word("then", "and"):
            return False
        if not word.is_word("polite", "negation", "how"):
            return True
        rest = self.words[self.words.index(word) + 1 :]
        following = next((other for other in rest if other.kind != "mark" and not other.is_word("polite")), None)
        if word.is_word("negation"):  # "dung": đừng before a verb, otherwise dựng
            return following is not None and not following.concept("verb")
        return following is not None and not following.concept("verb") and not following.is_word("how", "person")

    def _is_negation(self, word: Word) -> bool:
        if not word.is_word("negation"):
            return False
        rest = self.words[self.words.index(word) + 1 :]
        following = next((other for other in rest if not other.is_word("polite", "definite")), None)
        return following is not None and bool(following.concept("verb")) and not following.concept("thing")


def frame(words: Sequence[Word], script: Script, quantities: Quantities, text: str) -> Frame:
    """The frame of one clause of the message `text`."""
    reader = _Reader(words, script)
    reader.lead_in()
    verb_at = _find_verb(reader)
    verb = words[verb_at].concept("verb") if verb_at >= 0 else ""
    target, span, marks = _target(words, verb_at, reader.at, script)
    has = _concepts(words, verb_at, script) | marks | set(quantities.values) | {script}
    verb = _APART.get((verb, _particle(words, verb_at)), verb)
    if verb == "cause":
        verb = "make"
        has.add("causative")
    return Frame(
        words=tuple(words),
        script=script,
        quantities=quantities,
        text=text,
        verb=verb,
        verb_at=verb_at,
        target=target,
        target_span=span,
        has=frozenset(has),
        question=reader.question or _asks(words, script),
        asks_else=reader.asks_else or _asks_else(words, reader.at, verb, script),
        capability=any(word.is_word("capability") for word in words)
        and not any(word.plain in _NO for word in words),
        negated=reader.negated,
        statement=_is_statement(words, reader, verb_at),
        foreign=sum(word.is_word("foreign") for word in words),
        slips=sum(not word.exact for word in words),
    )


def _particle(words: Sequence[Word], verb_at: int) -> str:
    """What belongs to the verb and stands behind its object: "cut the man OUT"."""
    for word in words[verb_at + 1 :]:
        if word.plain in _PARTICLES:
            return word.plain.split()[0]
        if word.concept("mark") in ("out_of_picture", "from_background"):
            return "ra" if word.plain.startswith(("ra", "khoi")) else "out"
    return ""


def _find_verb(reader: _Reader) -> int:
    """The index of the clause's verb, -1 for none. Verbs inside a description are not the clause's."""
    words, first = reader.words, reader.at
    if first >= len(words):
        return -1
    if words[first].concept("verb") and not (words[first].inflected and words[first].concept("thing")):
        return _wanted_done(words, first)
    if words[first].is_word("indefinite") or words[first].is_content or words[first].kind == "number":
        described = not any(word.is_word("definite", "deictic") for word in words[first:])
        if described:
            return -1
    for at in range(first + 1, len(words)):
        word = words[at]
        if not word.concept("verb") or word.is_word("preposition", "polite", "then", "and"):
            continue
        if word.concept("thing") or word.concept("mark") or word.concept("colour") or word.concept("visual"):
            continue
        if word.inflected and not any(other.is_word("aux", "polite") for other in words[first:at]):
            continue  # "my brother paints houses"
        return at
    return -1


def _wanted_done(words: Sequence[Word], first: int) -> int:
    """ "I want the logo REMOVED": what is wanted is that something be done."""
    if words[first].concept("verb") not in ("wish", "make", "cause", "take"):
        return first
    for at in range(first + 2, len(words)):
        if words[at].inflected and words[at].concept("verb") in _DONE and words[at].plain.endswith(("ed", "d")):
            return at
    return first


def _asks(words: Sequence[Word], script: Script) -> bool:
    """A question word at the end of a Vietnamese clause, "xoá nền thế nào?", or a long one anywhere in it."""
    said = [word for word in words if word.kind != "mark" and not word.is_word("polite")]
    if script != "vi" or not said:
        return False
    asking = [word for word in said if word.is_word("how") and not word.concept("verb")]
    return any(" " in word.plain or word in said[-2:] for word in asking)


def _asks_else(words: Sequence[Word], first: int, verb: str, script: Script) -> bool:
    """Who, where, when; in Vietnamese also "có ... không?" without a verb of ours."""
    said = [word for word in words if word.kind != "mark"]
    if any(word.is_word("ask") for word in (said if script == "vi" else words[first : first + 1])):
        return True
    last_words = {"khong", "ko", "chua", "ha", "nhi"}
    return script == "vi" and not verb and bool(said) and said[-1].plain in last_words and len(said) > 1


def _is_statement(words: Sequence[Word], reader: _Reader, verb_at: int) -> bool:
    """Something that was done or is so, not something that is asked for."""
    before = words[: verb_at if verb_at >= 0 else len(words)]
    if any(word.is_word("past") for word in before):
        return True
    return reader.person and verb_at >= 0 and words[verb_at].concept("verb") != "wish"


def _target(
    words: Sequence[Word], verb_at: int, first: int, script: Script
) -> tuple[str, tuple[int, int], set[str]]:
    """What the verb is done to, the words that name it, and whether it is a known or a new one."""
    if verb_at < 0:
        start, end = first, _phrase_end(words, first)
    else:
        start = _skip_particles(words, verb_at + 1)
        end = _phrase_end(words, start)
    target, marks = _head(words, start, end, script)
    if (target == "none" or words[verb_at].inflected) and verb_at > first:
        begins = first + 1 if words[first].concept("verb") else first
        topic, topic_marks = _head(words, begins, _phrase_end(words[:verb_at], begins), script)
        if topic != "none":
            return topic, (begins, verb_at), topic_marks
    return target, (start, end), marks


def _skip_particles(words: Sequence[Word], at: int) -> int:
    """Past what may stand between a verb and its object: "tách RA con mèo", "remove for me, please, the ..."."""
    while at < len(words) and (words[at].is_word("polite") or _is_particle(words[at])):
        at += 1
    return at


def _is_particle(word: Word) -> bool:
    return word.plain in {"ra", "len", "di", "lai", "het", "out", "up", "off", "in", "cho", "hoan toan"} and not (
        word.concept("thing") or word.concept("visual")
    )


def _phrase_end(words: Sequence[Word], at: int) -> int:
    """Where the noun phrase that begins at `at` ends."""
    start = at
    while at < len(words):
        word = words[at]
        names = word.concept("thing") or word.concept("visual") or word.concept("mark") or word.concept("style")
        breaks = word.is_word("preposition", "then", "how", "negation") and not (at == start and word.is_word("definite"))
        if not names and breaks:
            return at
        if word.kind == "mark" and word.plain not in {"'", "-", "/"}:
            return at
        at += 1
    return at


def _head(words: Sequence[Word], start: int, end: int, script: Script) -> tuple[str, set[str]]:
    heads: list[str] = []
    marks: set[str] = set()
    counted = ""
    for at in range(start, end):
        word = words[at]
        if word.is_word("comparative") or (word.inflected and word.plain.endswith("er")):
            marks.add("comparative")
        if thing := word.concept("thing"):
            heads.append(thing)
        elif word.is_word("definite", "deictic"):
            marks.add("definite")
            if word.is_word("deictic"):
                marks.add("deictic")
        elif word.is_word("indefinite"):
            marks.add("indefinite")
        elif word.is_word("counter") and not word.is_content:
            counted = word.plain
        elif word.is_content and not word.concept("verb"):
            if not (word.concept("colour") or word.concept("style")) or word.concept("visual"):
                heads.append("thing")
    if counted and not heads:  # "chu" may be chữ as well as chú
        heads.append("picture" if counted in ("tam", "buc") else "thing")
    target = _main(heads, script)
    if "thing" in heads:
        marks.add("open")
    if not heads:
        return ("picture" if "deictic" in marks else "none"), marks
    if target == "picture" and "definite" not in marks:
        follows = words[end] if end < len(words) else None
        if "thing" in heads or (follows is not None and _shows(words, end, script)):
            return "depiction", marks
    return target, marks


def _main(heads: Sequence[str], script: Script) -> str:
    """The noun that the others belong to: the last in English, the first in Vietnamese."""
    if not heads:
        return "none"
    order = heads if script == "vi" else list(reversed(heads))
    for head in order[:2]:
        if head not in ("picture", "thing"):
            return head if head == order[0] or order[0] == "picture" else order[0]
    return order[0]


def _shows(words: Sequence[Word], at: int, script: Script) -> bool:
    """Whether "of", "về", "with" is followed by what a picture is to show."""
    if words[at].plain not in {"of", "ve", "with", "showing", "for", "in", "where", "that", "co", "mo ta", "on"}:
        return False
    return any(word.is_content or word.concept("visual") for word in words[at + 1 :])


def _concepts(words: Sequence[Word], verb_at: int, script: Script) -> set[str]:
    found: set[str] = set()
    for at, word in enumerate(words):
        for sense in word.senses:
            if sense.role in ("thing", "mark"):
                found.add(sense.concept)
            elif sense.role == "visual":
                found.add("visual" if _is_plain(word, script) else "visual?")
            elif sense.role in _VALUES:
                found.add(sense.role)
            elif sense.role == "verb" and at != verb_at:
                found.add(f"verb:{sense.concept}")
        if word.is_word("comparative") or (word.inflected and word.plain.endswith("er")):
            found.add("comparative")
        for concept in ("excess", "aux", "copula", "talk"):
            if word.is_word(concept):
                found.add(concept)
        if word.is_word("preposition") and word.plain in _OUTCOMES and _names(words[at + 1 :]):
            found.add("outcome")
        if word.kind == "quote":
            found.add("quote")
    content = sum(word.is_content and at != verb_at and not _only_verb(word) for at, word in enumerate(words))
    if content:
        found.add("content")
    if "visual?" in found and not found & {"talk", "copula"} and content > 1:
        found.add("visual")
    if content >= _RICH:
        found.add("rich")
    if verb_at < 0 and _acts(words):
        found.add("unknown_verb")
    return found


def _names(words: Sequence[Word]) -> bool:
    return any(word.is_content or word.concept("thing") or word.concept("colour") for word in words[:4])


def _is_plain(word: Word, script: Script) -> bool:
    """Whether it can only be this word: a lone syllable without its diacritics may be several."""
    return script == "en" or " " in word.plain or word.with_marks


def _only_verb(word: Word) -> bool:
    return bool(word.concept("verb")) and not (word.concept("visual") or word.concept("style"))


def _acts(words: Sequence[Word]) -> bool:
    """Whether something unknown takes an object, as in "order a pizza": a verb that is none of ours."""
    for before, word in zip(words, words[1:], strict=False):
        if before.is_content and not before.concept("visual") and not before.concept("verb"):
            if word.is_word("indefinite", "definite", "deictic") and not word.is_content:
                return True
    return False
