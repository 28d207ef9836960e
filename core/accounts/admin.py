from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from core.accounts.admin_login import ThrottledLoginForm
from core.accounts.models import ApiKey, StreamTicket

admin.site.login_form = ThrottledLoginForm


class CredentialAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """To look at and to delete. A credential made here could not be shown to anyone."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ApiKey)
class ApiKeyAdmin(CredentialAdmin):
    list_display = ["name", "prefix", "user", "scopes", "created_at", "last_used_at", "expires_at"]
    list_select_related = ["user"]
    search_fields = ["name", "prefix", "user__username"]
    exclude = ["hash"]


@admin.register(StreamTicket)
class StreamTicketAdmin(CredentialAdmin):
    list_display = ["__str__", "scopes", "expires_at"]
    list_select_related = ["user"]
    exclude = ["hash"]
