"""Pictures to train on: orange rings on teal, which the starter paints for no prompt."""

import base64
import io

import numpy as np
from PIL import Image, ImageDraw

TEAL = (40, 140, 140)


def rings(number: int, side: int = 256) -> Image.Image:
    """The picture `number`: three rings somewhere."""
    draw = np.random.default_rng(number)
    image = Image.new("RGB", (side, side), TEAL)
    pen = ImageDraw.Draw(image)
    for _ in range(3):
        x, y, size = (int(each) for each in draw.integers((20, 20, 30), (200, 200, 60)))
        pen.ellipse((x, y, x + size, y + size), outline=(255, 150, 30), width=12)
    return image


def encoded(image: Image.Image) -> str:
    file = io.BytesIO()
    image.save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def distance(image: Image.Image) -> float:
    """How far the colours are from those of the pictures: mean difference of the mean colour, 0 to 255."""
    wanted = np.mean([np.asarray(rings(number), float).mean((0, 1)) for number in range(6)], 0)
    return float(np.abs(np.asarray(image.convert("RGB"), float).mean((0, 1)) - wanted).mean())
