"""Cropping: a box in pixels, or the largest centred part with given proportions."""

from PIL import Image

from core.exceptions import InvalidInput

Box = tuple[int, int, int, int]


def check_box(box: Box, size: tuple[int, int]) -> None:
    """Raises InvalidInput (field `box`) unless left < right, top < bottom and all of it is in the picture."""
    left, top, right, bottom = box
    if left >= right or top >= bottom:
        raise InvalidInput.for_field(
            "box", "A box is [left, top, right, bottom], left < right, top < bottom."
        )
    if left < 0 or top < 0 or right > size[0] or bottom > size[1]:
        raise InvalidInput.for_field(
            "box", f"The box reaches outside the picture, which has {size[0]} x {size[1]} pixels."
        )


def centred_box(size: tuple[int, int], width: float, height: float) -> Box:
    """The largest centred box in a picture of `size` whose sides are as `width` to `height`."""
    box_width = max(1, min(size[0], round(size[1] * width / height)))
    box_height = max(1, min(size[1], round(size[0] * height / width)))
    left, top = (size[0] - box_width) // 2, (size[1] - box_height) // 2
    return left, top, left + box_width, top + box_height


def crop(image: Image.Image, box: Box) -> Image.Image:
    """The part of `image` in `box`, which lies within it."""
    return image.crop(box)
