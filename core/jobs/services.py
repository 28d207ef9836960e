"""The face of core.jobs: submit an operation, wait for it, cancel it, look at it."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import msgspec
from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import close_old_connections, transaction
from django.db.models import QuerySet

from core.accounts.owners import Owner
from core.exceptions import Cancelled, NotFound, Stopping, StudioError, Unavailable, WrongState
from core.images.models import StoredImage
from core.jobs import execution, leases, queue
from core.jobs.discarding import discard, discard_answered
from core.jobs.endings import ending
from core.jobs.events import Event
from core.jobs.hub import hub
from core.jobs.models import FINISHED, Job, JobImage, Status
from core.observability.disconnects import client_gone
from core.operations import Input, registry


def submit(
    *,
    operation: str,
    input: Input,  # noqa: A002
    owner: Owner,
    request_id: str = "",
    priority: int = 0,
    job_id: UUID | None = None,
) -> Job:
    """Queues `operation` and gives its row, which is on disk when this returns.

    A request that may be sent again, after a crash too, brings the `job_id` under which `queued` finds it.

    Raises QuotaExceeded, QueueFull or Stopping, and NotFound when a picture it needs has gone meanwhile.
    """
    job = _build(operation, input, owner, request_id, priority)
    job.pk = job_id or job.pk
    _enqueue(job, input.input_images)
    return job


def queued(*, job_id: UUID | None, owner: Owner) -> Job | None:
    """The job that this request has queued before, if it has; its input is `input_of`."""
    return jobs_of(owner=owner).filter(pk=job_id).first() if job_id else None


def input_of(job: Job) -> Any:
    """What the job's operation runs on; see `execution.decode`."""
    return execution.decode(registry.get(job.kind), job.version, job.parameters)


@contextmanager
def answered(
    *,
    operation: str,
    input: Input,  # noqa: A002
    owner: Owner,
    request_id: str = "",
    keyed: bool = False,
) -> Iterator[tuple[Job, Any]]:
    """Runs `operation` as a synchronous call and gives its row and output; the row is gone soon after.

    A client that goes away cancels the call, unless it is `keyed` (the request has an Idempotency-Key): then
    it runs to its end, so that the client's retry finds the answer. Raises whatever the operation raised, and
    what `submit` does.
    """
    if not hub.has_worker:
        raise Unavailable(
            "This server has no worker that could answer. Start the studio with manage.py serve.",
            code="no_worker",
        )
    job = _build(operation, input, owner, request_id)
    job.waiter = hub.name
    hub.wait_for(job.pk)
    try:
        _enqueue(job, input.input_images)
        _wait(job, keyed=keyed)
        job.refresh_from_db()
        check_done(job)
        yield job, msgspec.convert(job.result, registry.get(job.kind).output)
    finally:
        hub.waited(job.pk)
        if job.status in FINISHED:
            hub.note_answered(job.pk)  # the reaper discards many at a time, and no answer waits for it
        else:
            discard(hub, [job.pk])


def run_and_wait(
    *,
    operation: str,
    input: Input,  # noqa: A002
    owner: Owner,
    request_id: str = "",
    keyed: bool = False,
) -> Any:
    """The output of `operation`, for operations that make no pictures. See `answered`."""
    with answered(operation=operation, input=input, owner=owner, request_id=request_id, keyed=keyed) as (
        _,
        output,
    ):
        return output


def jobs_of(*, owner: Owner) -> QuerySet[Job]:
    """The jobs that `owner` may see, newest first. Synchronous calls are not among them."""
    return Job.objects.filter(owner=owner.id, waiter="").prefetch_related("images").order_by("-created_at")


def get(*, job_id: UUID, owner: Owner) -> Job:
    """One job; NotFound for another owner's as for one that never was."""
    job = jobs_of(owner=owner).filter(pk=job_id).first()
    if job is None:
        raise NotFound("There is no such job (finished jobs are deleted after a while).")
    return job


def check_done(job: Job) -> None:
    """Returns when `job` is done. Raises what it ended with instead, or WrongState `not_done`."""
    if job.status == Status.ERROR:
        raise StudioError.from_dict(job.error or {})
    if job.status == Status.CANCELLED:
        raise Cancelled
    if job.status != Status.DONE:
        raise WrongState("The job is not done yet.", code="not_done")


