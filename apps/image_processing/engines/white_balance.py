"""White balance: estimate the colour of the light, then divide by it (von Kries), in linear light."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from apps.image_processing.engines.transparency import on_colour

Method = Literal["grey_world", "shades_of_grey", "white_patch"]

# Finlayson and Trezzi, "Shades of Gray and Colour Constancy" (Color Imaging Conference, 2004): 6 was best.
_NORM = 6
# The brightest per cent is taken for white, as in a white patch that is more than one lucky pixel.
_WHITE_PERCENTILE = 99.0
# Clipped and nearly black pixels have lost the light's colour.
_DARKEST, _BRIGHTEST = 4, 250
# The light is the same in a smaller copy, which is quick whatever the picture's size.
_SAMPLE_SIDE = 512
# Relative luminance (ITU-R BT.709): the correction changes hue, not brightness.
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
# A light beyond this is no light but a picture of one colour; correcting it would only amplify noise.
_MOST_GAIN = 4.0


def white_balance(image: Image.Image, method: Method) -> Image.Image:
    """`image` as under neutral light. A grey picture, or one with nothing to judge by, stays as it is."""
    if image.mode == "L":
        return image
    gains = _gains(image, method)
    curve = [_encoded(_LINEAR * gain) for gain in gains]
    return on_colour(image, lambda colour: colour.point(np.concatenate(curve).tolist()))


def _gains(image: Image.Image, method: Method) -> NDArray[np.float64]:
    """What to multiply linear red, green and blue by."""
    light = _estimate(_samples(image), method)
    if not (light > 0).all():
        return np.ones(3)
    gains: NDArray[np.float64] = (light @ _LUMINANCE) / light
    return np.clip(gains, 1 / _MOST_GAIN, _MOST_GAIN)


def _estimate(linear: NDArray[np.float64], method: Method) -> NDArray[np.float64]:
    """The light's linear red, green and blue from N x 3 samples; zeros when there are none."""
    if not len(linear):
        return np.zeros(3)
    match method:
        case "grey_world":  # Buchsbaum 1980: on average the world is grey
            light = linear.mean(axis=0)
        case "shades_of_grey":  # a Minkowski norm between the average and the maximum
            light = (linear**_NORM).mean(axis=0) ** (1 / _NORM)
        case "white_patch":  # Land 1977: the brightest is white
            light = np.percentile(linear, _WHITE_PERCENTILE, axis=0)
    return np.asarray(light, np.float64)


def _samples(image: Image.Image) -> NDArray[np.float64]:
    factor = max(1, max(image.size) // _SAMPLE_SIDE)
    pixels = np.asarray(image.convert("RGBA").reduce(factor)).reshape(-1, 4)
    colours = pixels[pixels[:, 3] == 255, :3]
    sound = (colours.min(axis=1) >= _DARKEST) & (colours.max(axis=1) <= _BRIGHTEST)
    linear: NDArray[np.float64] = _LINEAR[colours[sound]]
    return linear


def _decoded(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """sRGB 0..1 to linear light (IEC 61966-2-1)."""
    return np.asarray(np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4))


def _encoded(linear: NDArray[np.float64]) -> NDArray[np.uint8]:
    clipped = np.clip(linear, 0, 1)
    values = np.where(clipped <= 0.0031308, clipped * 12.92, 1.055 * clipped ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(values * 255), np.uint8)


_LINEAR = _decoded(np.arange(256) / 255)
