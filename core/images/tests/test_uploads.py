"""What is kept of a client's file: the picture, as good as it was, and nothing else."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core.exceptions import InvalidInput, NotFound
from core.images import store
from core.images.encoding import FORMATS, encode
from core.images.models import StoredImage
from core.images.picture import Picture
from core.images.provenance import DigitalSourceType, Provenance, declared_source
from core.images.tests.pictures import corners, file_of, files_under, looks_like, opened, with_place
from core.images.tests.stored import PNG, saved, uploaded

pytestmark = pytest.mark.django_db(transaction=True)


def test_metadata_is_gone_and_the_picture_is_upright() -> None:
    upright = corners(128, 64)
    lying = upright.transpose(Image.Transpose.ROTATE_90)
    for kind in ("JPEG", "PNG", "WEBP", "TIFF"):
        data = file_of(lying, kind, exif=with_place(6), quality=95, subsampling=0)
        image = uploaded("ann", data)
        stored = store.read(image)
        found = opened(stored)
        assert (found.width, found.height) == (image.width, image.height) == (128, 64)
        assert looks_like(found, upright)
        assert not found.getexif()
        assert b"SecretPhone" not in stored
        assert image.format == found.format.lower() == ("jpeg" if kind == "JPEG" else "png")


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("progressive", [False, True])
def test_an_upright_jpeg_loses_nothing_but_metadata(mode: str, progressive: bool) -> None:
    hidden = {"exif": with_place(), "comment": b"secret", "xmp": b"secret", "icc_profile": b"secret"}
    options = {"quality": 37, "progressive": progressive, "restart_marker_rows": 1}
    data = file_of(corners(64, 48).convert(mode), "JPEG", **options, **hidden)
    stored = store.read(uploaded("ann", data))
    assert b"secret" not in stored
    assert b"SecretPhone" not in stored
    found = opened(stored)
    assert found.mode == mode
    assert found.tobytes() == opened(data).tobytes()
    assert not {"exif", "comment", "xmp", "icc_profile"} & set(found.info)


def test_a_jpeg_that_is_not_ycbcr_keeps_its_colours() -> None:
    data = file_of(corners(), "JPEG", quality=95, keep_rgb=True)
    stored = store.read(uploaded("ann", data))
    assert opened(stored).tobytes() == opened(data).tobytes()
    inks = file_of(corners().convert("CMYK"), "JPEG", quality=95)
    found = opened(store.read(uploaded("ann", inks)))
    assert found.mode == "RGB"
    assert looks_like(found, corners(), tolerance=12)


def test_a_jpeg_with_oddly_numbered_tables_is_kept() -> None:
    data = file_of(corners(), "JPEG", quality=90, subsampling=0)
    for number, odd in ((0, 2), (1, 3)):
        table = b"\xff\xdb\x00\x43" + bytes([number])
        assert table in data
        data = data.replace(table, table[:-1] + bytes([odd]))
    components = b"\x01\x11\x00\x02\x11\x01\x03\x11\x01"
    assert components in data
    data = data.replace(components, b"\x01\x11\x02\x02\x11\x03\x03\x11\x03")
    stored = store.read(uploaded("ann", data))
    assert opened(stored).tobytes() == opened(data).tobytes()


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_what_a_model_made_still_says_so_and_no_more(kind: Any, mode: str) -> None:
    made = Provenance(prompt="secret", digital_source_type=DigitalSourceType.EDITED)
    data = encode(corners().convert(mode), kind, provenance=made)
    stored = store.read(uploaded("ann", data))
    assert b"secret" not in stored
    assert declared_source(stored) is DigitalSourceType.EDITED
    assert opened(stored).tobytes() == opened(data).tobytes()
    assert b"compositeWithTrainedAlgorithmicMedia" in opened(stored).info["xmp"]
    assert not opened(stored).getexif()


def test_what_follows_the_picture_is_gone() -> None:
    for kind in ("JPEG", "PNG"):
        image = uploaded("ann", file_of(corners(), kind) + b"<script>payload</script>")
        assert b"payload" not in store.read(image)


def test_the_same_bytes_again_are_the_same_image(settings: Any) -> None:
    data = file_of(corners(), "JPEG", exif=with_place())
    first = uploaded("ann", data)
    settings.STUDIO_IMAGE_TTL *= 2
    again = uploaded("ann", data)
    assert first.pk == again.pk
    assert again.expires_at > first.expires_at


def test_what_is_no_picture_leaves_nothing(media: Path) -> None:
    with pytest.raises(InvalidInput):
        uploaded("ann", b"hello")
    assert not StoredImage.objects.exists()
    assert files_under(media) == set()


def test_put_takes_the_image_that_was_named(settings: Any) -> None:
    image = saved(ttl=0)
    assert store.put(owner="ann", picture=Picture(PNG, image.pk)).pk == image.pk
    assert store.purge() == 0, "named again, it lives on"
    with pytest.raises(NotFound):
        store.put(owner="bob", picture=Picture(PNG, image.pk))
