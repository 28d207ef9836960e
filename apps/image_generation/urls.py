"""Filled in by the app."""

urlpatterns: list = []
