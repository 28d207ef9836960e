"""What every operation has in common in the OpenAPI schema, so that no view has to repeat it."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry, get_doc
from drf_spectacular.utils import OpenApiParameter

from core.api.error_responses import reference
from core.api.renderers import JSONRenderer
from core.api.views import StudioView

_IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="1 to 255 visible ASCII characters, best a UUID. The same request sent again with it gets "
    "the first one's answer (`Idempotent-Replayed: true`) for 24 hours instead of being done again.",
)
_BINARY = {"schema": {"type": "string", "format": "binary"}}


class StudioSchema(AutoSchema):
    """Adds the errors an operation can answer with, its `Idempotency-Key`, and its pictures as bytes."""

    def get_override_parameters(self) -> list[Any]:
        parameters = list(super().get_override_parameters())
        return [*parameters, _IDEMPOTENCY_KEY] if self._is_replayable() else parameters

    def get_description(self) -> str:  # type: ignore[override]  # drf-spectacular dropped the arguments
        """That of the method: a class's docstring is for those who read the code."""
        return str(get_doc(getattr(self.view, self.method.lower())))

    def map_renderers(self, attribute: str) -> list[Any]:
        """Only JSON has a schema; a view that streams says so itself."""
        if attribute == "media_type" and self._media_types().intersection([JSONRenderer.media_type]):
            return [JSONRenderer.media_type]
        return list(super().map_renderers(attribute))

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: ComponentRegistry
    ) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(
            path, path_regex, path_prefix, method, registry
        )
        if operation is None:
            return None
        if "200" in operation["responses"]:
            content = operation["responses"]["200"].setdefault("content", {})
            content.update(
                {kind: _BINARY for kind in sorted(self._media_types()) if kind.startswith("image/")}
            )
        for status in self._errors(operation):
            operation["responses"].setdefault(str(status), self.error(status))
        operation["responses"] = dict(sorted(operation["responses"].items()))
        return operation

    def error(self, status: int) -> dict[str, Any]:
        """The answer of an error with `status`."""
        return reference(status)

    def _errors(self, operation: dict[str, Any]) -> set[int]:
        statuses: set[int] = set(getattr(self.view, "own_errors", {}).get(self.method, ()))
        if "requestBody" in operation:
            statuses |= {400, 411, 413, 415}
        asked = {
            parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "query"
        }
        if asked:
            statuses.add(400)
        if "cursor" in asked:  # there is no page where it points
            statuses.add(404)
        if operation.get("security"):
            statuses |= {401, 403}
        if "{" in self.path:
            statuses.add(404)
        if self._is_replayable():
            statuses |= {409, 422, 503}
        if self.view.get_throttles():
            statuses.add(429)
        return statuses

    def _is_replayable(self) -> bool:
        return self.method == "POST" and isinstance(self.view, StudioView) and self.view.replayable

    def _media_types(self) -> set[str]:
        return {renderer.media_type for renderer in self.view.get_renderers()}
