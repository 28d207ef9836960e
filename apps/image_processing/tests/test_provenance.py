"""What an edited picture says of itself: never that it was generated, unless it was."""

import base64
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from apps.image_processing.tests.calls import b64, noise, post
from core.images.encoding import encode
from core.images.provenance import DigitalSourceType, Provenance, declared_source

pytestmark = pytest.mark.django_db


def generated(kind: Any = "png", source: DigitalSourceType = DigitalSourceType.GENERATED) -> str:
    return b64(encode(noise(16, 16), kind, provenance=Provenance(prompt="a cat", digital_source_type=source)))


def said(client: Any, path: str, **fields: Any) -> str:
    """The last part of the IPTC term in the answer's XMP."""
    data = base64.b64decode(post(client, path, **fields).json()["image_bytes"])
    return data.partition(b"digitalsourcetype/")[2].partition(b'"')[0].decode()


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
@pytest.mark.parametrize(
    ("path", "fields", "term"),
    [
        ("rotate", {"angle": 5}, "humanEdits"),
        ("adjust", {"contrast": 2}, "humanEdits"),
        ("white-balance", {}, "algorithmicallyEnhanced"),
    ],
)
def test_a_plain_edit_is_nobodys_invention(
    client: Any, path: str, fields: dict[str, Any], term: str, kind: str
) -> None:
    assert said(client, path, image=noise(16, 16), output_format=kind, **fields) == term


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
@pytest.mark.parametrize("source", [DigitalSourceType.GENERATED, DigitalSourceType.EDITED])
def test_what_was_generated_stays_so(client: Any, kind: str, source: DigitalSourceType) -> None:
    assert said(client, "rotate", image=generated(kind, source), angle=5) == source
    assert said(client, "flip", image=generated(kind, source), direction="vertical") == source


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_what_was_generated_stays_so_when_it_was_uploaded(client: Any, kind: str) -> None:
    file = SimpleUploadedFile("cat", base64.b64decode(generated(kind)) + b" ")
    uploaded = client.post("/api/v1/images/", {"image": file}).json()

    assert said(client, "flip", image_id=uploaded["image_id"], direction="vertical") == (
        "trainedAlgorithmicMedia"
    )


@pytest.mark.parametrize(
    ("below", "above", "term"),
    [
        (noise(16, 16), noise(9, 9), "composite"),
        (generated(), noise(9, 9), "compositeWithTrainedAlgorithmicMedia"),
        (noise(16, 16), generated(), "compositeWithTrainedAlgorithmicMedia"),
        (generated(), generated(), "trainedAlgorithmicMedia"),
    ],
)
def test_a_composite_says_what_is_in_it(client: Any, below: Any, above: Any, term: str) -> None:
    assert said(client, "composite", background=below, foreground=above) == term


def test_an_edit_is_named_but_nobody(client: Any) -> None:
    data = base64.b64decode(
        post(client, "flip", image=noise(8, 8), direction="vertical").json()["image_bytes"]
    )
    assert b'"edits": "flip"' in data
    again = post(client, "flip", image=noise(8, 8), direction="vertical").json()["image_bytes"]
    assert base64.b64decode(again) == data, "the same edit of the same picture is the same file"


@pytest.mark.parametrize("data", [b"", b"digitalsourcetype/digitalCapture", b"digitalsourcetype/trainedAlgo"])
def test_only_trained_models_are_declared(data: bytes) -> None:
    assert declared_source(data) is None


def test_a_photo_declares_nothing() -> None:
    photo = Image.new("RGB", (8, 8))
    assert declared_source(encode(photo, "jpeg")) is None
    assert declared_source(base64.b64decode(generated())) is DigitalSourceType.GENERATED
