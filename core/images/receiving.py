"""How many requests hold decoded pictures at a time: as many as the machine has cores."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rest_framework.request import Request
from rest_framework.serializers import Serializer

from core.exceptions import Cancelled
from core.images.fields import PictureField
from core.observability.disconnects import client_gone
from core.turns import Turns

_turns = Turns()


@contextmanager
def receiving(request: Request, body: type[Serializer[Any]]) -> Iterator[None]:
    """Held by a request with this body from when it decodes its pictures until it has stored them.

    A picture of 50 megapixels takes up to 200 MB while it is decoded, and a hundred may come at once. Bodies
    without pictures wait for nobody. Raises Cancelled when the client goes away meanwhile.
    """
    if not _brings_pictures(body):
        yield
        return
    _ = request.data  # before its turn: under some servers the body is still on its way
    with room_to_decode():
        yield


@contextmanager
def room_to_decode() -> Iterator[None]:
    """`receiving` for a request whose pictures came earlier: they are in the store, and decoded again.

    Not to be held twice by one request. Raises Cancelled when the client goes away meanwhile.
    """
    with _turns.taken(_check_client):
        yield


def _check_client() -> None:
    if client_gone():
        raise Cancelled


def _brings_pictures(body: type[Serializer[Any]]) -> bool:
    fields = body._declared_fields.values()
    return any(isinstance(getattr(field, "child", field), PictureField) for field in fields)
