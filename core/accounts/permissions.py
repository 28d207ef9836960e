"""Who may call what."""

from typing import TYPE_CHECKING

from django.conf import settings
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from core.accounts.models import ApiKey
from core.accounts.origins import check_origin
from core.accounts.scopes import Scope, scopes_of

if TYPE_CHECKING:  # rest_framework.views imports this module to set its defaults
    from rest_framework.views import APIView


class StudioPermission(BasePermission):
    """The rule for every view that does not bring its own.

    Credentials are needed where `STUDIO_REQUIRE_AUTH` says so. A safe method needs the scope `read`, any
    other `generate`; a view for which that is wrong names its own in `required_scope`. Only pages of our own
    may use unsafe methods without credentials.
    """

    def has_permission(self, request: Request, view: "APIView | None") -> bool:
        """Whether the caller may go on; otherwise `message` names the scope that is missing."""
        if settings.STUDIO_REQUIRE_AUTH and not request.user.is_authenticated:
            return False
        if request.method not in SAFE_METHODS:
            check_origin(request)
        default = Scope.READ if request.method in SAFE_METHODS else Scope.GENERATE
        return self.grants(request, getattr(view, "required_scope", default))

    def grants(self, request: Request, scope: str) -> bool:
        """Whether the credential carries `scope`."""
        if scope in scopes_of(request.user, request.auth):
            return True
        self.message = f"This needs a credential with the scope '{scope}'."
        self.code = "missing_scope"
        return False


class IsStaff(StudioPermission):
    """For what only staff may do; an API key needs the scope `admin` as well. Nobody anonymous is staff."""

    def has_permission(self, request: Request, view: "APIView | None") -> bool:
        """Whether the caller is staff; otherwise `message` says what is missing."""
        if not request.user.is_authenticated:
            return False
        if not request.user.is_staff:
            self.message = "Only staff may do this."
            return False
        return self.grants(request, Scope.ADMIN)


class IsOperator(IsStaff):
    """For what shows how the studio fares as a whole: staff, or anybody where no account is needed."""

    def has_permission(self, request: Request, view: "APIView | None") -> bool:
        """Whether the caller may look; otherwise `message` says what is missing."""
        return not settings.STUDIO_REQUIRE_AUTH or super().has_permission(request, view)


class IsLoggedIn(BasePermission):
    """For managing one's own credentials: a key must not be able to make another one that can do more."""

    def has_permission(self, request: Request, view: "APIView | None") -> bool:
        """Whether a person has logged in; otherwise `message` says why a key is not enough."""
        if isinstance(request.auth, ApiKey):
            self.message = "API keys are managed with a login, not with an API key."
            return False
        return bool(request.user.is_authenticated)


class OwnPages(BasePermission):
    """Anybody may, but for pages of other sites."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        check_origin(request)
        return True
