"""The admin's log-in form."""

from typing import Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from rest_framework.request import Request

from core.api.throttles import LoginThrottle


class ThrottledLoginForm(AdminAuthenticationForm):
    """Guessing gets as slow as at /api/v1/auth/login/: both count together, for each address."""

    def clean(self) -> dict[str, Any]:
        throttle = LoginThrottle()
        if not throttle.allow_request(Request(self.request), None):  # type: ignore[arg-type]
            seconds = int(throttle.wait() or 0) + 1
            raise forms.ValidationError(f"Too many attempts. Try again in {seconds} s.", code="throttled")
        return super().clean()
