"""What an operator wants to know of the queue, for Prometheus."""

from collections.abc import Iterator

import structlog
from django.db import DatabaseError
from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client import Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from core.jobs.events import Event
from core.jobs.hub import hub
from core.jobs.models import UNFINISHED, Job, Status
from core.observability.metrics import registry
from core.operations import Lane

log = structlog.get_logger(__name__)

_SECONDS = (0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000)
_WAITED = Histogram(
    "studio_job_queue_seconds",
    "Time a job waited before a worker took it.",
    ["operation", "status"],
    buckets=_SECONDS,
    registry=registry,
)
_RAN = Histogram(
    "studio_job_run_seconds",
    "Time from when a worker took a job to its end, further attempts included.",
    ["operation", "status"],
    buckets=_SECONDS,
    registry=registry,
)


def count_ended(operation: str, ending: Event) -> None:
    """Notes that a job of `operation` has ended; "" where this process does not know of what it was."""
    took = ending.data.get("metrics", {})
    for histogram, name in ((_WAITED, "queue_seconds"), (_RAN, "run_seconds")):
        if took.get(name) is not None:
            histogram.labels(operation, ending.name).observe(took[name])


class QueueCollector(Collector):
    """The queue as it stands in the database, where that answers: the same whichever process is asked."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        worker = GaugeMetricFamily("studio_worker_connected", "Whether this process has a worker.")
        worker.add_metric([], float(hub.report("worker") is not None))
        yield worker
        try:
            yield from _queue()
        except DatabaseError:  # the other figures are worth the more then
            log.exception("queue_not_counted")


def _queue() -> list[GaugeMetricFamily]:
    jobs = GaugeMetricFamily("studio_jobs", "Jobs that have not ended.", labels=["lane", "status"])
    oldest = GaugeMetricFamily(
        "studio_oldest_queued_seconds", "Since the oldest of those that wait was sent.", labels=["lane"]
    )
    rows = Job.objects.filter(status__in=UNFINISHED).values("lane", "status")
    found = {
        (row["lane"], row["status"]): (row["count"], row["since"])
        for row in rows.annotate(count=Count("pk"), since=Min("created_at"))
    }
    now = timezone.now()
    for lane in (each.value for each in Lane if each is not Lane.INLINE):
        for status in UNFINISHED:
            jobs.add_metric([lane, str(status)], found.get((lane, status), (0, now))[0])
        _, since = found.get((lane, Status.QUEUED), (0, now))
        oldest.add_metric([lane], max(0.0, (now - since).total_seconds()))
    return [jobs, oldest]


def register() -> None:
    """Has the queue be among the figures, and every job that ends."""
    registry.register(QueueCollector())
    hub.log.on_end = count_ended
