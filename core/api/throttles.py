"""How often one caller may ask: off unless STUDIO_THROTTLE says so, and always on for logging in."""

from typing import TYPE_CHECKING

from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import SimpleRateThrottle

from core.accounts.owners import owner_of

if TYPE_CHECKING:  # rest_framework.views imports this module to set its defaults
    from rest_framework.views import APIView


class RequestThrottle(SimpleRateThrottle):
    """STUDIO_THROTTLE, e.g. `600/minute`, for each user, or for each address where there is no user."""

    scope = "requests"

    def get_rate(self) -> str | None:
        rate = api_settings.DEFAULT_THROTTLE_RATES[self.scope]
        return str(rate) if rate else None

    def get_cache_key(self, request: Request, view: "APIView") -> str:
        return self.cache_format % {"scope": self.scope, "ident": owner_of(request).share}


class LoginThrottle(RequestThrottle):
    """STUDIO_THROTTLE_LOGIN for views that take a password: guessing gets slow."""

    scope = "login"
