"""A judge looks at pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from ml_models.starter.recipe.autoencoder import to_unit
from ml_models.starter.recipe.judge.classifier import Classifier
from ml_models.starter.recipe.judge.labels import COLOUR_NAMES, LIGHTS, SETTINGS, THINGS
from ml_models.starter.recipe.judge.lessons import Pictures

BATCH = 64


@dataclass(frozen=True)
class Sight:
    """What is seen in one picture.

    things are all names, the likeliest first; colours has the colour of every thing if it were there;
    features (64,) are for distances between sets of pictures.
    """

    things: tuple[str, ...]
    colours: dict[str, str]
    setting: str
    light: str
    features: NDArray[np.float64]


@torch.no_grad()
def look(judge: Classifier, pictures: Pictures) -> list[Sight]:
    """What the judge sees in pictures, uint8 (n, 128, 128, 3)."""
    device = next(judge.parameters()).device
    sights: list[Sight] = []
    for first in range(0, len(pictures), BATCH):
        seen = judge(to_unit(torch.from_numpy(pictures[first : first + BATCH]).to(device)))
        sights += [
            Sight(
                things=tuple(THINGS[i] for i in order),
                colours={thing: COLOUR_NAMES[i] for thing, i in zip(THINGS, colours, strict=True)},
                setting=SETTINGS[setting],
                light=LIGHTS[light],
                features=features,
            )
            for order, colours, setting, light, features in zip(
                seen.things.argsort(-1, descending=True).tolist(),
                seen.colours.argmax(-1).tolist(),
                seen.settings.argmax(-1).tolist(),
                seen.lights.argmax(-1).tolist(),
                seen.features.cpu().double().numpy(),
                strict=True,
            )
        ]
    return sights


def features_of(sights: Sequence[Sight]) -> NDArray[np.float64]:
    """The features of several pictures, (n, 64)."""
    return np.stack([sight.features for sight in sights])
