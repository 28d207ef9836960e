"""Which intent a clause says: by the declarations' signs, or else by its resemblance to examples."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from apps.ai_gateway.declarations import Intent
from apps.ai_gateway.intents import all_intents
from apps.ai_gateway.understanding.frames import Frame
from apps.ai_gateway.understanding.similarity import Classifier, train

# A clause whose best score is below is not understood by its signs, nor by resemblance below the other.
# What was measured with them is in docs/ai-gateway.md.
THRESHOLD = 2.0
FAMILIAR = 0.33
_SUREST_BY_RESEMBLANCE = 0.7
_SHORTEST = 4  # characters: less resembles anything

# The label of examples that are not for us.
_NONE = "unknown"
# A clause that has one of these is about a picture, whatever else it speaks of.
_PICTORIAL = frozenset(
    {"picture", "visual", "visual?", "style", "format", "dimensions", "wide", "high", "pixels"}
    | {"background", "face", "mask", "prompt", "dataset"}
)
# Intents about things in a picture, which may be letters and phones.
_OF_THINGS = ("remove_object", "insert_object", "edit")


@dataclass(frozen=True)
class Recognised:
    """An intent, and how sure that is (0 to 1)."""

    intent: Intent
    confidence: float


def recognise(frame: Frame) -> Recognised | None:
    """What `frame` says; None for what is not understood, and for what is about anything but pictures."""
    if by_signs := best_by_signs(frame):
        strange = _is_foreign(frame, by_signs.intent) or _reads_foreign(frame, by_signs.intent)
        return None if strange else by_signs
    tells = not frame.verb and frame.has & {"talk", "copula", "aux"}
    return None if frame.foreign or tells else _by_resemblance(frame)


def best_by_signs(frame: Frame) -> Recognised | None:
    """The intent whose signs weigh most, foreign words or not; None where none weighs enough."""
    scores = sorted(((intent.score(frame), name) for name, intent in all_intents().items()), reverse=True)
    (score, name), (next_score, _) = scores[:2]
    if score < THRESHOLD:
        return None
    sure = 0.55 + 0.12 * (score - THRESHOLD) + 0.08 * min(score - next_score, 2) - 0.05 * frame.slips
    return Recognised(all_intents()[name], round(min(0.99, max(0.3, sure)), 2))


def _by_resemblance(frame: Frame) -> Recognised | None:
    scores = _resemblances(frame)
    label = max(scores, key=lambda name: scores[name])
    if scores[label] < FAMILIAR or label in (_NONE, "help"):
        return None
    return Recognised(all_intents()[label], round(min(_SUREST_BY_RESEMBLANCE, scores[label]), 2))


def _reads_foreign(frame: Frame, intent: Intent) -> bool:
    """Whether it is done to something that no picture need have, and resembles what is not for us more than
    `intent`: "add me to the group".
    """
    changes_it = frame.verb == "make" and "deictic" in frame.has
    if frame.target != "thing" or frame.has & _PICTORIAL or changes_it:
        return False
    scores = _resemblances(frame)
    return scores[_NONE] > scores.get(intent.name, 0.0)


def _resemblances(frame: Frame) -> dict[str, float]:
    """How much the clause resembles examples of each intent, and of what is none."""
    start, end = frame.words[0].start, frame.words[-1].end
    if end - start < _SHORTEST:
        return dict.fromkeys((*all_intents(), _NONE), 0.0)
    return _classifier().scores(frame.text[start:end])


def _is_foreign(frame: Frame, intent: Intent) -> bool:
    """Whether it speaks of something that is no picture; a picture may show anything, though."""
    if not frame.foreign or (frame.foreign == 1 and "picture" in frame.has and intent.name in _OF_THINGS):
        return False
    shown = frame.verb == "draw" or (
        "indefinite" in frame.has and (frame.target == "depiction" or "visual" in frame.has)
    )
    return not (intent.name == "generate" and shown)


@cache
def _classifier() -> Classifier:
    """Trained on the declarations' examples, and on those that were collected beside them."""
    collected = (Path(__file__).parent / "understanding" / "examples.tsv").read_text(encoding="utf-8")
    pairs = [line.split("\t") for line in collected.splitlines()[1:]]
    declared = [(text, intent.name) for intent in all_intents().values() for text in intent.examples]
    return train([*declared, *((text, label) for label, text in pairs)])
