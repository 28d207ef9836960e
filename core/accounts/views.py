"""Logging in and out, and who one is."""

from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.models import User, update_last_login
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema, inline_serializer
from rest_framework import status
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.generics import ListAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from core.accounts import services, tokens
from core.accounts.authentication import WWW_AUTHENTICATE
from core.accounts.models import TICKET_LIFETIME, ApiKey
from core.accounts.permissions import IsLoggedIn, OwnPages
from core.accounts.scopes import Scope, scopes_of
from core.accounts.serializers import (
    ApiKeySerializer,
    LoginSerializer,
    MeSerializer,
    NewApiKeySerializer,
    RefreshSerializer,
    RegisterSerializer,
    TicketSerializer,
    TokensSerializer,
    UserSerializer,
    VerifySerializer,
)
from core.api.pagination import NewestFirstPagination
from core.api.throttles import LoginThrottle
from core.api.views import StudioView
from core.exceptions import NotPermitted

NO_STORE = {"Cache-Control": "no-store"}  # on every answer that holds a secret (RFC 6749, section 5.1)

LOGIN_ONLY: Any = [{"bearer": []}]


def _error(description: str) -> OpenApiResponse:
    return OpenApiResponse({"$ref": "#/components/schemas/Error"}, description)


class KeysPagination(NewestFirstPagination):
    page_size = 100
    page_size_query_param = None  # type: ignore[assignment]


class DoorView(StudioView):
    """For callers who have no credentials yet, or expired ones: those they send are not even looked at."""

    authentication_classes = []
    permission_classes = [OwnPages]

    def get_authenticate_header(self, request: Request) -> str:
        # Without a challenge, as no class here gives one, DRF would turn a 401 into a 403.
        return WWW_AUTHENTICATE


@extend_schema(tags=["auth"], auth=[])
class LoginView(DoorView):
    replayable = False
    throttle_classes = [LoginThrottle]

    @extend_schema(
        operation_id="auth_login",
        summary="Log in",
        request=LoginSerializer,
        responses={200: TokensSerializer, 401: _error("Wrong name or password.")},
    )
    def post(self, request: Request) -> Response:
        """Gives a pair of tokens for a password and an e-mail address or user name."""
        user = authenticate(request._request, **self.validated(LoginSerializer))
        if user is None:
            raise AuthenticationFailed("No such account, or the wrong password.", code="login_failed")
        update_last_login(User, user)
        return Response(TokensSerializer(tokens.issue_tokens(user=user)).data, headers=NO_STORE)


@extend_schema(tags=["auth"], auth=[])
class RefreshView(DoorView):
    replayable = False

    @extend_schema(
        operation_id="auth_refresh",
        summary="Trade a refresh token for new tokens",
        request=RefreshSerializer,
        responses={200: TokensSerializer, 401: _error("Not valid, expired or used.")},
    )
    def post(self, request: Request) -> Response:
        """Gives a new pair for a refresh token, which works once."""
        pair = tokens.renew_tokens(**self.validated(RefreshSerializer))
        if pair is None:
            raise _token_not_valid()
        return Response(TokensSerializer(pair).data, headers=NO_STORE)


@extend_schema(tags=["auth"], auth=[])
class VerifyView(DoorView):
    @extend_schema(
        operation_id="auth_verify",
        summary="Check a token",
        request=VerifySerializer,
        responses={200: inline_serializer("Verified", {}), 401: _error("Not valid.")},
    )
    def post(self, request: Request) -> Response:
        """Says whether a token, of either kind, would be accepted now."""
        if not tokens.is_valid_token(**self.validated(VerifySerializer)):
            raise _token_not_valid()
        return Response({})


