"""How a job looks from outside."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.reverse import reverse

from core.api.fields import ChoiceField
from core.jobs import queue
from core.jobs.endings import outputs, public_error
from core.jobs.hub import hub
from core.jobs.models import Job, Status


class JobErrorSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()


class JobImageSerializer(serializers.Serializer[Any]):
    index = serializers.IntegerField()
    status = ChoiceField(choices=("queued", "processing", "done", "cancelled", "error"))
    progress = serializers.FloatField()
    seed = serializers.IntegerField(allow_null=True)
    image_id = serializers.UUIDField(allow_null=True)


class JobMetricsSerializer(serializers.Serializer[Any]):
    queue_seconds = serializers.FloatField(allow_null=True)
    run_seconds = serializers.FloatField(allow_null=True)
    time_to_first_image = serializers.FloatField(allow_null=True)
    total_seconds = serializers.FloatField(allow_null=True)


class JobLinksSerializer(serializers.Serializer[Any]):
    self = serializers.URLField()
    result = serializers.URLField()
    stream = serializers.URLField()
    cancel = serializers.URLField()
    websocket = serializers.CharField()


class JobSerializer(serializers.Serializer[Job]):
    """A job: how it stands, what it has made, and where to go on."""

    # What the row says, and the event log's progress. Needs `request` in the context.
    task_id = serializers.UUIDField()
    kind = serializers.CharField()
    status = ChoiceField(choices=Status.choices)
    progress = serializers.FloatField(min_value=0, max_value=1)
    current_step = serializers.IntegerField()
    total_steps = serializers.IntegerField()
    queue_position = serializers.IntegerField(allow_null=True, help_text="1 is next; null once it runs.")
    loading_message = serializers.CharField()
    message = serializers.CharField()
    error = JobErrorSerializer(allow_null=True)
    attempt = serializers.IntegerField()
    images = JobImageSerializer(many=True)
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    completed_at = serializers.DateTimeField(allow_null=True)
    metrics = JobMetricsSerializer()
    links = JobLinksSerializer()

    def to_representation(self, instance: Job) -> dict[str, Any]:
        # What the log knows of a queued job is of an attempt that was lost.
        live = (hub.log.state(instance.pk) or {}) if instance.status != Status.QUEUED else {}
        return {
            "task_id": str(instance.pk),
            "kind": instance.kind,
            "status": str(instance.status),
            "progress": 1.0 if instance.status == Status.DONE else live.get("progress", 0.0),
            "current_step": live.get("current_step", 0),
            "total_steps": live.get("total_steps", 0),
            "queue_position": queue.position(instance),
            "loading_message": live.get("loading_message", ""),
            "message": _message(instance),
            "error": public_error(instance),
            "attempt": instance.attempt,
            "images": _images(instance, live.get("images", {})),
            "created_at": instance.created_at,
            "started_at": instance.started_at,
            "completed_at": instance.completed_at,
            "metrics": instance.metrics(),
            "links": _links(instance, self.context["request"]),
        }


class CancelSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField(help_text="False when the job had already ended.")
    message = serializers.CharField()
    task_id = serializers.UUIDField()


class ResultImageSerializer(serializers.Serializer[Any]):
    index = serializers.IntegerField()
    seed = serializers.IntegerField(allow_null=True)
    image_id = serializers.UUIDField()
    image = serializers.CharField(help_text="Base64, or a URL with `?response_format=url`.")


class UnfinishedJobSerializer(JobSerializer):
    """A job that has no result, as the body of an error."""

    detail = serializers.CharField()
    code = ChoiceField(choices=("not_done", "cancelled"))
    request_id = serializers.CharField()


class ResultSerializer(serializers.Serializer[Any]):
    task_id = serializers.UUIDField()
    status = serializers.CharField()
    image = serializers.CharField(allow_null=True, help_text="The first picture.")
    images = ResultImageSerializer(many=True)
    metadata = serializers.DictField()
    debug_info = serializers.DictField()


def _images(job: Job, live: dict[int, dict[str, Any]]) -> list[dict[str, Any]]:
    """One entry a picture that was asked for: recorded, else what the event log knows, else waiting."""
    rest = {Status.QUEUED: "queued", Status.PROCESSING: "queued"}.get(Status(job.status), str(job.status))
    recorded = {image["index"]: image for image in outputs(job)}
    waiting = {"status": rest, "progress": 0.0, "seed": None, "image_id": None}
    count = max(job.image_count, len(recorded))
    return [recorded.get(i) or {"index": i, **waiting, **_under_way(job, live.get(i))} for i in range(count)]


def _under_way(job: Job, live: dict[str, Any] | None) -> dict[str, Any]:
    return live if live and job.status == Status.PROCESSING else {}


def _message(job: Job) -> str:
    match job.status:
        case Status.QUEUED:
            return "Its worker was lost; it will run again." if job.attempt else "Waiting for a free slot."
        case Status.PROCESSING:
            return "Cancelling." if job.cancel_requested else "Running."
        case Status.ERROR:
            return str(job.error["detail"]) if job.error else "Failed."
        case _:
            return f"{Status(job.status).label}."


def _links(job: Job, request: Request) -> dict[str, str]:
    routes = {"self": "job-detail", "result": "job-result", "stream": "job-stream", "cancel": "job-cancel"}
    one = {"job_id": job.pk}
    links = {name: f"{reverse(route, kwargs=one, request=request)}/" for name, route in routes.items()}
    scheme = "wss" if request.is_secure() else "ws"
    return {**links, "websocket": f"{scheme}://{request.get_host()}/ws/jobs/{job.pk}/"}
