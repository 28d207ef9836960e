"""Pictures are kept as long as they must be, and no longer; rows and files come and go together."""

import os
import threading
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from PIL import Image

from core.exceptions import InvalidInput, NotFound, WrongState
from core.images import store
from core.images.models import StoredImage
from core.images.picture import Picture
from core.images.tests.pictures import corners, file_of, files_under, looks_like, opened, with_place
from core.jobs.models import Job, JobImage

pytestmark = pytest.mark.django_db(transaction=True)

PNG = file_of(corners())


def saved(owner: str = "ann", data: bytes = PNG, **options: Any) -> StoredImage:
    return store.save(owner=owner, data=data, width=32, height=16, format="png", **options)


def pin(image: StoredImage) -> Job:
    job = Job.objects.create(kind="a.b", parameters={}, owner=image.owner, share=image.owner, lane="cpu")
    JobImage.objects.create(job=job, image=image, role=JobImage.Role.INPUT, index=0)
    return job


def later(seconds: int) -> Any:
    return timezone.now() + timedelta(seconds=seconds)


def test_what_is_saved_is_read(media: Path) -> None:
    image = saved()
    assert store.read(image) == store.read_by_id(image.pk) == PNG
    assert (image.width, image.height, image.format, image.bytes) == (32, 16, "png", len(PNG))
    assert files_under(media) == {f"images/{image.pk.hex[:2]}/{image.pk}.png"}
    assert looks_like(store.open_image(image_id=image.pk, owner="ann"), corners(), tolerance=0)


def test_the_same_bytes_are_one_row_for_each_owner(media: Path) -> None:
    first, again, other = saved(), saved(), saved("bob")
    assert first.pk == again.pk != other.pk
    assert len(files_under(media)) == 2


def test_expiry_is_extended_and_never_shortened(settings: Any) -> None:
    settings.STUDIO_IMAGE_TTL = 1000
    image = saved()
    for ttl, expected in ((10, 1000), (5000, 5000), (0, 5000), (None, 5000)):
        found = saved(ttl=ttl)
        assert found.pk == image.pk
        assert abs((found.expires_at - timezone.now()).total_seconds() - expected) < 30
        assert StoredImage.objects.get().expires_at == found.expires_at


def test_keep_extends_what_would_expire(settings: Any) -> None:
    settings.STUDIO_IMAGE_TTL = 1000
    short, long = saved(ttl=0), saved("bob", ttl=9000)
    store.keep([short.pk, long.pk])
    assert store.purge(later(900)) == 0
    assert store.purge(later(1100)) == 1
    assert StoredImage.objects.get() == long


def test_another_owners_picture_does_not_exist() -> None:
    image = saved()
    for call in (store.get, store.open_image, store.delete):
        with pytest.raises(NotFound):
            call(image_id=image.pk, owner="bob")
        with pytest.raises(NotFound):
            call(image_id=uuid.uuid4(), owner="ann")
    assert store.read(image) == PNG


def test_delete_takes_row_and_file(media: Path) -> None:
    image = saved()
    store.delete(image_id=image.pk, owner="ann")
    assert not StoredImage.objects.exists()
    assert files_under(media) == set()
    with pytest.raises(NotFound):
        store.read(image)


def test_a_delete_that_is_rolled_back_keeps_the_file() -> None:
    image = saved()
    with transaction.atomic():
        store.delete(image_id=image.pk, owner="ann")
        transaction.set_rollback(True)
    assert store.read(store.get(image_id=image.pk, owner="ann")) == PNG


def test_however_a_row_is_deleted_its_file_goes_too(media: Path) -> None:
    saved()
    StoredImage.objects.all().delete()
    assert files_under(media) == set()


