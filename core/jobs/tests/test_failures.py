"""What goes wrong inside a job ends the job, never the slot that ran it."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import pytest
from django.utils import timezone

from core import operations
from core.jobs import leases, reaper, services
from core.jobs.context import JobContext, Stopped
from core.jobs.hub import Hub
from core.jobs.links import Silent
from core.jobs.models import Job, Status
from core.jobs.tests.studio import wait_until
from core.jobs.worker import Worker
from core.operations import Context, registry

KIND = "tests.misbehave"


@dataclass(frozen=True)
class Input:
    how: str


@dataclass(frozen=True)
class Output:
    value: Any = None


waiting: list[JobContext] = []


def misbehave(input: Input, context: Context) -> Output:  # noqa: A002
    match input.how:
        case "exit":
            raise SystemExit(3)
        case "cancelled":
            raise asyncio.CancelledError
        case "bug":
            raise RuntimeError("a bug")
        case "unencodable":
            return Output(object())
        case "wait":
            waiting.append(cast("JobContext", context))
            while True:
                context.check()
                time.sleep(0.01)
        case "nan":
            return Output(float("nan"))
    return Output("fine")


@pytest.fixture(autouse=True)
def operation() -> Iterator[None]:
    operations.register(
        operations.Operation(
            name=KIND,
            input=Input,
            output=Output,
            handler=f"{__name__}.misbehave",
            lane=operations.Lane.CPU,
        )
    )
    yield
    del registry._operations[KIND]


@pytest.fixture
def worker() -> Iterator[Worker]:
    one_slot = Worker(name="w", slots={"cpu": 1}, link=Silent())
    one_slot.start()
    yield one_slot
    one_slot.stop()
    one_slot.join(5)


def put(how: str) -> Job:
    return Job.objects.create(kind=KIND, parameters={"how": how}, owner="ann", share="ann", lane="cpu")


def ended(job: Job) -> Job | None:
    job.refresh_from_db()
    return job if job.is_finished else None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", ["exit", "cancelled", "bug", "unencodable", "nan"])
def test_a_job_that_breaks_ends_and_the_next_one_runs(worker: Worker, how: str) -> None:
    broken, next_one = put(how), put("well")
    worker.ring("cpu")

    assert wait_until(lambda: ended(next_one), 10).status == Status.DONE
    assert wait_until(lambda: ended(broken), 10).error["code"] == "internal_error"
    assert next_one.result == {"value": "fine"}


@pytest.mark.django_db(transaction=True)
def test_a_lease_that_ran_out_in_a_live_worker_ends_the_old_run_and_not_the_new_one() -> None:
    """After a laptop's sleep: the worker itself claims the job again, beside its own old run."""
    waiting.clear()
    worker = Worker(name="w", slots={"cpu": 2}, link=Silent())
    worker.start()
    try:
        job = put("wait")
        worker.ring("cpu")
        wait_until(lambda: len(waiting) == 1)
        Job.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
        leases.reclaim_expired()
        worker.ring("cpu")
        wait_until(lambda: len(waiting) == 2)
        wait_until(lambda: waiting[0].stopped == Stopped.LOST, 3)  # long before the next heartbeat

        time.sleep(0.1)  # for the old run to end
        assert waiting[1].stopped is None
        Job.objects.update(cancel_requested=True)
        worker.cancel(job.pk)
        assert wait_until(lambda: ended(job), 3).status == Status.CANCELLED
        assert len(waiting) == 2
    finally:
        worker.stop()
        worker.join(5)


@pytest.mark.django_db
def test_a_tick_does_not_overtake_what_the_worker_is_about_to_say() -> None:
    hub, job = Hub(), put("well")
    hub.log.open(job.pk, "ann", {}, complete=True)
    Job.objects.filter(pk=job.pk).update(status=Status.DONE, completed_at=timezone.now())

    reaper.tick(hub)
    assert hub.log.unfinished() == [job.pk]

    Job.objects.filter(pk=job.pk).update(completed_at=timezone.now() - 2 * reaper.UNHEARD_FOR)
    reaper.tick(hub)
    assert hub.log.unfinished() == []


@pytest.mark.django_db
@pytest.mark.parametrize("status", [Status.QUEUED, Status.PROCESSING])
def test_cancel_says_what_it_did(status: Status) -> None:
    job = put("well")
    Job.objects.filter(pk=job.pk).update(status=status, leased_until=timezone.now() + timedelta(hours=1))

    assert services.cancel(job)

    job.refresh_from_db()
    assert job.status == (Status.CANCELLED if status == Status.QUEUED else Status.PROCESSING)
    assert job.cancel_requested == (status == Status.PROCESSING)
