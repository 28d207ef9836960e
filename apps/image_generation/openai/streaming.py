"""A job's events in the words of this API: `….partial_image`, `….completed`, at the worst an `error`."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
from channels.db import database_sync_to_async

from apps.image_generation.openai.errors import shape
from core.api.errors import answer_for
from core.exceptions import Cancelled, NotFound, StudioError
from core.jobs import services as jobs
from core.jobs.events import Event
from core.jobs.models import Job, Status
from core.jobs.sse import events_of, with_picture

_SILENCE = b": nothing new\n\n"  # a comment: their clients take every event for one that they know

Said = tuple[str, dict[str, Any]]


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
    _whole: set[int] = field(default_factory=set)

    def tell(self, event: Event) -> Iterator[Said]:
        """Name and data of what to say when `event` has happened."""
        match event.name:
            case "progress":
                index = event.data.get("index", 0)
                self._progress[index] = event.data.get("image_progress", event.data.get("progress", 0.0))
            case "preview":
                yield from self._partial(event.data["index"], event.data["image"])
            case "image":
                yield self._completed(event.data["index"], event.data["image"])

    def untold(self, event: Event) -> list[Event]:
        """The pictures of the ending `event` that no event has told of: the worker died before it could."""
        pictures = event.data.get("images", ()) if event.name == "done" else ()
        return [
            Event(event.id, "image", event.job_id, picture)
            for picture in pictures
            if picture["index"] not in self._whole
        ]

    def _partial(self, index: int, image: str) -> Iterator[Said]:
        """The preview, if the next of the wanted ones is due: they are spread over the steps."""
        told = self._partials.get(index, 0)
        due = (told + 1) / (self.partial_images + 1)
        if told < self.partial_images and self._progress.get(index, 0.0) >= due:
            self._partials[index] = told + 1
            yield self._picture("partial_image", image, partial_image_index=told, output_format="jpeg")

    def _completed(self, index: int, image: str | None) -> Said:
        self._whole.add(index)
        if image is None:
            return _failed(NotFound("The picture has been deleted meanwhile."))
        return self._picture("completed", image, usage=None)

    def _picture(self, what: str, image: str, **more: Any) -> Said:
        name = f"{self.topic}.{what}"
        return name, {"type": name, "b64_json": image, **self.described, **more}


@dataclass
class PictureStream:
    """The text of the stream of `job`. Closed before its end, as its client has gone, it cancels the job."""

    job: Job
    telling: Telling

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for text in self._texts():
                yield text
        except Exception:  # Django does not close what raised
            await database_sync_to_async(self.close)()
            raise

    def close(self) -> None:
        """Called by Django when the answer is over, also if it never began."""
        jobs.cancel(self.job)  # of a job that has ended nothing is left to cancel

    async def _texts(self) -> AsyncIterator[bytes]:
        async for event in events_of(self.job, None):
            if event is None:
                yield _SILENCE
                continue
            for happened in [*[await with_picture(each) for each in self.telling.untold(event)], event]:
                for said in self.telling.tell(happened):
                    yield _text(said)
            if event.name in ("error", "cancelled"):
                yield _text(await database_sync_to_async(_reason)(self.job))


def _reason(job: Job) -> Said:
    """Why `job` made no picture: its row says more than the event."""
    failed = Job.objects.filter(pk=job.pk, status=Status.ERROR).first()
    return _failed(StudioError.from_dict(failed.error or {}) if failed else Cancelled())


def _failed(error: StudioError) -> Said:
    return "error", shape(answer_for(error))


def _text(said: Said) -> bytes:
    name, data = said
    return f"event: {name}\ndata: ".encode() + orjson.dumps(data) + b"\n\n"
