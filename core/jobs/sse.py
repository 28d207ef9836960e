"""Server-Sent Events: a job's events as a text stream that ends when the job does."""

import base64
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID

import orjson
from channels.db import database_sync_to_async
from django.conf import settings
from django.db import close_old_connections
from django.http import StreamingHttpResponse

from core.exceptions import NotFound
from core.images import store
from core.jobs import reaper
from core.jobs.endings import ending, outputs
from core.jobs.events import Event
from core.jobs.hub import hub
from core.jobs.models import Job, Status

KEEPALIVE = b"event: keepalive\ndata: {}\n\n"

Retold = Callable[[Event], Awaitable[Event]]


def event_stream(job: Job, after: str | None, *, retold: Retold | None = None) -> StreamingHttpResponse:
    """The response that streams `job`, from behind the event `after` where the log still knows it.

    `retold` says each event in the words of a call that promises others.
    """
    return streaming(_text(job, after, retold))


def streaming(events: AsyncIterable[bytes]) -> StreamingHttpResponse:
    """The response that sends `events`, each as the text of one. At its end it calls their `close` if any."""
    close_old_connections()  # a stream may last for hours, and PostgreSQL serves a hundred connections
    response = StreamingHttpResponse(events, content_type="text/event-stream")
    response["Cache-Control"] = "no-cache"
    response["X-Accel-Buffering"] = "no"  # nginx would hold events back until its buffer is full
    return response


async def events_of(job: Job, after: str | None) -> AsyncIterator[Event | None]:
    """The events of `job` to its end, with their pictures; None after STUDIO_SSE_KEEPALIVE of silence."""
    if hub.log.state(job.pk) is None:
        if job.is_finished:  # and over for so long, or before a restart, that the log is gone
            for past in _past(job):
                yield past
            return
        hub.log.open(job.pk, job.owner, {"status": str(job.status)}, complete=False)
    async for event in hub.log.follow(job.pk, after, settings.STUDIO_SSE_KEEPALIVE):
        if event is None:
            # After a silence: perhaps the job has ended without this process hearing of it.
            await database_sync_to_async(reaper.tell_endings)(hub, [job.pk], unheard_for=reaper.UNHEARD_FOR)
        yield await with_picture(event) if event else None


async def with_picture(event: Event) -> Event:
    """`image` events name a stored picture; a client gets it in base64 (null when it has expired)."""
    if event.name != "image":
        return event
    image = await database_sync_to_async(_picture)(event.data["image_id"])
    return Event(event.id, event.name, event.job_id, {**event.data, "image": image})


def _past(job: Job) -> list[Event]:
    name, data = ending(job)
    state: dict[str, Any] = {
        "task_id": str(job.pk),
        "progress": 1.0 if job.status == Status.DONE else 0.0,
        "current_step": 0,
        "total_steps": 0,
        **data,
    }
    return [
        Event("", "snapshot", job.pk, {**state, "images": outputs(job)}),
        Event(f"{job.attempt}.0", name, job.pk, state),
    ]


def _picture(image_id: str) -> str | None:
    try:
        return base64.b64encode(store.read_by_id(UUID(image_id))).decode("ascii")
    except NotFound:
        return None


async def _text(job: Job, after: str | None, retold: Retold | None) -> AsyncIterator[bytes]:
    async for event in events_of(job, after):
        if event is None:
            yield KEEPALIVE
            continue
        if retold:
            event = await retold(event)
        identity = f"id: {event.id}\n" if event.id else ""
        yield f"{identity}event: {event.name}\ndata: ".encode() + orjson.dumps(event.data) + b"\n\n"
