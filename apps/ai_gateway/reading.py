"""What a message asks for, by the rules: intents with their parameters, in the order they were said."""

from dataclasses import dataclass, field, replace
from typing import Any

from apps.ai_gateway.declarations import Intent
from apps.ai_gateway.recognition import Recognised, best_by_signs, recognise
from apps.ai_gateway.understanding import clauses
from apps.ai_gateway.understanding.frames import Frame, frame
from apps.ai_gateway.understanding.lexicon import Script
from apps.ai_gateway.understanding.quantities import measure
from apps.ai_gateway.understanding.tokens import tidy, tokenise
from apps.ai_gateway.understanding.words import Word, read_words
from core.language import Language, detect, fold

# What "it" may stand for.
_REFERRED_TO = ("prompt", "background", "subject", "object", "thing", "face")
# Verbs that say no more than that something is to be done about it, and words that say more.
_VAGUE = ("edit", "enhance", "adjust", "make", "balance")
_TELLING = frozenset(
    [
        "brightness",
        "contrast",
        "saturation",
        "quality",
        "resolution",
        "better",
        "sharper",
        "brighter",
        "content",
    ]
)
# Words with which people say what is wrong with a picture.
_COMPLAINING = frozenset(
    [
        "qua",
        "bi",
        "hoi",
        "too",
        "so",
        "is",
        "looks",
        "look",
        "was",
        "are",
        "thieu",
        "kinda",
        "has",
        "it's",
        "its",
        "that's",
    ]
)
# Verbs that anything may be the object of, pictured or not.
_OPEN_VERBS = frozenset(
    [
        "remove",
        "add",
        "replace",
        "turn",
        "make",
        "edit",
        "cut",
        "separate",
        "take",
        "use",
        "clean",
        "increase",
        "decrease",
        "enhance",
        "adjust",
        "segment",
        "combine",
        "keep",
        "wish",
    ]
)
# Things that only pictures have: a question about one is for us.
_OURS = frozenset(
    [
        "background",
        "mask",
        "prompt",
        "dataset",
        "resolution",
        "white_balance",
        "style",
        "format",
        "brightness",
        "contrast",
        "saturation",
        "transparent",
        "variations",
    ]
)


@dataclass(frozen=True)
class Wanted:
    """One step: an intent, its parameters, and how sure that is (0 to 1).

    `said` are the parameters' own words where they have been bettered since.
    """

    intent: Intent
    parameters: dict[str, Any]
    confidence: float
    said: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """`steps` in order; none where the message was not understood or asks for help.

    Then `topic` may name the intent it asks about. `frames` are its clauses.
    """

    language: Language
    steps: tuple[Wanted, ...] = ()
    help: bool = False
    topic: str = ""
    frames: tuple[Frame, ...] = field(default=(), repr=False)

    @property
    def intent(self) -> str:
        """The name of the first step, "help" or "unknown"."""
        if self.steps:
            return self.steps[0].intent.name
        return "help" if self.help else "unknown"

    @property
    def confidence(self) -> float:
        """Of the least sure step; 1 for help, 0 for unknown."""
        return min((step.confidence for step in self.steps), default=1.0 if self.help else 0.0)


def read(message: str) -> Reading:
    """What `message` asks for. Never raises; takes time in proportion to the message's length."""
    text = tidy(message)
    language = detect(text).language
    script: Script = "vi" if language == "vi" else "en"
    words = read_words(tokenise(text), script)
    folded = fold(text)
    frames = tuple(_frame(clause, script, text, folded) for clause in clauses.split(words))
    reading = Reading(language, frames=frames)
    if not frames:
        return replace(reading, help=any(word.is_word("plea", "capability") for word in words))
    return _answer_to_question(reading) or replace(reading, steps=_steps(frames))


def _frame(clause: list[Word], script: Script, text: str, folded: str) -> Frame:
    return frame(clause, script, measure(folded, clause[0].start, clause[-1].end), text)