def test_what_is_in_use_stays() -> None:
    image = saved(ttl=0)
    job = pin(image)
    with pytest.raises(WrongState) as caught:
        store.delete(image_id=image.pk, owner="ann")
    assert caught.value.error_code == "in_use"
    assert store.purge(later(10**6)) == store.purge(only=[image.pk]) == 0
    assert store.read(image) == PNG
    job.delete()
    assert store.purge() == 1
    assert not StoredImage.objects.exists()


def test_purge_takes_the_expired_of_those_it_is_told(media: Path) -> None:
    one, two, living = saved(ttl=0), saved("bob", ttl=0), saved("eve", ttl=100)
    assert store.purge(only=[one.pk, living.pk]) == 1
    assert store.purge(only=[]) == 0
    assert set(StoredImage.objects.values_list("pk", flat=True)) == {two.pk, living.pk}
    assert store.purge() == 1
    assert len(files_under(media)) == 1


def test_purge_takes_more_than_a_batch() -> None:
    for number in range(230):
        saved(f"user:{number}", ttl=0)
    assert store.purge() == 230
    assert store.purge() == 0


def test_a_row_that_cannot_be_written_leaves_no_file(media: Path) -> None:
    with pytest.raises(IntegrityError):
        store.save(owner="ann", data=PNG, width=None, height=1, format="png")  # type: ignore[arg-type]
    assert files_under(media) == set()


def test_orphans_are_swept_when_they_are_old(media: Path) -> None:
    image = saved()
    young, old = (media / "images" / "ab" / f"{uuid.uuid4()}.png" for _ in range(2))
    elsewhere = media / "other" / "file.png"
    for path in (young, old, elsewhere):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(PNG)
    own = media / image.file.name
    for path in (old, elsewhere, own):
        os.utime(path, (time.time() - 3700,) * 2)
    assert store.sweep_orphans() == 1
    assert not old.exists()
    assert young.exists()
    assert elsewhere.exists()
    assert own.exists()


def test_sweeping_an_empty_place_is_fine() -> None:
    assert store.sweep_orphans() == 0