def cancel(job: Job) -> bool:
    """Cancels a queued job at once, a running one before its next step. False when it had ended."""
    row = Job.objects.filter(pk=job.pk)
    with transaction.atomic():  # a worker may claim it, or lose it, at this very moment
        status = row.select_for_update().values_list("status", flat=True).first()
        if status == Status.QUEUED:
            row.update(status=Status.CANCELLED, **leases.closing())
        elif status == Status.PROCESSING:
            row.update(cancel_requested=True)
    if status == Status.QUEUED:
        job.refresh_from_db()
        hub.log.append(job.pk, job.owner, job.attempt, *ending(job))
    elif status == Status.PROCESSING:
        hub.doorbell.cancel(job.pk)
    return status in (Status.QUEUED, Status.PROCESSING)


def delete(job: Job) -> None:
    """Deletes a finished job; WrongState for one that has yet to end."""
    if not Job.objects.filter(pk=job.pk, status__in=FINISHED).delete()[0]:
        raise WrongState("Only a finished job can be deleted. Cancel it first.", code="not_finished")
    hub.log.forget(job.pk)


def release_answered() -> None:
    """Has no answered call hold a picture any more; the reaper does the same every few seconds."""
    discard_answered(hub)


def worker_report(topic: str) -> Any:
    """What the worker last said about `topic` ("worker", "models", ...); None when there is no worker."""
    return hub.report(topic)


def _build(operation: str, input: Input, owner: Owner, request_id: str, priority: int = 0) -> Job:  # noqa: A002
    known = registry.get(operation)
    return Job(
        id=uuid4(),
        kind=known.name,
        version=known.version,
        parameters=execution.encode(known, input),
        lane=known.lane.value,
        owner=owner.id,
        share=owner.share,
        request_id=request_id,
        priority=priority,
        image_count=input.image_count,
    )


def _enqueue(job: Job, input_images: Sequence[UUID]) -> None:
    if hub.stopping:
        raise Stopping(retry_after=5)
    # The log comes first: a worker may claim the row, and speak of it, before this thread runs on.
    hub.log.open(job.pk, job.owner, {"status": "queued"}, complete=True, listed=not job.waiter)
    hub.log.append(job.pk, job.owner, 0, "accepted", {"kind": job.kind})
    try:
        with transaction.atomic():
            queue.check_room(share=job.share)
            job.turn = queue.next_turn(lane=job.lane, share=job.share, priority=job.priority)
            if job.waiter:
                job.awaited_until = leases.lease_end()
            job.save(force_insert=True)
            _pin(job, input_images)
    except BaseException:
        hub.log.forget(job.pk)
        raise
    hub.doorbell.ring(job.lane)


def _pin(job: Job, input_images: Sequence[UUID]) -> None:
    """Has the image store spare what the job needs. NotFound when it is too late."""
    # Locked until the transaction is over, so that no purge takes them in between.
    wanted = StoredImage.objects.select_for_update().filter(pk__in=input_images)
    if input_images and len(wanted.values_list("pk")) < len(set(input_images)):
        raise NotFound("A picture that this needs has been deleted meanwhile.")
    JobImage.objects.bulk_create(
        JobImage(job=job, image_id=image_id, role=JobImage.Role.INPUT, index=index)
        for index, image_id in enumerate(input_images)
    )


def _wait(job: Job, *, keyed: bool) -> Event:
    """Blocks this thread until the job's last event."""
    answer = hub.log.answer(job.pk)
    if hub.stopping:  # and `stop` may have looked for answers to wake before this one was there
        raise Stopping(retry_after=5)
    close_old_connections()  # hundreds may wait at a time, and PostgreSQL serves a hundred connections
    try:
        if keyed:  # a plain wait does not notice that the client has gone
            return answer.result(settings.STUDIO_SYNC_TIMEOUT)

        async def wait() -> Event:
            if client_gone():  # while this thread was busy: there was no wait yet that could be cancelled
                raise asyncio.CancelledError
            return await asyncio.wait_for(asyncio.wrap_future(answer), settings.STUDIO_SYNC_TIMEOUT)

        return async_to_sync(wait)()
    except TimeoutError:
        raise Unavailable(
            f"No answer within {settings.STUDIO_SYNC_TIMEOUT:.0f} seconds. Use the async call for long work.",
            code="timeout",
            retry_after=30,
        ) from None
