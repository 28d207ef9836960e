"""Fetches a remote model's picture. Its address comes from a stranger: only what is public is asked."""

import ipaddress
import socket
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit

import httpx2

from core.exceptions import OperationFailed, Unavailable

MOST_BYTES = 64 * 1024 * 1024
TIMEOUT_SECONDS = 30
PLAIN = {"Accept-Encoding": "identity"}


def fetch(url: str, *, check: Callable[[], None], trusted: str = "") -> bytes:
    """The bytes behind `url`, at most `MOST_BYTES`. No redirect is followed, and no credentials are sent.

    `trusted` is one host and port that may be asked by http and on any network: a test's own server.
    `check()` may raise whenever something has arrived. Raises OperationFailed `remote_output`, Unavailable
    `remote_unreachable`.
    """
    parts = urlsplit(url)
    if parts.netloc != trusted:
        _check_address(parts.scheme, parts.hostname or "")
    try:
        with httpx2.stream(
            "GET", url, headers=PLAIN, follow_redirects=False, timeout=TIMEOUT_SECONDS
        ) as response:
            if response.status_code != HTTPStatus.OK:
                raise _refused(f"its address answers {response.status_code}")
            data = bytearray()
            for chunk in response.iter_raw():  # as it comes: what drips is noticed, and nothing is unpacked
                check()
                data += chunk
                if len(data) > MOST_BYTES:
                    raise _refused(f"it has more than {MOST_BYTES:,} bytes")
            return bytes(data)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise Unavailable(
            f"The remote model's picture could not be fetched ({type(error).__name__}).",
            code="remote_unreachable",
        ) from error


def _check_address(scheme: str, host: str) -> None:
    if scheme != "https" or not host:
        raise _refused("its address is none by https")
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(host, None)}
    except OSError as error:
        raise Unavailable(
            "The remote model's picture has an unknown address.", code="remote_unreachable"
        ) from error
    # A name may mean another machine a moment later, but that one has no certificate for the name.
    if not all(ipaddress.ip_address(str(address).split("%")[0]).is_global for address in found):
        raise _refused("its address is not a public one")


def _refused(why: str) -> OperationFailed:
    return OperationFailed(f"The remote model's picture was not fetched: {why}.", code="remote_output")
