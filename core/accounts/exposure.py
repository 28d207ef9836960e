"""Refuses to offer a studio without accounts to other machines by accident."""

import ipaddress

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server bound to `host` (a name or an address)."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def check_exposure(host: str) -> None:
    """Returns when a server may listen on `host`; else raises ImproperlyConfigured, which says what to do.

    Other machines may reach the studio when it asks for credentials, or when its owner says it need not.
    """
    if is_loopback(host) or settings.STUDIO_REQUIRE_AUTH or settings.STUDIO_ALLOW_OPEN:
        return
    raise ImproperlyConfigured(
        f"STUDIO_HOST={host} can be reached from other machines, and anyone there could use this studio "
        "without an account. Set STUDIO_REQUIRE_AUTH=true to ask for credentials (make the first user with: "
        "python manage.py createsuperuser), or STUDIO_ALLOW_OPEN=true if that is what you want."
    )
