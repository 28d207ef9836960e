"""The shapes of what goes in and out under `/auth/`."""

from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework import serializers

from core.accounts.models import ApiKey
from core.accounts.scopes import Scope, scopes_of
from core.api.fields import ChoiceField
from core.api.serializers import StrictSerializer

# Longer than any password; a bound on what one anonymous request may ask us to hash.
PASSWORD_LENGTH = 1024


class PasswordField(serializers.CharField):
    """A secret: spaces are part of it, and it is never shown."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_length=PASSWORD_LENGTH,
            trim_whitespace=False,
            write_only=True,
            style={"input_type": "password"},
            **kwargs,
        )


class LoginSerializer(StrictSerializer):
    """A password, and a name or an e-mail address to go with it."""

    email = serializers.CharField(max_length=254, required=False)
    username = serializers.CharField(max_length=150, required=False)
    password = PasswordField()

    def validate(self, attrs: dict[str, str]) -> dict[str, str]:
        """Exactly one of `email` and `username`."""
        if ("email" in attrs) == ("username" in attrs):
            raise serializers.ValidationError({"username": "Give one of email and username."})
        return attrs


class TokensSerializer(serializers.Serializer[Any]):
    """A pair of tokens; `expires_in` is the life of the access token in seconds."""

    access = serializers.CharField()
    refresh = serializers.CharField()
    token_type = serializers.CharField(default="bearer")
    expires_in = serializers.IntegerField()


class RefreshSerializer(StrictSerializer):
    """A refresh token."""

    refresh = serializers.CharField(max_length=4096)


class VerifySerializer(StrictSerializer):
    """A token of either kind."""

    token = serializers.CharField(max_length=4096)


class RegisterSerializer(StrictSerializer):
    """A new account. Without a `username` the address is the name."""

    email = serializers.EmailField(max_length=254)
    username = serializers.CharField(max_length=150, required=False)
    password = PasswordField()

    def validate(self, attrs: dict[str, str]) -> dict[str, str]:
        """The same with `username` filled in."""
        return {"username": attrs["email"].lower(), **attrs}


class UserSerializer(serializers.ModelSerializer[User]):
    """An account."""

    class Meta:
        model = User
        fields = ["id", "username", "email", "is_staff"]


class MeSerializer(UserSerializer):
    """Who one is, and what the credential in use allows."""

    scopes = serializers.SerializerMethodField()

    class Meta(UserSerializer.Meta):
        fields = [*UserSerializer.Meta.fields, "scopes"]

    def get_scopes(self, user: User) -> list[str]:
        """The scopes of the credential, sorted."""
        return sorted(scopes_of(user, self.context["request"].auth))


class ApiKeySerializer(StrictSerializer, serializers.ModelSerializer[ApiKey]):
    """An API key without its secret."""

    scopes = serializers.ListField(
        child=ChoiceField(Scope.choices),
        allow_empty=False,
        max_length=len(Scope),
        default=[Scope.READ, Scope.GENERATE],
    )

    class Meta:
        model = ApiKey
        fields = ["id", "name", "prefix", "scopes", "created_at", "last_used_at", "expires_at"]
        read_only_fields = ["id", "prefix", "created_at", "last_used_at"]

    def validate_scopes(self, scopes: list[str]) -> list[str]:
        """Each scope once. Only staff may ask for `admin`."""
        if Scope.ADMIN in scopes and not self.context["request"].user.is_staff:
            raise serializers.ValidationError("Only staff may have keys with the scope 'admin'.")
        return sorted(set(scopes))

    def validate_expires_at(self, expires_at: Any) -> Any:
        """A moment that is still to come, or null for never."""
        if expires_at is not None and expires_at <= timezone.now():
            raise serializers.ValidationError("This is in the past.")
        return expires_at


class NewApiKeySerializer(ApiKeySerializer):
    """A key that has just been made: the only time that `key` is shown."""

    key = serializers.CharField(read_only=True)

    class Meta(ApiKeySerializer.Meta):
        fields = [*ApiKeySerializer.Meta.fields, "key"]


class TicketSerializer(serializers.Serializer[Any]):
    """A ticket for one stream, good for `expires_in` seconds."""

    ticket = serializers.CharField()
    expires_in = serializers.IntegerField()
