"""What a message asks for, by the rules: intents with their parameters, in the order they were said."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from apps.ai_gateway.declarations import Intent
from apps.ai_gateway.intents import all_intents
from apps.ai_gateway.understanding import clauses
from apps.ai_gateway.understanding.frames import Frame, frame
from apps.ai_gateway.understanding.lexicon import Script
from apps.ai_gateway.understanding.quantities import measure
from apps.ai_gateway.understanding.similarity import Classifier, train
from apps.ai_gateway.understanding.tokens import tidy, tokenise
from apps.ai_gateway.understanding.words import Word, read_words
from core.language import Language, detect, fold

# Below this score a clause is not understood; see the docs for what was measured.
THRESHOLD = 2.0
# Where the rules know nothing: below this resemblance it stays unknown.
FAMILIAR = 0.33
MOST_STEPS = 8
# Verbs that anything may be the object of, pictured or not.
_OPEN_VERBS = ("remove", "add", "replace", "turn", "make", "edit", "cut", "separate", "take", "use", "clean",
               "increase", "decrease", "enhance", "adjust", "segment", "combine", "keep", "wish")  # fmt: skip
# Intents about things in a picture, which may be letters and phones.
_OF_THINGS = ("remove_object", "insert_object", "edit")
# Things that only pictures have: a question about one is for us.
_OURS = frozenset(
    "background mask prompt dataset resolution white_balance style format brightness contrast saturation transparent "
    "variations".split()
)
# What "it" may stand for.
_REFERRED_TO = ("prompt", "background", "subject", "object", "thing", "face")
_TELLING = frozenset(
    {"brightness", "contrast", "saturation", "quality", "resolution", "better", "sharper", "brighter", "content"}
)
_COMPLAINING = {"qua", "bi", "hoi", "too", "so", "is", "looks", "look", "was", "are", "thieu", "kinda", "has",
                "it's", "its", "that's"}  # fmt: skip
# Verbs that say no more than that something is to be done about it.
_VAGUE = ("edit", "enhance", "adjust", "make", "balance")


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
    """`steps` in order; none where the message was not understood or asks for help (then `topic` may name the
    intent it asks about). `frames` are its clauses.
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
    frames = [_frame(clause, script, text, folded) for clause in clauses.split(words)]
    if not frames:
        return Reading(language)
    if asked := _asked(frames, language):
        return asked
    steps: list[Wanted] = []
    for index, each in enumerate(frames):
        if len(steps) < MOST_STEPS and (wanted := _wanted(each, frames[:index])):
            if index and _is_complaint(frames[index - 1]) and steps and each.verb:
                if each.verb in _VAGUE and each.target in ("picture", "none") and not each.has & _TELLING:
                    continue  # "the photo is blurry, fix it": the complaint says more than the request
                steps.pop()  # "it is too dark, brighten it": the request says it again
            _append(steps, wanted)
    return Reading(language, tuple(steps), frames=tuple(frames))


def _frame(clause: list[Word], script: Script, text: str, folded: str) -> Frame:
    return frame(clause, script, measure(folded, clause[0].start, clause[-1].end), text)


def _asked(frames: list[Frame], language: Language) -> Reading | None:
    """Help, or nothing, for a message that asks something instead of asking for something."""
    first = next(
        (each for each in frames if each.verb or each.question or each.capability or each.asks_else), frames[0]
    )
    if first.question and first.verb == "use" and not first.foreign:
        return Reading(language, help=True, frames=tuple(frames))
    if first.capability and not first.negated and (first.question or not first.verb or first.target == "none"):
        best = _best(first)
        return Reading(language, help=True, topic=best[1].name if best and first.verb else "", frames=tuple(frames))
    if first.asks_else and not _offers(first):
        return Reading(language, frames=tuple(frames))
    if not first.question:
        return None
    best = _best(first)
    helps = not first.foreign and (_is_ours(first, best[1]) if best else bool(first.has & _OURS))
    topic = best[1].name if best and helps else ""
    return Reading(language, help=helps, topic=topic, frames=tuple(frames))


def _offers(each: Frame) -> bool:
    """ "Có bản khác không?" asks whether there is one, and for it."""
    best = _best(each)
    return each.script == "vi" and best is not None and best[1].name not in ("generate", "edit") and not each.foreign


