"""A view: the canvas, the hour and the horizon that an outdoor setting is painted with."""

import math
import random
from dataclasses import dataclass

import numpy as np
from PIL import Image

from ml_models.starter.recipe.painter.colours import RGB
from ml_models.starter.recipe.painter.pen import Pen
from ml_models.starter.recipe.painter.scenery.light import tint


@dataclass(frozen=True)
class View:
    """One outdoor scene in the making; heights run from 0 (top) to 1 (bottom)."""

    canvas: Image.Image
    pen: Pen
    time: str
    r: random.Random
    horizon: float

    def lit(self, colour: RGB) -> RGB:
        """The colour in the light of the hour."""
        return tint(colour, self.time)

    def stand(self, x: float, y: float, size: float) -> Pen:
        """A pen for a thing that stands at (x, y)."""
        return Pen(self.canvas, x, y, size)

    def ridge(
        self, base: float, height: float, waves: float, colour: RGB, phase: float | None = None
    ) -> None:
        """Rolling ground from around `base` down to the lower edge; a phase fixes where its crests are."""
        crests = self.r.uniform(0, 6.3) if phase is None else phase
        bumps = self.r.uniform(0, 6.3)
        line = [
            (
                x,
                base
                - height
                * (0.5 + 0.4 * math.sin(crests + x * waves) + 0.15 * math.sin(bumps + x * waves * 2.3)),
            )
            for x in np.linspace(-0.02, 1.02, 40)
        ]
        self.pen.polygon([*line, (1.2, 1.0), (-0.2, 1.0)], colour)

    def peaks(self, base: float, height: float, colour: RGB) -> None:
        """A jagged range from around `base` down to the lower edge."""
        line = []
        for i, x in enumerate(np.linspace(-0.1, 1.1, 6)):
            shift = self.r.uniform(-0.3, 0.3) / 6
            rise = self.r.uniform(0.65, 1) if i % 2 else self.r.uniform(0.1, 0.35)
            line.append((x + shift, base - height * rise))
        self.pen.polygon([*line, (1.2, 1.0), (-0.2, 1.0)], colour)
