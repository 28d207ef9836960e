"""Contact sheets: 64 scenes, or with --things one of every thing.

Run it with `python -m ml_models.starter.recipe.painter.sheet scenes.png`; scenes' captions come as text.
"""

import argparse
import logging
from pathlib import Path

from PIL import Image

from ml_models.starter.recipe.painter.colours import COLOURS, RGB
from ml_models.starter.recipe.painter.pen import CANVAS, OVERSAMPLING, PICTURE, Pen
from ml_models.starter.recipe.painter.scene import scene
from ml_models.starter.recipe.painter.thing import Thing
from ml_models.starter.recipe.painter.things import CATALOGUE

PALE_BLUE: RGB = (214, 226, 238)

log = logging.getLogger(__name__)


def sheet(pictures: list[Image.Image], columns: int) -> Image.Image:
    """The pictures side by side, row by row."""
    rows = -(-len(pictures) // columns)
    board = Image.new("RGB", (columns * PICTURE, rows * PICTURE))
    for i, picture in enumerate(pictures):
        board.paste(picture, (i % columns * PICTURE, i // columns * PICTURE))
    return board


def portrait(thing: Thing) -> Image.Image:
    """The thing by itself in its commonest colour, 256 x 256."""
    canvas = Image.new("RGB", (CANVAS, CANVAS), PALE_BLUE)
    thing.draw(Pen(canvas, 0.5, 0.92, 0.84), COLOURS[(thing.colours or ("white",))[0]])
    return canvas.reduce(OVERSAMPLING)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Paint a contact sheet.")
    parser.add_argument("out", type=Path, help="the picture file to write")
    parser.add_argument("--first", type=int, default=0, help="seed of the first of 64 scenes (0)")
    parser.add_argument("--things", action="store_true", help="every thing by itself instead of scenes")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if options.things:
        sheet([portrait(thing) for thing in CATALOGUE.values()], columns=7).save(options.out)
        return
    scenes = [scene(options.first + i) for i in range(64)]
    for i, painted in enumerate(scenes):
        log.info("%d %s", options.first + i, painted.caption)
    sheet([painted.image for painted in scenes], columns=8).save(options.out)


if __name__ == "__main__":
    main()
