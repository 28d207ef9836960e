import io
from PIL.PngImagePlugin import PngInfo
def encode(image, format, *, provenance=None, quality=None):
    out = io.BytesIO()
    image.save(out, format)
    return out.getvalue()
