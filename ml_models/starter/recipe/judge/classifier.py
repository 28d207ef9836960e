"""What a judge is: a small convolutional network that finds things in a picture and says their colours."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from ml_models.starter.recipe.judge.labels import COLOUR_NAMES, LIGHTS, SETTINGS, THINGS

WIDTHS = 48, 72, 128
FEATURES = 64


class Seen(NamedTuple):
    """What the network makes of n pictures.

    things: logits (n, things), each thing on its own; colours: logits (n, things, colours), each thing's
    colour if it is there; settings and lights: logits, one of each; features: (n, FEATURES), what the last
    layers saw, for distances between sets of pictures.
    """

    things: Tensor
    colours: Tensor
    settings: Tensor
    lights: Tensor
    features: Tensor


class Residual(nn.Module):
    """Two convolutions beside a short cut."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = _convolution(width, width, 1)
        self.second = _convolution(width, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        """The same shape as x."""
        return functional.relu(x + self.second(functional.relu(self.first(x))))


class Classifier(nn.Module):
    """Looks at pictures (n, 3, 128, 128) in [-1, 1].

    Each thing has a map of where it could be; it is there if the map is high anywhere, and its colour is
    read where the map is highest. So two things in one picture each keep their own colour.
    """

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for level, (before, after) in enumerate(zip((3, *WIDTHS), WIDTHS, strict=False)):
            layers += [_convolution(before, after, stride=2 if level else 4), nn.ReLU()]
            layers += [Residual(after) for _ in range(level)]
        self.body = nn.Sequential(*layers)
        width = WIDTHS[-1]
        self.where = nn.Conv2d(width, len(THINGS), 1)
        self.colour = nn.Linear(width, len(COLOUR_NAMES))
        self.pooled = nn.Linear(width, FEATURES)
        self.setting = nn.Linear(FEATURES, len(SETTINGS))
        self.light = nn.Linear(FEATURES, len(LIGHTS))

    def forward(self, pictures: Tensor) -> Seen:
        """What is seen in each picture."""
        x = self.body(pictures)
        maps = self.where(x).flatten(2).float()
        places = x.flatten(2).mT.float()
        attention = maps.softmax(-1)
        features = self.pooled(x.mean((2, 3)))
        return Seen(
            things=torch.logsumexp(maps, -1) - 4.0,
            colours=self.colour(attention @ places),
            settings=self.setting(functional.relu(features)),
            lights=self.light(functional.relu(features)),
            features=features,
        )


def _convolution(before: int, after: int, stride: int) -> nn.Module:
    """A convolution of cells that overlap a little, and normalisation."""
    kernel = max(3, stride + 2)
    return nn.Sequential(nn.Conv2d(before, after, kernel, stride, 1, bias=False), nn.BatchNorm2d(after))


def lesson_loss(seen: Seen, labels: Tensor) -> Tensor:
    """How wrong what is seen is, given rows of labels (n, things + 2) as `labels.encode` makes them."""
    colours, settings, lights = labels[:, :-2], labels[:, -2], labels[:, -1]
    there = (colours > -2).float()
    things = functional.binary_cross_entropy_with_logits(seen.things.float(), there, reduction="sum")
    coloured = colours >= 0
    told = functional.cross_entropy(seen.colours[coloured].float(), colours[coloured], reduction="sum")
    setting = functional.cross_entropy(seen.settings.float(), settings, reduction="sum")
    light = functional.cross_entropy(seen.lights.float(), lights, ignore_index=-1, reduction="sum")
    return (things + told + setting + 0.3 * light) / len(labels)
