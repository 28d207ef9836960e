"""The views of an operation: a call that waits for it, one that queues it, and one that runs it on the spot.

A view says which `operation` it is for, which serializer reads the `body`, and how the output is answered:

    class RemoveView(SyncOperationView):
        operation = REMOVE
        body = SyncRemoveSerializer

        def answer(self, output: RemoveOutput, pictures: Sequence[str]) -> dict[str, Any]:
            return {"image_bytes": pictures[0], "model_used": output.model}
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar, Protocol

from rest_framework.request import Request
from rest_framework.response import Response

from core import disk, operations
from core.api.renderers import PICTURE_RENDERERS
from core.api.serializers import StrictSerializer
from core.api.views import StudioView
from core.exceptions import InvalidInput
from core.images import responses
from core.images.receiving import receiving
from core.jobs import services
from core.jobs.models import Job
from core.jobs.serializers import JobSerializer
from core.operations import Input, SavedImage
from core.operations.inline import InlineContext


class PictureOutput(Protocol):
    """What an operation that makes pictures gives: the first is its result; `model` names what made it."""

    @property
    def images(self) -> tuple[SavedImage, ...]: ...

    @property
    def model(self) -> str: ...


class OperationView(StudioView):
    """What the three have in common."""

    # a picture that has gone, what an operation may raise, and a queue that is full
    own_errors: ClassVar = {"POST": {404, 500, 501, 503}}
    operation: ClassVar[str]
    body: ClassVar[type[StrictSerializer]]

    def prepare(self, given: Mapping[str, Any]) -> Input:
        """The operation's input for the fields of the body. Raises Unavailable `disk_full` as well."""
        disk.check_space()
        return operations.prepare(self.operation, owner=self.owner.id, **given)

    def received(self) -> Input:
        """The operation's input for this request. When it returns, its pictures are stored and let go."""
        with receiving(self.request, self.body):
            return self.prepare(self.validated(self.body))

    def waited_for(self, work: Input) -> AbstractContextManager[tuple[Job, Any]]:
        """Runs the operation on `work` as a job and waits for it; see `services.answered`."""
        return services.answered(
            operation=self.operation,
            input=work,
            owner=self.owner,
            request_id=self.request_id,
            keyed=self.idempotency_key is not None,
        )


class AnsweringView(OperationView):
    """Answers with what the operation made: as JSON, or as the picture alone where Accept asks for one."""

    renderer_classes = PICTURE_RENDERERS

    def answer(self, output: Any, pictures: Sequence[str]) -> dict[str, Any]:
        """What the JSON says beside `success` and `request_id`.

        `pictures` are those of `output.images`, in base64 or as URLs.
        """
        raise NotImplementedError

    def post(self, request: Request) -> Response:
        work, as_url = self._received_with_wishes()
        bare_format = responses.accepted_format(request)
        if bare_format and work.image_count > 1:
            raise InvalidInput(
                f"Accept: image/{bare_format} has room for one picture, not {work.image_count}."
            )
        return self.answered(request, work, bare=bare_format is not None, as_url=as_url)

    def _received_with_wishes(self) -> tuple[Input, bool]:
        """As `received`, and whether the answer is to have URLs."""
        with receiving(self.request, self.body):
            given = self.validated(self.body)
            as_url = given.pop("response_format", "b64") == "url"
            bare_format = responses.accepted_format(self.request)
            if bare_format and "output_format" in self.body().fields:
                given["output_format"] = bare_format
            return self.prepare(given), as_url

    def answered(self, request: Request, work: Input, *, bare: bool, as_url: bool) -> Response:
        """The response of the operation run on `work`."""
        raise NotImplementedError

    def respond(
        self, request: Request, output: Any, *, bare: bool, as_url: bool, headers: Mapping[str, str]
    ) -> Response:
        """The picture's own bytes, or JSON."""
        images: tuple[SavedImage, ...] = getattr(output, "images", ())
        if bare and images:
            return responses.bare(images[0].image_id, headers={**_described(output), **headers})
        pictures = responses.present([image.image_id for image in images], request if as_url else None)
        return Response(
            {"success": True, "request_id": self.request_id, **self.answer(output, pictures)}, headers=headers
        )


class SyncOperationView(AnsweringView):
    """Runs the operation as a job and waits for it; see `services.answered`."""

    def answered(self, request: Request, work: Input, *, bare: bool, as_url: bool) -> Response:
        with self.waited_for(work) as (job, output):
            headers = {"X-Job-Id": str(job.pk)}
            return self.respond(request, output, bare=bare, as_url=as_url, headers=headers)


class InlineOperationView(AnsweringView):
    """Runs an operation of a few milliseconds here and now, without a job."""

    def answered(self, request: Request, work: Input, *, bare: bool, as_url: bool) -> Response:
        context = InlineContext(owner=self.owner.id, share=self.owner.share, request_id=self.request_id)
        output = operations.run(self.operation, work, context)
        return self.respond(request, output, bare=bare, as_url=as_url, headers={})


class AsyncOperationView(OperationView):
    """Queues the operation and answers 202 with the job."""

    def post(self, request: Request) -> Response:
        job = services.queued(job_id=self.job_id, owner=self.owner) or services.submit(
            operation=self.operation,
            input=self.received(),
            owner=self.owner,
            request_id=self.request_id,
            job_id=self.job_id,
        )
        work = services.input_of(job)  # a retry's own would have another seed, say
        self.queued(work, job)
        shown = JobSerializer(job, context={"request": request}).data
        return Response({**shown, **self.echo(work)}, status=202)

    def queued(self, work: Any, job: Job) -> None:
        """What has to be there once the job is queued; nothing by default."""

    def echo(self, work: Any) -> dict[str, Any]:
        """What the answer repeats of the request beside the job; nothing by default."""
        return {}


def _described(output: PictureOutput) -> dict[str, str]:
    """The headers that say of a bare picture what the JSON would."""
    seed = output.images[0].seed
    return {"X-Model": output.model, **({} if seed is None else {"X-Seed": str(seed)})}
