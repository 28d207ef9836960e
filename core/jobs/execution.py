"""Runs one claimed job from its stored parameters to its recorded end."""

import json
from typing import Any

import msgspec
import structlog
from django.db import OperationalError

from core.exceptions import Cancelled, OperationFailed, StudioError
from core.jobs import leases
from core.jobs.context import JobContext, Stopped
from core.jobs.endings import ending
from core.jobs.models import Status
from core.operations import Operation, registry

log = structlog.get_logger(__name__)


def execute(context: JobContext) -> None:
    """Runs the job of `context` and records how it ended, unless the lease was lost meanwhile."""
    job = context.job
    with structlog.contextvars.bound_contextvars(
        job_id=str(job.pk), kind=job.kind, request_id=job.request_id
    ):
        log.info("job_started", attempt=job.attempt)
        try:
            operation = registry.get(job.kind)
            output = operation.run(decode(operation, job.version, job.parameters), context)
            result = _plain_json(output)
        except OperationalError:
            raise  # the database is away, and so is the place to say so: the lease will bring the job back
        except Cancelled:
            recorded = _stopped(context)
        except StudioError as error:
            recorded = leases.finish(job, Status.ERROR, error=error.to_dict())
        except BaseException:
            # Whatever a model or a library throws ends this job, never the worker.
            log.exception("job_crashed")
            recorded = leases.finish(job, Status.ERROR, error=OperationFailed().to_dict())
        else:
            recorded = leases.finish(job, Status.DONE, result=result)
        if recorded:
            job.refresh_from_db()
            context.emit(*ending(job))
        log.info("job_ended", status=str(job.status) if recorded else "not recorded")


def decode(operation: Operation, version: int, parameters: dict[str, Any]) -> Any:
    """The operation's input from parameters stored by this or an older release.

    Raises OperationFailed (`unsupported_version`) when no upgrade leads from `version` to the operation's
    own.
    """
    while version < operation.version and version in operation.upgrades:
        parameters, version = operation.upgrades[version](parameters), version + 1
    if version != operation.version:
        raise OperationFailed(
            f"This job has version {version} of its parameters; {operation.name} takes {operation.version}.",
            code="unsupported_version",
        )
    return msgspec.convert(parameters, operation.input)


def encode(operation: Operation, input: Any) -> dict[str, Any]:  # noqa: A002
    """The input as plain JSON, for the row."""
    if not isinstance(input, operation.input):
        raise TypeError(f"{operation.name} takes {operation.input.__name__}, not {type(input).__name__}.")
    parameters: dict[str, Any] = msgspec.to_builtins(input)
    return parameters


def _plain_json(output: Any) -> Any:
    result = msgspec.to_builtins(output)
    # Here, where it is the job's error: the database would refuse it, too.
    json.dumps(result, allow_nan=False)
    return result


def _stopped(context: JobContext) -> bool:
    match context.stopped:
        case Stopped.LOST:
            return False
        case Stopped.SHUTDOWN:
            leases.release(context.job)
            return False
        case _:
            return leases.finish(context.job, Status.CANCELLED)
