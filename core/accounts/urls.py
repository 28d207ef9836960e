"""Everything under `/api/v1/auth/`."""

from django.urls import re_path

from core.accounts import (
    schema,  # noqa: F401  (tells the schema how one authenticates)
    views,
)

urlpatterns = [
    re_path(r"^login/?$", views.LoginView.as_view()),
    re_path(r"^refresh/?$", views.RefreshView.as_view()),
    re_path(r"^verify/?$", views.VerifyView.as_view()),
    re_path(r"^logout/?$", views.LogoutView.as_view()),
    re_path(r"^register/?$", views.RegisterView.as_view()),
    re_path(r"^me/?$", views.MeView.as_view()),
    re_path(r"^stream-ticket/?$", views.StreamTicketView.as_view()),
    re_path(r"^api-keys/?$", views.ApiKeysView.as_view()),
    re_path(r"^api-keys/(?P<key_id>[0-9]{1,18})/?$", views.ApiKeyView.as_view()),
]