class TestUpload:
    def test_metadata_is_gone_and_the_picture_is_upright(self) -> None:
        upright = corners(128, 64)
        lying = upright.transpose(Image.Transpose.ROTATE_90)
        for kind in ("JPEG", "PNG", "WEBP", "TIFF"):
            data = file_of(lying, kind, exif=with_place(6), quality=95, subsampling=0)
            image = store.upload(owner="ann", data=data)
            stored = store.read(image)
            found = opened(stored)
            assert (found.width, found.height) == (image.width, image.height) == (128, 64)
            assert looks_like(found, upright)
            assert not found.getexif()
            assert b"SecretPhone" not in stored
            assert image.format == found.format.lower() == ("jpeg" if kind == "JPEG" else "png")

    @pytest.mark.parametrize("mode", ["L", "RGB"])
    @pytest.mark.parametrize("progressive", [False, True])
    def test_an_upright_jpeg_loses_nothing_but_metadata(self, mode: str, progressive: bool) -> None:
        hidden = {"exif": with_place(), "comment": b"secret", "xmp": b"secret", "icc_profile": b"secret"}
        options = {"quality": 37, "progressive": progressive, "restart_marker_rows": 1}
        data = file_of(corners(64, 48).convert(mode), "JPEG", **options, **hidden)
        stored = store.read(store.upload(owner="ann", data=data))
        assert b"secret" not in stored
        assert b"SecretPhone" not in stored
        found = opened(stored)
        assert found.mode == mode
        assert found.tobytes() == opened(data).tobytes()
        assert not {"exif", "comment", "xmp", "icc_profile"} & set(found.info)

    def test_a_jpeg_that_is_not_ycbcr_keeps_its_colours(self) -> None:
        data = file_of(corners(), "JPEG", quality=95, keep_rgb=True)
        stored = store.read(store.upload(owner="ann", data=data))
        assert opened(stored).tobytes() == opened(data).tobytes()
        inks = file_of(corners().convert("CMYK"), "JPEG", quality=95)
        found = opened(store.read(store.upload(owner="ann", data=inks)))
        assert found.mode == "RGB"
        assert looks_like(found, corners(), tolerance=12)

    def test_a_jpeg_with_oddly_numbered_tables_is_coded_anew(self) -> None:
        data = file_of(corners(), "JPEG", quality=90, subsampling=0)
        for number, odd in ((0, 2), (1, 3)):
            table = b"\xff\xdb\x00\x43" + bytes([number])
            assert table in data
            data = data.replace(table, table[:-1] + bytes([odd]))
        components = b"\x01\x11\x00\x02\x11\x01\x03\x11\x01"
        assert components in data
        data = data.replace(components, b"\x01\x11\x02\x02\x11\x03\x03\x11\x03")
        assert looks_like(opened(store.read(store.upload(owner="ann", data=data))), corners())

    def test_what_follows_the_picture_is_gone(self) -> None:
        for kind in ("JPEG", "PNG"):
            image = store.upload(owner="ann", data=file_of(corners(), kind) + b"<script>payload</script>")
            assert b"payload" not in store.read(image)

    def test_the_same_bytes_again_are_the_same_image(self, settings: Any) -> None:
        data = file_of(corners(), "JPEG", exif=with_place())
        first = store.upload(owner="ann", data=data)
        settings.STUDIO_IMAGE_TTL *= 2
        again = store.upload(owner="ann", data=data)
        assert first.pk == again.pk
        assert again.expires_at > first.expires_at

    def test_what_is_no_picture_leaves_nothing(self, media: Path) -> None:
        with pytest.raises(InvalidInput):
            store.upload(owner="ann", data=b"hello")
        assert not StoredImage.objects.exists()
        assert files_under(media) == set()

    def test_put_takes_the_image_that_was_named(self, settings: Any) -> None:
        image = saved(ttl=0)
        assert store.put(owner="ann", picture=Picture(PNG, image.pk)).pk == image.pk
        assert store.purge() == 0, "named again, it lives on"
        with pytest.raises(NotFound):
            store.put(owner="bob", picture=Picture(PNG, image.pk))


def in_threads(*calls: Callable[[], Any]) -> list[Any]:
    """What the calls gave, or raised, all started at once."""
    barrier = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(index: int, call: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            results[index] = call()
        except Exception as error:
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


class TestAtOnce:
    def test_the_same_upload_is_one_image(self, media: Path) -> None:
        data = file_of(corners(), "JPEG")
        for owner in ("ann", "bob", "eve"):
            results = in_threads(*[lambda owner=owner: store.upload(owner=owner, data=data).pk] * 6)
            assert len(set(results)) == 1, results
        assert len(files_under(media)) == StoredImage.objects.count() == 3

    def test_a_purge_never_takes_what_is_being_pinned(self, media: Path) -> None:
        """As jobs do it: one saves and pins the very picture that another unpins and purges."""

        def save_and_pin() -> Job:
            with transaction.atomic():
                return pin(saved(ttl=0))

        for _ in range(12):
            job = save_and_pin()
            image_id = JobImage.objects.get(job=job).image_id

            def discard(job: Job = job, image_id: uuid.UUID = image_id) -> int:
                job.delete()
                return store.purge(only=[image_id])

            second, _ = in_threads(save_and_pin, discard)
            assert isinstance(second, Job), second
            image = JobImage.objects.select_related("image").get(job=second).image
            assert store.read(image) == PNG
            second.delete()
            store.purge()
        assert files_under(media) == set()

    def test_deleting_and_saving_leaves_row_and_file_in_step(self, media: Path) -> None:
        for _ in range(8):
            image = saved()
            in_threads(lambda: saved(), lambda doomed=image.pk: store.delete(image_id=doomed, owner="ann"))
            rows = {image.file.name for image in StoredImage.objects.all()}
            assert files_under(media) == rows
            for left in StoredImage.objects.all():
                assert store.read(left) == PNG
