"""The OpenAPI schema over HTTP."""

from functools import cache
from typing import Any

from django.http import HttpResponse
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request


class SchemaView(SpectacularAPIView):
    """As YAML or JSON, whichever is accepted. It is the same for everybody, so it is made once."""

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        chosen = request.accepted_renderer
        return HttpResponse(
            _rendered(chosen.media_type),
            content_type=chosen.media_type,
            headers={"Content-Disposition": f'inline; filename="schema.{chosen.format}"'},
        )


@cache
def _rendered(media_type: str) -> str | bytes:
    """What takes most of a second of computing, which a caller needs no credentials to ask for."""
    renderer = next(kind for kind in SchemaView.renderer_classes if kind.media_type == media_type)
    schema = SchemaGenerator().get_schema(request=None, public=True)
    return renderer().render(schema, renderer_context={})