def _answer_to_question(reading: Reading) -> Reading | None:
    """Help, or nothing, for a message that asks something; None where it asks FOR something."""
    asking = (
        each for each in reading.frames if each.verb or each.question or each.capability or each.asks_else
    )
    first = next(asking, reading.frames[0])
    best = best_by_signs(first)
    if first.question and first.verb == "use" and not first.foreign:
        return replace(reading, help=True)
    if (
        first.capability
        and not first.negated
        and (first.question or not first.verb or first.target == "none")
    ):
        return replace(reading, help=True, topic=best.intent.name if best and first.verb else "")
    if first.asks_else and not _offers(first, best):
        return reading
    if not first.question:
        return None
    if not first.verb and not first.has & _OURS:
        return replace(reading, help=_is_bare(first))
    helps = not first.foreign and (_is_ours(first, best.intent) if best else True)
    return replace(reading, help=helps, topic=best.intent.name if best and helps else "")


def _offers(each: Frame, best: Recognised | None) -> bool:
    """ "Có bản khác không?" asks whether there is one, and for it."""
    if each.script != "vi" or best is None or each.foreign:
        return False
    return best.intent.name not in ("generate", "edit")


def _is_bare(each: Frame) -> bool:
    """ "How?", "hướng dẫn": a question about everything."""
    return not each.foreign and not any(
        word.kind == "number" or word.is_content or word.concept("thing") for word in each.words
    )


def _is_ours(each: Frame, intent: Intent) -> bool:
    """Whether a question is about pictures: "how do I remove a hat from a photo", not "how do I cook"."""
    if intent.name == "generate":
        return each.verb in ("draw", "generate")
    if each.verb not in _OPEN_VERBS or each.target != "thing":
        return True
    shown = "visual" in each.has and each.verb in ("add", "remove", "replace", "separate", "segment")
    return shown or bool(each.has & {"picture", "style"})


def _steps(frames: tuple[Frame, ...]) -> tuple[Wanted, ...]:
    steps: list[Wanted] = []
    for index, each in enumerate(frames):
        before = frames[index - 1] if index else None
        wanted = _wanted(each, before)
        if wanted is None:
            continue
        if before and steps and each.verb and _is_complaint(before):
            if each.verb in _VAGUE and each.target in ("picture", "none") and not each.has & _TELLING:
                continue  # "the photo is blurry, fix it": the complaint says more than the request
            steps.pop()  # "it is too dark, brighten it": the request says it again
        _append(steps, wanted)
    return tuple(steps)


def _wanted(each: Frame, before: Frame | None) -> Wanted | None:
    if each.negated or each.statement:
        return None
    found = recognise(_resolved(each, before))
    return Wanted(found.intent, found.intent.read(each), found.confidence) if found else None


def _is_complaint(each: Frame) -> bool:
    """What is wrong with a picture, and no request: "the photo looks too dark"."""
    said = {part for word in each.words for part in word.plain.split()}
    return not each.verb and bool(said & _COMPLAINING) and each.target not in ("depiction", "thing")


def _resolved(each: Frame, before: Frame | None) -> Frame:
    """ "The background is ugly, remove it": "it" is what the clause before, without a verb, was about."""
    refers = each.verb and each.target in ("picture", "none")
    refers = refers and ("deictic" in each.has or each.verb in ("remove", "replace", "separate"))
    if before is None or not refers or before.target not in _REFERRED_TO:
        return each
    if before.verb and not (before.negated or before.statement):
        return each
    return replace(each, target=before.target, has=each.has | before.has)


def _append(steps: list[Wanted], wanted: Wanted) -> None:
    """A clause that only adds to the step before it is no step of its own."""
    last = steps[-1] if steps else None
    if last is None or last.intent.name != wanted.intent.name or not wanted.intent.uses_image:
        steps.append(wanted)
    elif not set(last.parameters) & set(wanted.parameters) or last.parameters == wanted.parameters:
        parameters = {**last.parameters, **wanted.parameters}
        steps[-1] = Wanted(last.intent, parameters, max(last.confidence, wanted.confidence))
    else:
        steps.append(wanted)
