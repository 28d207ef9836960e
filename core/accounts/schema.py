"""How the OpenAPI schema describes our credentials."""

from typing import Any

from drf_spectacular.contrib.rest_framework_simplejwt import SimpleJWTScheme
from drf_spectacular.extensions import OpenApiAuthenticationExtension


class BearerScheme(SimpleJWTScheme):
    target_class = "core.accounts.authentication.BearerAuthentication"
    name = "bearer"


class OptionalBearerScheme(OpenApiAuthenticationExtension):
    target_class = "core.accounts.authentication.OptionalBearerAuthentication"
    name = "optionalBearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """The header of a bearer."""
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "An API key or an access token; where no account is needed, any other text.",
        }


class ApiKeyScheme(OpenApiAuthenticationExtension):
    target_class = "core.accounts.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """The header that carries the key."""
        return {"type": "apiKey", "in": "header", "name": "X-API-Key"}


class TicketScheme(OpenApiAuthenticationExtension):
    target_class = "core.accounts.authentication.TicketAuthentication"
    name = "ticket"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """The query parameter that carries the ticket."""
        return {
            "type": "apiKey",
            "in": "query",
            "name": "ticket",
            "description": "A single-use ticket from /auth/stream-ticket/, for an EventSource.",
        }
