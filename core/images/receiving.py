"""How many requests hold decoded pictures at a time: as many as the machine has cores."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from threading import BoundedSemaphore
from typing import Any

from rest_framework.serializers import Serializer

from core.images.fields import PictureField

_room = BoundedSemaphore(os.cpu_count() or 1)


@contextmanager
def receiving(body: type[Serializer[Any]]) -> Iterator[None]:
    """Held by a request with this body from when it decodes its pictures until it has stored them.

    A picture of 50 megapixels takes up to 200 MB while it is decoded, and a hundred may come at once. Bodies
    without pictures wait for nobody.
    """
    with _room if _brings_pictures(body) else nullcontext():
        yield


def _brings_pictures(body: type[Serializer[Any]]) -> bool:
    fields = body._declared_fields.values()
    return any(isinstance(getattr(field, "child", field), PictureField) for field in fields)
