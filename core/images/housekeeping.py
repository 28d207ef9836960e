"""Which pictures may go, and their going."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.fields.reverse_related import ForeignObjectRel

from core import stored_files
from core.images.models import FOLDER, StoredImage

# Rows to a transaction: short enough that nobody waits for the write lock.
_BATCH = 100


def unreferenced(images: QuerySet[StoredImage]) -> QuerySet[StoredImage]:
    """Those of `images` that no row of any model refers to."""
    for relation in StoredImage._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel):
            holders = relation.related_model._base_manager.filter(**{relation.field.name: OuterRef("pk")})
            images = images.filter(~Exists(holders))
    return images


def delete_expired(now: datetime, only: Iterable[UUID] | None = None) -> int:
    """Deletes the unreferenced pictures (of `only`, or of all) that expired by `now`; gives their number."""
    expired = StoredImage.objects.filter(expires_at__lte=now)
    if only is not None:
        expired = expired.filter(pk__in=list(only))
    ids = list(unreferenced(expired).values_list("pk", flat=True))
    return sum(_delete_free(ids[start : start + _BATCH], now) for start in range(0, len(ids), _BATCH))


def _delete_free(ids: Sequence[UUID], now: datetime) -> int:
    with transaction.atomic():
        # Whoever is about to pin a picture holds its row; whoever has done so is seen by the second query.
        rows = StoredImage.objects.filter(pk__in=ids, expires_at__lte=now)
        locked = list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True))
        return unreferenced(StoredImage.objects.filter(pk__in=locked)).delete()[0]


def sweep_orphans() -> int:
    """Deletes files that no row knows and that are older than an hour; gives their number."""
    count = 0
    for folder in stored_files.listed(FOLDER)[0]:
        prefix = f"{FOLDER}/{folder}"
        known = set(StoredImage.objects.filter(file__startswith=f"{prefix}/").values_list("file", flat=True))
        for name in (f"{prefix}/{file}" for file in stored_files.listed(prefix)[1]):
            if name not in known and not stored_files.is_young(name):
                default_storage.delete(name)
                count += 1
    return count
