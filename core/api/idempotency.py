"""`Idempotency-Key`: a request that is sent again is not done again.

The first request with a key claims it: a row, unique for its owner and key. Its answer is kept in the row for
24 hours and given again to whoever repeats the request. A claim whose process died, or that is older than any
call may take, is void; every write filters on the claim's own id, so one who was overtaken changes nothing.
Who takes over finds the job that the first one had queued, if it came that far, under the row's `job_id`.
"""

import os
import secrets
import socket
from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import uuid4

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.exceptions import APIException

from core import stored_files
from core.api.models import FOLDER, IdempotencyKey, in_a_day
from core.exceptions import InvalidInput, WrongState

KEPT_HEADERS = (
    "Content-Type",
    "Content-Disposition",
    "Location",
    "X-Model",
    "X-Seed",
    "X-Job-Id",
)
_BOOT = secrets.token_hex(8)
# A synchronous call may take STUDIO_SYNC_TIMEOUT, then its answer must still be written.
_GRACE = timedelta(minutes=1)


class KeyReused(APIException):
    status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    default_detail = "This Idempotency-Key was used for a request with other fields. Use a new key."
    default_code = "idempotency_key_reused"


class InProgress(WrongState):
    code = "idempotency_in_progress"
    detail = "The first request with this Idempotency-Key is still being answered."


def check_key(key: str) -> str:
    """`key` itself. Raises InvalidInput unless it is 1 to 255 visible ASCII characters."""
    if 1 <= len(key) <= 255 and all("!" <= character <= "~" for character in key):
        return key
    raise InvalidInput(
        "An Idempotency-Key is 1 to 255 visible ASCII characters, best a UUID.", code="bad_idempotency_key"
    )


def claim(*, owner: str, key: str, fingerprint: str) -> IdempotencyKey:
    """The row of `key`: freshly claimed for this request, or with the answer (`status_code`) to repeat.

    Raises KeyReused when the key belongs to another request, InProgress when its request is not yet answered.
    """
    while True:
        fresh = IdempotencyKey(
            owner=owner, key=key, fingerprint=fingerprint, claim=uuid4(), process=_this_process()
        )
        try:
            with transaction.atomic():
                fresh.save(force_insert=True)
        except IntegrityError:
            taken = IdempotencyKey.objects.filter(owner=owner, key=key).first()
        else:
            return fresh
        if taken is None or _remove_if_expired(taken):
            continue
        if taken.fingerprint != fingerprint:
            raise KeyReused
        if taken.status_code is not None or _take_over(taken):
            return taken


def finish(row: IdempotencyKey, response: HttpResponse) -> None:
    """Keeps `response`, or frees the key if that is a secret or trying again may go better (429, 5xx)."""
    passing = response.status_code == HTTPStatus.TOO_MANY_REQUESTS or response.status_code >= 500
    if passing or "no-store" in response.headers.get("Cache-Control", ""):
        release(row)
        return
    row.store_body(response.content)
    kept = IdempotencyKey.objects.filter(pk=row.pk, claim=row.claim).update(
        status_code=response.status_code,
        headers={name: response.headers[name] for name in KEPT_HEADERS if name in response.headers},
        body=row.body,
        body_file=row.body_file,
        expires_at=in_a_day(),
    )
    if not kept:
        _delete_files([row.body_file])


def release(row: IdempotencyKey) -> None:
    """Frees the key: the next request with it is done as if it were the first."""
    IdempotencyKey.objects.filter(pk=row.pk, claim=row.claim).delete()


def replay(row: IdempotencyKey) -> HttpResponse | None:
    """The kept answer, marked `Idempotent-Replayed: true`. None, and the key is free, if its file is gone."""
    try:
        body = row.read_body()
    except FileNotFoundError:
        release(row)
        return None
    response = HttpResponse(body, status=row.status_code)
    del response.headers["Content-Type"]  # Django's default; an answer without a body has none
    for name, value in (row.headers | {"Idempotent-Replayed": "true"}).items():
        response.headers[name] = value
    return response


def purge_idempotency_keys(now: datetime | None = None) -> int:
    """Deletes what is older than a day, files included. Returns how many keys that were."""
    return _delete(IdempotencyKey.objects.filter(expires_at__lte=now or timezone.now()))


def sweep_orphans() -> None:
    """Deletes the files, older than an hour, that a crash left without a row."""
    _, stored = stored_files.listed(FOLDER)
    known = set(IdempotencyKey.objects.exclude(body_file="").values_list("body_file", flat=True))
    lost = [name for name in (f"{FOLDER}/{file}" for file in stored) if name not in known]
    _delete_files([name for name in lost if not stored_files.is_young(name)])


def _remove_if_expired(row: IdempotencyKey) -> bool:
    if row.expires_at > timezone.now():
        return False
    _delete(IdempotencyKey.objects.filter(pk=row.pk, claim=row.claim, status_code=row.status_code))
    return True


def _take_over(row: IdempotencyKey) -> bool:
    """Makes the claim of somebody who is gone this request's own; False when another was faster.

    Raises InProgress while the claim is at work.
    """
    if not _is_abandoned(row):
        raise InProgress(retry_after=2)
    overtaken, row.claim = row.claim, uuid4()
    row.process, row.started_at, row.expires_at = _this_process(), timezone.now(), in_a_day()
    taken = IdempotencyKey.objects.filter(pk=row.pk, claim=overtaken, status_code=None).update(
        claim=row.claim, process=row.process, started_at=row.started_at, expires_at=row.expires_at
    )
    return bool(taken)


def _is_abandoned(row: IdempotencyKey) -> bool:
    longest = timedelta(seconds=settings.STUDIO_SYNC_TIMEOUT) + _GRACE
    return timezone.now() - row.started_at > longest or not _is_alive(row.process)


def _delete(rows: QuerySet[IdempotencyKey]) -> int:
    files = list(rows.exclude(body_file="").values_list("body_file", flat=True))
    count, _ = rows.delete()
    _delete_files(files)
    return count


def _delete_files(names: list[str]) -> None:
    for name in filter(None, names):
        default_storage.delete(name)


def _this_process() -> str:
    return f"{socket.gethostname()[:200]} {os.getpid()} {_BOOT}"


def _is_alive(process: str) -> bool:
    """False only for a process that certainly is gone; one on another host is taken to be alive."""
    host, pid, boot = process.rsplit(" ", 2)
    if host != socket.gethostname()[:200]:
        return True
    if int(pid) == os.getpid():
        return boot == _BOOT
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
