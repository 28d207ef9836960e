"""Calling the app over HTTP with pictures, and seeing what came back."""

import base64
import io
from typing import Any

import httpx2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

BASE = "/api/v1/image-processing/"


def b64(picture: Image.Image | bytes, kind: str = "PNG", **options: Any) -> str:
    if isinstance(picture, Image.Image):
        out = io.BytesIO()
        picture.save(out, kind, **options)
        picture = out.getvalue()
    return base64.b64encode(picture).decode()


def body(**fields: Any) -> dict[str, Any]:
    """The fields, with pictures as base64."""
    return {name: _sendable(value) for name, value in fields.items()}


def post(client: Any, path: str, **fields: Any) -> Any:
    """The response of Django's test client."""
    return client.post(f"{BASE}{path}/", body(**fields), content_type="application/json")


def edited(client: Any, path: str, **fields: Any) -> Image.Image:
    """The picture that the call answers with."""
    response = post(client, path, **fields)
    assert response.status_code == 200, response.content
    answer = response.json()
    picture = shown(answer["image_bytes"])
    assert (answer["width"], answer["height"]) == picture.size
    return picture


def refused(client: Any, path: str, status: int = 400, **fields: Any) -> dict[str, Any]:
    """The error of a call that has to fail."""
    response = post(client, path, **fields)
    assert response.status_code == status, response.content
    error: dict[str, Any] = response.json()
    return error


def ask(client: httpx2.Client, path: str, **fields: Any) -> httpx2.Response:
    """The response of a running studio."""
    return client.post(f"/image-processing/{path}/", json=body(**fields))


def made(client: httpx2.Client, path: str, **fields: Any) -> Image.Image:
    """The picture that a running studio answers with."""
    response = ask(client, path, **fields)
    assert response.status_code == 200, response.text
    return shown(response.json()["image_bytes"])


def shown(image_bytes: str) -> Image.Image:
    image = Image.open(io.BytesIO(base64.b64decode(image_bytes)))
    image.load()
    return image


def pixels(image: Image.Image) -> NDArray[np.int64]:
    return np.asarray(image).astype(np.int64)


def noise(width: int, height: int, mode: str = "RGB", seed: int = 1) -> Image.Image:
    """No two pixels alike, and nothing that a mistake could hide in."""
    channels = {"L": (), "RGB": (3,), "RGBA": (4,)}[mode]
    values = np.random.default_rng(seed).integers(0, 256, (height, width, *channels), np.uint8)
    return Image.fromarray(values)


def square_mask(size: tuple[int, int], share: float = 0.3) -> Image.Image:
    mask = Image.new("L", size)
    width, height = (round(side * share) for side in size)
    mask.paste(255, (size[0] // 3, size[1] // 3, size[0] // 3 + width, size[1] // 3 + height))
    return mask


def _sendable(value: Any) -> Any:
    if isinstance(value, Image.Image):
        return b64(value)
    if isinstance(value, list):
        return [_sendable(item) for item in value]
    return body(**value) if isinstance(value, dict) else value
