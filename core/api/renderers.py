"""How answers are written: JSON, one picture's own bytes, or an event stream.

A view that answers with a single picture lists PICTURE_RENDERERS. Where `request.accepted_renderer` says
`image/*` it returns `Response(data=bytes)`, otherwise its usual dict.
"""

from collections.abc import Mapping
from typing import Any

from drf_orjson_renderer.renderers import ORJSONRenderer
from rest_framework.renderers import BaseRenderer


class JSONRenderer(ORJSONRenderer):  # type: ignore[misc]
    """JSON by orjson: UTF-8, dates in ISO 8601, UUIDs as text."""


class _BytesRenderer(BaseRenderer):
    """Passes on bytes that are what the media type says. StudioView answers anything else as JSON."""

    render_style = "binary"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> Any:
        return data


class PNGRenderer(_BytesRenderer):
    media_type = "image/png"
    format = "png"


class JPEGRenderer(_BytesRenderer):
    media_type = "image/jpeg"
    format = "jpeg"


class WebPRenderer(_BytesRenderer):
    media_type = "image/webp"
    format = "webp"


class EventStreamRenderer(_BytesRenderer):
    """Lets a view that returns a StreamingHttpResponse of Server-Sent Events be asked for as such."""

    media_type = "text/event-stream"
    format = "event-stream"


PICTURE_RENDERERS: tuple[type[BaseRenderer], ...] = (JSONRenderer, PNGRenderer, JPEGRenderer, WebPRenderer)
