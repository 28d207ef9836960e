"""A job's events in the words of this API: `….partial_image`, `….completed`, and an `error` at the worst."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
from channels.db import database_sync_to_async

from apps.image_generation.openai.errors import shape
from core.api.errors import answer_for
from core.exceptions import Cancelled, StudioError
from core.jobs import services as jobs
from core.jobs.events import Event
from core.jobs.models import Job
from core.jobs.sse import events_of

_SILENCE = b": nothing new\n\n"  # a comment: their clients take every event for one that they know


@dataclass
class Telling:
    """What has been told of each picture.

    `topic` is how the names of the events begin, `described` what each of them says beside its picture.
    """

    topic: str
    partial_images: int
    described: dict[str, Any]
    _progress: dict[int, float] = field(default_factory=dict)
    _partials: dict[int, int] = field(default_factory=dict)

    def tell(self, event: Event) -> Iterator[tuple[str, dict[str, Any]]]:
        """Name and data of what to say when `event` has happened."""
        match event.name:
            case "progress":
                index = event.data.get("index", 0)
                self._progress[index] = event.data.get("image_progress", event.data.get("progress", 0.0))
            case "preview":
                yield from self._partial(event.data["index"], event.data["image"])
            case "image":
                yield self._picture("completed", event.data["image"], usage=None)
            case "error":
                yield "error", shape(answer_for(StudioError.from_dict(event.data["error"])))
            case "cancelled":
                yield "error", shape(answer_for(Cancelled()))

    def _partial(self, index: int, image: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """The preview, if the next of the wanted ones is due: they are spread over the steps."""
        told = self._partials.get(index, 0)
        due = (told + 1) / (self.partial_images + 1)
        if told < self.partial_images and self._progress.get(index, 0.0) >= due:
            self._partials[index] = told + 1
            yield self._picture("partial_image", image, partial_image_index=told, output_format="jpeg")

    def _picture(self, what: str, image: str, **more: Any) -> tuple[str, dict[str, Any]]:
        name = f"{self.topic}.{what}"
        return name, {"type": name, "b64_json": image, **self.described, **more}


async def told(job: Job, telling: Telling) -> AsyncIterator[bytes]:
    """The text of the stream. When its client goes away, the job is cancelled: nobody else knows of it."""
    try:
        async for event in events_of(job, None):
            for name, data in telling.tell(event) if event else ():
                yield f"event: {name}\ndata: ".encode() + orjson.dumps(data) + b"\n\n"
            if event is None:
                yield _SILENCE
    finally:
        await database_sync_to_async(jobs.cancel)(job)  # of a job that has ended nothing is left to cancel