@extend_schema(tags=["auth"], auth=[])
class LogoutView(DoorView):
    @extend_schema(
        operation_id="auth_logout",
        summary="Log out",
        request=RefreshSerializer,
        responses={204: None, 401: _error("Not a valid refresh token.")},
    )
    def post(self, request: Request) -> Response:
        """Ends a login: the refresh token works no more. The access token runs out by itself."""
        if not tokens.revoke_token(**self.validated(RefreshSerializer)):
            raise _token_not_valid()
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema(tags=["auth"], auth=[])
class RegisterView(DoorView):
    throttle_classes = [LoginThrottle]

    @extend_schema(
        operation_id="auth_register",
        summary="Make an account",
        request=RegisterSerializer,
        responses={201: UserSerializer, 403: _error("Registration is closed here.")},
    )
    def post(self, request: Request) -> Response:
        """Makes an account, where this server lets people do so themselves (`STUDIO_OPEN_REGISTRATION`)."""
        if not settings.STUDIO_OPEN_REGISTRATION:
            raise NotPermitted(
                "Registration is closed here. Ask whoever runs this server for an account.",
                code="registration_closed",
            )
        user = services.register(**self.validated(RegisterSerializer))
        return Response(UserSerializer(user).data, status=status.HTTP_201_CREATED)


class UserView(StudioView):
    """For what concerns the caller's own account: there must be one, whatever `STUDIO_REQUIRE_AUTH` says."""

    permission_classes = [IsAuthenticated]

    @property
    def user(self) -> User:
        """The caller."""
        assert isinstance(self.request.user, User)
        return self.request.user


@extend_schema(tags=["auth"])
class MeView(UserView):
    @extend_schema(operation_id="auth_me", summary="Who am I", responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """Who the credential belongs to, and what it allows."""
        return Response(MeSerializer(self.user, context={"request": request}).data)


@extend_schema(tags=["auth"])
class StreamTicketView(StudioView):
    replayable = False
    required_scope = Scope.READ  # a stream is only read

    @extend_schema(
        operation_id="auth_stream_ticket",
        summary="Get a ticket for an EventSource",
        request=None,
        responses=TicketSerializer,
    )
    def post(self, request: Request) -> Response:
        """Gives a ticket that opens one event stream (`?ticket=`) within 30 seconds."""
        ticket = services.issue_ticket(
            user=request.user if request.user.is_authenticated else None,
            owner=self.owner,
            scopes=scopes_of(request.user, request.auth),
        )
        body = {"ticket": ticket, "expires_in": int(TICKET_LIFETIME.total_seconds())}
        return Response(TicketSerializer(body).data, headers=NO_STORE)


@extend_schema(tags=["auth"], auth=LOGIN_ONLY)
class ApiKeysView(UserView, ListAPIView[ApiKey]):
    replayable = False
    permission_classes = [IsLoggedIn]
    serializer_class = ApiKeySerializer
    pagination_class = KeysPagination
    queryset = ApiKey.objects.none()  # the schema asks for one without a user

    def get_queryset(self) -> QuerySet[ApiKey]:
        return services.api_keys(user=self.user)

    @extend_schema(operation_id="auth_api_keys_list", summary="List your API keys")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Lists one's own API keys, newest first, without their secrets."""
        return self.list(request)

    @extend_schema(
        operation_id="auth_api_keys_create", summary="Make an API key", responses={201: NewApiKeySerializer}
    )
    def post(self, request: Request) -> Response:
        """Makes an API key. `key` is shown in this answer and never again."""
        row, key = services.create_api_key(user=self.user, **self.validated(ApiKeySerializer))
        body = {**ApiKeySerializer(row).data, "key": key}
        return Response(body, status=status.HTTP_201_CREATED, headers=NO_STORE)


@extend_schema(tags=["auth"], auth=LOGIN_ONLY)
class ApiKeyView(UserView):
    permission_classes = [IsLoggedIn]

    @extend_schema(operation_id="auth_api_keys_delete", summary="Revoke an API key", responses={204: None})
    def delete(self, request: Request, key_id: str) -> Response:
        """Ends one of one's own API keys at once."""
        services.delete_api_key(user=self.user, key_id=int(key_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _token_not_valid() -> AuthenticationFailed:
    return AuthenticationFailed("The token is not valid or has expired.", code="token_not_valid")
