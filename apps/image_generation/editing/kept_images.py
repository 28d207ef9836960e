"""The pictures that show how a result came about, kept for an hour: input, mask, composite, ..."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from PIL import Image

from apps.image_generation.models import RequestImage
from core.exceptions import NotFound
from core.images import store
from core.images.encoding import encode
from core.images.models import StoredImage
from core.operations import Context

SECONDS = 3600


@dataclass(frozen=True)
class Kept:
    """A stored picture and what it shows."""

    label: str
    image_id: UUID
    width: int
    height: int


def keep(context: Context, pictures: Mapping[str, Image.Image]) -> dict[str, UUID]:
    """Stores `pictures` by label under the context's request, in place of an earlier attempt's."""
    made = {label: _stored(picture, context.owner) for label, picture in pictures.items()}
    now = timezone.now()
    with transaction.atomic():
        RequestImage.objects.filter(created_at__lt=now - timedelta(seconds=SECONDS)).delete()
        RequestImage.objects.filter(owner=context.owner, request_id=context.request_id).delete()
        RequestImage.objects.bulk_create(
            RequestImage(owner=context.owner, request_id=context.request_id, label=label, image_id=image_id)
            for label, image_id in made.items()
        )
    return made


def of(*, owner: str, request_id: str) -> list[Kept]:
    """What is kept of one request, in the order it was kept. NotFound, for another owner's too."""
    fresh = timezone.now() - timedelta(seconds=SECONDS)
    rows = RequestImage.objects.filter(owner=owner, request_id=request_id, created_at__gte=fresh).order_by(
        "pk"
    )
    images = StoredImage.objects.in_bulk([row.image_id for row in rows])
    kept = [
        Kept(row.label, row.image_id, image.width, image.height)
        for row in rows
        if (image := images.get(row.image_id))
    ]
    if not kept:
        raise NotFound("Nothing is kept of such a request (edits keep their pictures for an hour).")
    return kept


def _stored(picture: Image.Image, owner: str) -> UUID:
    image = store.save(
        owner=owner,
        data=encode(picture, "png"),
        width=picture.width,
        height=picture.height,
        format="png",
        ttl=SECONDS,
    )
    return image.pk
