import ipaddress
from typing import Any

import pytest
from django.test import Client, RequestFactory, override_settings
from hypothesis import given
from hypothesis import strategies as st

from core.accounts.owners import address_of

pytestmark = pytest.mark.urls("core.accounts.tests.probe")
ADDRESSES = st.ip_addresses(v=4).map(str) | st.ip_addresses(v=6).map(str)


def address(remote: str, forwarded_for: str | None, proxies: int) -> str:
    headers = {} if forwarded_for is None else {"x-forwarded-for": forwarded_for}
    with override_settings(STUDIO_TRUSTED_PROXIES=proxies):
        return address_of(RequestFactory().get("/", REMOTE_ADDR=remote, headers=headers))


@pytest.mark.parametrize(
    ("proxies", "forwarded_for", "expected"),
    [
        (0, "203.0.113.9", "192.0.2.1"),
        (1, None, "192.0.2.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 198.51.100.1", "203.0.113.9"),
        (3, "203.0.113.9", "203.0.113.9"),
        (1, "203.0.113.9:4711", "203.0.113.9"),
        (1, "[2001:db8::1]:4711", "2001:db8::1"),
        (1, "2001:DB8:0::1", "2001:db8::1"),
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
        (1, "fe80::1%eth0", "fe80::1"),
        (1, "203.0.113.9, unknown", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, ",", "192.0.2.1"),
    ],
)
def test_the_address_that_the_outermost_trusted_proxy_saw(
    proxies: int, forwarded_for: str | None, expected: str
) -> None:
    assert address("192.0.2.1", forwarded_for, proxies) == expected


@given(remote=ADDRESSES, client=ADDRESSES, forged=st.text(), between=st.lists(ADDRESSES, max_size=3))
def test_nothing_the_client_writes_changes_its_address(
    remote: str, client: str, forged: str, between: list[str]
) -> None:
    header = ", ".join([forged, client, *between])
    expected = ipaddress.ip_address(client)
    mapped = getattr(expected, "ipv4_mapped", None)
    assert address(remote, header, len(between) + 1) == str(mapped or expected)


@given(remote=st.text(), header=st.text(), proxies=st.integers(-1, 5))
def test_garbage_never_raises(remote: str, header: str, proxies: int) -> None:
    found = address(remote, header, proxies)
    assert found == "unknown" or ipaddress.ip_address(found)


def test_each_address_has_its_own_share_but_one_network_has_one(client: Client, db: None) -> None:
    def share(remote: str) -> Any:
        return client.get("/api/v1/probe/", REMOTE_ADDR=remote).json()["share"]

    assert share("192.0.2.1") == "address:192.0.2.1"
    assert share("2001:db8::1") == share("2001:db8::ffff") == "address:2001:db8::/64"
    assert share("2001:db8:0:1::1") != share("2001:db8::1")
    assert share("") == "address:unknown"
