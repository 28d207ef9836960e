"""Pictures are kept as long as they must be, and no longer; rows and files come and go together."""

import os
import time
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.exceptions import NotFound, WrongState
from core.images import store
from core.images.models import StoredImage
from core.images.tests.pictures import corners, files_under, looks_like
from core.images.tests.stored import PNG, pin, saved

pytestmark = pytest.mark.django_db(transaction=True)


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
    assert "a job or an entry of a history" in caught.value.message
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


def test_a_file_that_goes_meanwhile_does_not_end_the_sweep(media: Path) -> None:
    old = media / "images" / "ab" / f"{uuid.uuid4()}.png"
    old.parent.mkdir(parents=True)
    old.write_bytes(PNG)
    os.utime(old, (time.time() - 3700,) * 2)
    (old.parent / "aa.png").symlink_to("gone")  # listed, but not there
    store.sweep_orphans()
    assert not old.exists()


def test_sweeping_an_empty_place_is_fine() -> None:
    assert store.sweep_orphans() == 0