def _is_ours(each: Frame, intent: Intent) -> bool:
    """Whether a question is about pictures: "how do I remove a hat from a photo", not "how do I cook rice"."""
    if intent.name == "generate":
        return each.verb in ("draw", "generate")
    open_object = each.verb in _OPEN_VERBS and each.target == "thing"
    return not open_object or bool(each.has & {"picture", "visual", "style"})


def _wanted(each: Frame, before: list[Frame]) -> Wanted | None:
    if each.negated or each.statement:
        return None
    best = _best(_resolved(each, before))
    if best is None:
        return _familiar(each)
    score, intent, margin = best
    if _is_foreign(each, intent):
        return None
    return Wanted(intent, intent.read(each), _confidence(score, margin, each))


def _familiar(each: Frame) -> Wanted | None:
    """What the rules do not know, but which resembles examples of an intent; None where it does not enough."""
    if each.foreign:
        return None
    start, end = each.words[0].start, each.words[-1].end
    label, score = max(_classifier().scores(each.text[start:end]).items(), key=lambda pair: pair[1])
    if score < FAMILIAR or label in ("unknown", "help"):
        return None
    intent = all_intents()[label]
    return Wanted(intent, intent.read(each), round(min(0.7, score), 2))


@cache
def _classifier() -> Classifier:
    """Trained on the declarations' examples, and on those that were collected beside them."""
    collected = (Path(__file__).parent / "understanding" / "examples.tsv").read_text(encoding="utf-8")
    pairs = [line.split("\t") for line in collected.splitlines()[1:]]
    declared = [(text, intent.name) for intent in all_intents().values() for text in intent.examples]
    return train([*declared, *((text, label) for label, text in pairs)])


def _best(each: Frame) -> tuple[float, Intent, float] | None:
    """The score, the intent and its lead over the next one; None where nothing reaches the threshold."""
    ranked = sorted(
        ((intent.score(each), intent) for intent in all_intents().values()), key=lambda pair: -pair[0]
    )
    if ranked[0][0] < THRESHOLD:
        return None
    return ranked[0][0], ranked[0][1], ranked[0][0] - ranked[1][0]


def _is_complaint(each: Frame) -> bool:
    """What is wrong with a picture, and no request: "the photo looks too dark"."""
    said = {part for word in each.words for part in word.plain.split()}
    return not each.verb and bool(said & _COMPLAINING) and each.target not in ("depiction", "thing")


def _resolved(each: Frame, before: list[Frame]) -> Frame:
    """ "The background is ugly, remove it": "it" is what the clause before, without a verb, was about."""
    if not before or each.target not in ("picture", "none") or not each.verb:
        return each
    if "deictic" not in each.has and each.verb not in ("remove", "replace", "separate"):
        return each
    last = before[-1]
    if (last.verb and not (last.negated or last.statement)) or last.target not in _REFERRED_TO:
        return each
    return Frame(**{**each.__dict__, "target": last.target, "has": each.has | last.has})


def _is_foreign(each: Frame, intent: Intent) -> bool:
    """Whether it speaks of something that is no picture; a picture may show anything, though."""
    if not each.foreign or (each.foreign == 1 and "picture" in each.has and intent.name in _OF_THINGS):
        return False
    shown = each.verb == "draw" or ("indefinite" in each.has and each.has & {"depiction", "visual"})
    return not (intent.name == "generate" and shown)


def _confidence(score: float, margin: float, each: Frame) -> float:
    sure = 0.55 + 0.12 * (score - THRESHOLD) + 0.08 * min(margin, 2) - 0.05 * each.slips
    return round(min(0.99, max(0.3, sure)), 2)


def _append(steps: list[Wanted], wanted: Wanted) -> None:
    """A clause that only adds to the step before it is no step of its own."""
    if steps and steps[-1].intent.name == wanted.intent.name and wanted.intent.pictures:
        last = steps[-1]
        if not set(last.parameters) & set(wanted.parameters) or last.parameters == wanted.parameters:
            steps[-1] = Wanted(
                last.intent,
                {**last.parameters, **wanted.parameters},
                max(last.confidence, wanted.confidence),
            )
            return
    steps.append(wanted)
