"""How pictures are answered: base64 in JSON, a URL, or the picture's own bytes."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from core.exceptions import TooLarge
from core.images import store
from core.images.encoding import FORMATS

MOST_BYTES = 128 * 2**20  # of several pictures in one answer, which is in memory several times over


def accepted_format(request: Request) -> str | None:
    """`png`, `jpeg` or `webp` when the request's Accept prefers a picture to JSON; None otherwise."""
    media_type = request.accepted_renderer.media_type
    return media_type.removeprefix("image/") if media_type.startswith("image/") else None


def present(image_ids: Sequence[UUID], request: Request | None) -> list[str]:
    """The pictures as base64, or as URLs of this server where the `request` is given; those are then kept.

    Raises what `check_size` raises.
    """
    if request is None:
        if len(image_ids) > 1:
            check_size(store.sizes(image_ids))
        return [base64.b64encode(store.read_by_id(image_id)).decode("ascii") for image_id in image_ids]
    store.keep(image_ids)
    return [request.build_absolute_uri(store.content_path(image_id)) for image_id in image_ids]


def check_size(sizes: Sequence[int]) -> None:
    """TooLarge for several pictures of so many bytes each that one answer should not hold them all."""
    if len(sizes) > 1 and sum(sizes) > MOST_BYTES:
        raise TooLarge(
            f"These {len(sizes)} pictures are too much for one answer. Ask for links: response_format=url.",
            code="result_too_large",
        )


def bare(image_id: UUID, *, headers: Mapping[str, str]) -> Response:
    """One picture's own bytes, for a request whose `accepted_format` it has."""
    return Response(store.read_by_id(image_id), headers=headers)


def picture_schema(serializer: type[Serializer[Any]], kinds: Sequence[str] = FORMATS) -> dict[Any, Any]:
    """The responses of a view with the renderers of these kinds of pictures, for the schema."""
    return {
        (200, "application/json"): serializer,
        **{(200, f"image/{kind}"): OpenApiTypes.BINARY for kind in kinds},
    }
