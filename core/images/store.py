"""The pictures that the studio keeps: the one place where rows and files of images are made and deleted.

A file is written before its row and deleted after it, so a row always has its file. A picture lives until
`expires_at`, and on for as long as any row of any model refers to it: a foreign key with PROTECT is the pin.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from core import disk, stored_files
from core.exceptions import NotFound, WrongState
from core.images import codec, housekeeping
from core.images.cleaning import clean
from core.images.models import StoredImage
from core.images.picture import Picture

# Seconds that a picture is kept for whoever is about to pin it.
BRIEFLY = 600
_ATTEMPTS = 5


def save(
    *,
    owner: str,
    data: bytes,
    width: int,
    height: int,
    format: str,  # noqa: A002
    sha256: str | None = None,
    ttl: int | None = None,
) -> StoredImage:
    """Stores a picture that the studio itself encoded (`format` png, jpeg or webp) for `ttl` seconds.

    The same bytes of the same owner are the same row; it then expires at the later of both times. `sha256` is
    for bytes that were given in another form than they are stored in; a `ttl` of None is STUDIO_IMAGE_TTL.
    Whoever pins the picture calls this in the transaction that does so: until it is over, no purge can take
    the picture away.
    """
    sha256 = sha256 or hashlib.sha256(data).hexdigest()
    expires_at = _expiry(ttl)
    for _ in range(_ATTEMPTS):
        if known := _extended(owner, sha256, expires_at):
            return known
        image = StoredImage(
            owner=owner,
            sha256=sha256,
            width=width,
            height=height,
            format=format,
            bytes=len(data),
            expires_at=expires_at,
        )
        try:
            _insert(image, data)
        except IntegrityError as error:  # another request stored the same bytes just now
            conflict = error
        else:
            return image
    raise conflict


def put(*, owner: str, picture: Picture, ttl: int | None = None) -> StoredImage:
    """The stored form of what a request brought: the picture it named or its bytes, kept for `ttl` seconds.

    Bytes are stored upright and without metadata: a JPEG stays one, everything else becomes PNG. A `ttl` of
    None is STUDIO_IMAGE_TTL; a picture that is kept for longer already stays so. Raises NotFound when the
    named picture has gone in the meantime, Unavailable `disk_full` where there is no room for a new one,
    otherwise what `core.images.codec.decode` raises.
    """
    if picture.image_id is not None:
        keep([picture.image_id], ttl)
        return get(image_id=picture.image_id, owner=owner)
    sha256 = hashlib.sha256(picture.data).hexdigest()
    if known := _extended(owner, sha256, _expiry(ttl)):
        return known
    disk.check_space()
    file = clean(picture.data, picture.image)
    return save(
        owner=owner,
        data=file.data,
        width=file.width,
        height=file.height,
        format=file.format,
        sha256=sha256,
        ttl=ttl,
    )


def take(*, owner: str, picture: Picture) -> UUID:
    """The id of what a request brought, as the input of an operation.

    A picture that came with the request is kept briefly, and then for as long as a job or a history row
    refers to it. Raises what `put` raises.
    """
    return put(owner=owner, picture=picture, ttl=BRIEFLY).pk


def picture(*, image_id: UUID, owner: str) -> Picture:
    """A stored picture in the form in which requests bring theirs. Raises NotFound like `get`."""
    return Picture(read(get(image_id=image_id, owner=owner)), image_id)


def get(*, image_id: UUID, owner: str) -> StoredImage:
    """One picture; NotFound for another owner's as for one that never was."""
    return _existing(StoredImage.objects.filter(pk=image_id, owner=owner))


def read(image: StoredImage) -> bytes:
    """The file's bytes. Raises NotFound when it has been deleted since the row was read."""
    return stored_files.read(image.file, of="image")


def sizes(image_ids: Sequence[UUID]) -> list[int]:
    """Bytes of these pictures as they are stored, in no order; of those that are gone, nothing."""
    return list(StoredImage.objects.filter(pk__in=image_ids).values_list("bytes", flat=True))


def read_by_id(image_id: UUID) -> bytes:
    """The file's bytes, whoever owns it: for pictures that the caller made or has looked up itself."""
    return read(_existing(StoredImage.objects.filter(pk=image_id)))


def open_image(*, image_id: UUID, owner: str) -> Image.Image:
    """The pixels: RGB, RGBA or L, 8 bit. Raises NotFound like `get`."""
    return codec.decode(read(get(image_id=image_id, owner=owner)))


def keep(image_ids: Iterable[UUID], ttl: int | None = None) -> None:
    """Lets the pictures live for `ttl` seconds (None: STUDIO_IMAGE_TTL), unless they already live longer."""
    expires_at = _expiry(ttl)
    StoredImage.objects.filter(pk__in=list(image_ids), expires_at__lt=expires_at).update(
        expires_at=expires_at
    )


def content_path(image_id: UUID) -> str:
    """The path that answers with the picture's bytes (to its owner)."""
    return f"{reverse('image-content', kwargs={'image_id': image_id})}/"


def release(image_ids: Iterable[UUID]) -> None:
    """Lets the pictures go with the last row that refers to them, whatever time they were promised."""
    ids = list(image_ids)
    StoredImage.objects.filter(pk__in=ids).update(expires_at=timezone.now())
    purge(only=ids)


def delete(*, image_id: UUID, owner: str) -> None:
    """Deletes row and file. Raises NotFound, or WrongState `in_use` while anything refers to it."""
    with transaction.atomic():
        mine = StoredImage.objects.filter(pk=image_id, owner=owner)
        _existing(mine.select_for_update())
        if not housekeeping.unreferenced(mine).delete()[0]:
            raise WrongState(
                "The image is in use by a job or an entry of a history. Delete that first.", code="in_use"
            )


def purge(now: datetime | None = None, *, only: Iterable[UUID] | None = None) -> int:
    """Deletes the expired pictures (of `only`, or of all) that nothing refers to; gives their number."""
    return housekeeping.delete_expired(now or timezone.now(), only)


def sweep_orphans() -> int:
    """Deletes the files, older than an hour, that a crash left without a row; gives their number."""
    return housekeeping.sweep_orphans()


def _expiry(ttl: int | None) -> datetime:
    return timezone.now() + timedelta(seconds=settings.STUDIO_IMAGE_TTL if ttl is None else ttl)


def _existing(images: QuerySet[StoredImage]) -> StoredImage:
    image = images.first()
    if image is None:
        raise NotFound("There is no such image (images are deleted after a while).")
    return image


def _extended(owner: str, sha256: str, expires_at: datetime) -> StoredImage | None:
    """The row these bytes already have, now expiring no earlier than `expires_at`."""
    same = StoredImage.objects.filter(owner=owner, sha256=sha256)
    if not same.exists():  # most pictures are new, and this needs no lock
        return None
    with transaction.atomic():
        image = same.select_for_update().first()
        if image is not None and image.expires_at < expires_at:
            image.expires_at = expires_at
            image.save(update_fields=["expires_at"])
    return image


def _insert(image: StoredImage, data: bytes) -> None:
    image.file.save("image", ContentFile(data), save=False)
    try:
        with transaction.atomic():
            image.save(force_insert=True)
    except BaseException:
        image.file.delete(save=False)
        raise
