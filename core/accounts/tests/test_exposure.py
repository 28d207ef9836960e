from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from core.accounts.exposure import check_exposure, is_loopback

PRIVATE = ["127.0.0.1", "127.8.8.8", "localhost", "LOCALHOST", "::1", "[::1]"]
PUBLIC = [
    "0.0.0.0",
    "::",
    "",
    "192.168.1.5",
    "studio.example.com",
    "localhost.example.com",
    "127.0.0.1.example.com",
]


@pytest.mark.parametrize("host", PRIVATE)
def test_loopback_is_private(host: str) -> None:
    assert is_loopback(host)
    check_exposure(host)


@pytest.mark.parametrize("host", PUBLIC)
def test_an_open_studio_is_not_shown_to_other_machines(host: str) -> None:
    assert not is_loopback(host)
    with pytest.raises(ImproperlyConfigured) as refused:
        check_exposure(host)
    for way_out in (f"STUDIO_HOST={host}", "STUDIO_REQUIRE_AUTH=true", "STUDIO_ALLOW_OPEN=true"):
        assert way_out in str(refused.value)


@pytest.mark.parametrize("name", ["STUDIO_REQUIRE_AUTH", "STUDIO_ALLOW_OPEN"])
def test_unless_it_asks_for_credentials_or_its_owner_wants_it_so(settings: Any, name: str) -> None:
    setattr(settings, name, True)
    check_exposure("0.0.0.0")
