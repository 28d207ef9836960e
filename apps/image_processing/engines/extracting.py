"""Cutting an object out along a mask."""

from PIL import Image, ImageChops

from core.images.masks import as_mask


def extract(image: Image.Image, mask: Image.Image) -> Image.Image:
    """`image` as RGBA, seen where `mask` (of the same size) is white; soft edges and own alpha are kept."""
    cut = image.convert("RGBA")
    cut.putalpha(ImageChops.multiply(cut.getchannel("A"), as_mask(mask)))
    return cut
