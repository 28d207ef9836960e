"""A model before both judges, beside the painter itself and beside random weights."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from ml_models.starter.recipe.judge.classifier import Classifier
from ml_models.starter.recipe.judge.exam import Marks, examine
from ml_models.starter.recipe.judge.frechet import frechet_distance
from ml_models.starter.recipe.judge.lessons import Pictures, as_seen
from ml_models.starter.recipe.judge.looking import Sight, features_of, look
from ml_models.starter.recipe.judge.prompts import Prompt
from ml_models.starter.recipe.judge.samples import (
    CEILING_SEED,
    REFERENCE_SEED,
    random_samples,
    samples,
    scenes,
)
from ml_models.starter.recipe.judge.scores import Scores, score
from ml_models.starter.recipe.judge.training import JUDGES, JudgeTraining, judge

REFERENCES = 5  # painted scenes per prompt that features are compared with


@dataclass(frozen=True)
class Entry:
    """What one judge says of one set of pictures: shares, and the distance from painted scenes."""

    scores: Scores
    distance: float


@dataclass(frozen=True)
class Verdict:
    """All that is known of a model: each judge's own marks, and its entry for each set of pictures.

    The sets are "model", "ceiling" (the painter's scenes for the same prompts) and "floor" (random weights).
    sights has what the judges saw in the model's pictures.
    """

    marks: dict[str, Marks]
    entries: dict[str, dict[str, Entry]]
    pictures: dict[str, list[Image.Image]]
    sights: dict[str, list[Sight]]


def pass_verdict(
    model: Path, prompts: Sequence[Prompt], work: Path, training: JudgeTraining, floor: bool = True
) -> Verdict:
    """Trains the judges if need be, paints and judges; `work` keeps everything that took time."""
    classifiers = {kind: judge(kind, work, training) for kind in JUDGES}
    pictures = {
        "model": samples(model, prompts, work, training.device),
        "ceiling": list(scenes(prompts, CEILING_SEED)),
    }
    if floor:
        pictures["floor"] = random_samples(model, prompts, work, training.device)
    reference = _seen(scenes(prompts, REFERENCE_SEED, REFERENCES))
    entries: dict[str, dict[str, Entry]] = {}
    sights: dict[str, list[Sight]] = {}
    for kind, classifier in classifiers.items():
        painted = features_of(look(classifier, reference))
        looked = {name: look(classifier, _seen(some)) for name, some in pictures.items()}
        sights[kind] = looked["model"]
        entries[kind] = {
            name: Entry(score(prompts, seen), frechet_distance(features_of(seen), painted))
            for name, seen in looked.items()
        }
    return Verdict(_marks(classifiers, work, training), entries, pictures, sights)


def _marks(classifiers: dict[str, Classifier], work: Path, training: JudgeTraining) -> dict[str, Marks]:
    return {kind: examine(classifier, work, training.jobs) for kind, classifier in classifiers.items()}


def _seen(pictures: Iterable[Image.Image]) -> Pictures:
    return np.stack([as_seen(picture) for picture in pictures])
