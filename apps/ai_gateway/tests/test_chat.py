"""Chat over HTTP on a real server: sentences become pictures of the starter model."""

import base64
import io
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from PIL import Image

from core.images.tests.pictures import png
from core.jobs.tests.studio import Studio, events

CHAT = "/ai-gateway/chat/"


@pytest.fixture(scope="module")
def client(studio: Studio) -> Iterator[httpx2.Client]:
    with studio.client() as client:
        yield client


def say(client: httpx2.Client, message: str, **fields: Any) -> dict[str, Any]:
    response = client.post(CHAT, json={"message": message, **fields})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def picture(answer: dict[str, Any], index: int = -1) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(answer["images"][index]["image_bytes"])))


def intents(answer: dict[str, Any]) -> list[str]:
    return [step["intent"] for step in answer["plan"]]


def test_make_and_resize(client: httpx2.Client) -> None:
    answer = say(client, "draw a red heart and resize it to 100x100")
    assert intents(answer) == ["generate", "resize"]
    assert picture(answer).size == (100, 100)
    again = say(client, "make it 1024 wide", session_id=answer["session_id"])
    assert picture(again).size == (1024, 1024)
