"""Figures for Prometheus, as GET /metrics gives them. Every process answers for itself.

Who has figures of its own registers a collector with `registry` from its AppConfig.ready().
"""

from functools import cache

from django.contrib.admindocs.views import simplify_regex
from django.http import HttpRequest
from prometheus_client import CollectorRegistry, Histogram, ProcessCollector, disable_created_metrics

# When each series began would be as many lines again, and nobody asks.
disable_created_metrics()  # type: ignore[no-untyped-call]
registry = CollectorRegistry()
ProcessCollector(registry=registry)

_REQUESTS = Histogram(
    "studio_request_seconds",
    "Time to answer a request; of a stream, until it began.",
    ["method", "route", "status"],
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300),
    registry=registry,
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def count_request(request: HttpRequest, status: int, seconds: float) -> None:
    """Notes that `request` was answered. Its route is one of `urls.py` or "": no client invents one."""
    match = request.resolver_match
    method = request.method if request.method in _METHODS else "other"
    _REQUESTS.labels(method, _readable(match.route) if match else "", status).observe(seconds)


@cache
def _readable(route: str) -> str:
    """`/api/v1/jobs/<job_id>` from the pattern."""
    return str(simplify_regex(route.removesuffix("/?$")))
