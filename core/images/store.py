"""Interim store."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile
from django.utils import timezone

from core.exceptions import NotFound
from core.images.models import StoredImage


def save(*, owner, data, width, height, format, sha256=None, ttl=None):
    sha = sha256 or hashlib.sha256(data).hexdigest()
    ttl = settings.STUDIO_IMAGE_TTL if ttl is None else ttl
    expires = timezone.now() + timedelta(seconds=ttl)
    found = StoredImage.objects.filter(owner=owner, sha256=sha).first()
    if found:
        if found.expires_at < expires:
            StoredImage.objects.filter(pk=found.pk).update(expires_at=expires)
        return found
    image = StoredImage(owner=owner, sha256=sha, width=width, height=height, format=format, bytes=len(data), expires_at=expires)
    image.file.save("x", ContentFile(data), save=False)
    image.save()
    return image


def read(image):
    with image.file.open("rb") as f:
        return f.read()


def read_by_id(image_id: UUID):
    image = StoredImage.objects.filter(pk=image_id).first()
    if image is None:
        raise NotFound
    return read(image)


def content_path(image_id):
    return f"/api/v1/images/{image_id}/content/"


def purge(*, only: Sequence[UUID] | None = None):
    rows = StoredImage.objects.filter(expires_at__lt=timezone.now())
    if only is not None:
        rows = rows.filter(pk__in=only)
    for relation in StoredImage._meta.related_objects:
        rows = rows.filter(**{f"{relation.name}__isnull": True})
    n = 0
    for image in rows:
        image.delete()
        image.file.delete(save=False)
        n += 1
    return n
