"""Who is calling, as an address: what the socket says, or what the trusted proxies in front of us say."""

import ipaddress
import re

from django.conf import settings

_WITH_PORT = re.compile(r"^(?:\[(?P<v6>[^\]]*)\]|(?P<v4>[^:]*))(?::\d+)?$")

UNKNOWN = "unknown"


def client_address(remote: str | None, forwarded_for: str | None) -> str:
    """The caller's IP address in its canonical form, or `unknown` (a Unix socket, for example).

    `remote` is the peer of the connection. Of `forwarded_for`, the `X-Forwarded-For` header, only the entry
    that the outermost of `STUDIO_TRUSTED_PROXIES` wrote is believed, the n-th from the right: what stands
    left of it came from the client. Whatever the header holds, this never raises.
    """
    trusted: int = settings.STUDIO_TRUSTED_PROXIES
    if trusted > 0 and forwarded_for:
        hops = forwarded_for.split(",")
        if address := _canonical(hops[-min(trusted, len(hops))]):
            return address
    return _canonical(remote or "") or UNKNOWN


def address_group(address: str) -> str:
    """The address that quotas count: an IPv6 caller is handed a whole /64, so the /64 is counted as one."""
    if ":" not in address:
        return address
    return str(ipaddress.ip_network((address, 64), strict=False))


def _canonical(text: str) -> str:
    text = text.strip()
    if match := _WITH_PORT.match(text):
        text = match["v6"] or match["v4"] or ""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return str(address)
