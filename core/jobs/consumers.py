"""The same events over WebSocket, as JSON `{"event", "id", "data"}`."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from time import monotonic
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import orjson
import structlog
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from core.accounts.owners import Owner
from core.accounts.scopes import Scope
from core.accounts.websocket import still_holds
from core.exceptions import InvalidInput, NotPermitted, StudioError
from core.jobs import services
from core.jobs.events import Event
from core.jobs.hub import hub
from core.jobs.sse import events_of, with_picture

UNAUTHENTICATED = 4401
NO_SUCH_JOB = 4404
CREDENTIAL_SECONDS = 60.0  # so long may events still go to a socket whose credential has been withdrawn
INTERNAL_ERROR = 1011  # RFC 6455, section 7.4.1

log = structlog.get_logger(__name__)


class EventConsumer(AsyncJsonWebsocketConsumer, ABC):  # type: ignore[misc]
    """Sends what `events()` gives, and takes `{"action": "cancel"}` meanwhile.

    A cancel, and every minute the next event, has the credential looked at again.
    """

    sender: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        offered = self.scope.get("subprotocols") or []
        await self.accept("bearer" if "bearer" in offered else None)
        if self.owner is None:
            await self.close(UNAUTHENTICATED)
            return
        try:
            events = await self.events(self.owner)
        except StudioError as error:
            await self.send_json({"event": "error", "id": "", "data": _refusal(error)})
            await self.close(NO_SUCH_JOB)
            return
        self.sender = asyncio.create_task(self._send_all(events))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:  # not in `disconnect`, which is not called when an answer could not be sent
            if self.sender:
                self.sender.cancel()

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs: Any
    ) -> None:
        if self.sender is None or self.owner is None:
            return
        try:
            job_id = self._job_to_cancel(text_data or bytes_data or b"")
            if await still_holds(self.scope):
                await database_sync_to_async(_cancel)(job_id, self.owner)
            else:
                self.sender.cancel()
                await self.close(UNAUTHENTICATED)
        except StudioError as error:
            await self.send_json({"event": "refused", "id": "", "data": _refusal(error)})

    def _job_to_cancel(self, text: str | bytes) -> UUID:
        try:
            message = orjson.loads(text)
        except orjson.JSONDecodeError:
            message = None
        if not isinstance(message, dict) or message.get("action") != "cancel":
            raise InvalidInput('The one action here is {"action": "cancel"}.', code="unknown_action")
        if Scope.GENERATE not in self.scope["scopes"]:
            raise NotPermitted("This credential may only look: it lacks the scope generate.")
        return self.job_id(message)

    @property
    def owner(self) -> Owner | None:
        owner: Owner | None = self.scope.get("owner")
        return owner

    @abstractmethod
    async def events(self, owner: Owner) -> AsyncIterator[Event | None]:
        """What to send; raises StudioError when there is no such thing for `owner`."""

    @abstractmethod
    def job_id(self, message: dict[str, Any]) -> UUID:
        """Which job `message` means; InvalidInput when it does not say."""

    async def _send_all(self, events: AsyncIterator[Event | None]) -> None:
        looked = monotonic()
        try:
            async for event in events:
                if monotonic() - looked > CREDENTIAL_SECONDS:
                    if not await still_holds(self.scope):
                        await self.close(UNAUTHENTICATED)
                        return
                    looked = monotonic()
                if event is None:
                    await self.send_json({"event": "keepalive", "id": "", "data": {}})
                else:
                    await self.send_json({"event": event.name, "id": event.id, "data": event.data})
        except Exception:  # nobody awaits this task: a reader would wait for the next event for good
            log.exception("socket_failed")
            await self.close(INTERNAL_ERROR)
        else:
            await self.close()

    @classmethod
    async def encode_json(cls, content: Any) -> str:
        return orjson.dumps(content).decode()


class JobConsumer(EventConsumer):
    """`/ws/jobs/{task_id}/`: one job, to its end. `?last_event_id=` resumes."""

    async def events(self, owner: Owner) -> AsyncIterator[Event | None]:
        job = await database_sync_to_async(services.get)(job_id=self.job_id({}), owner=owner)
        return events_of(job, _query(self.scope).get("last_event_id"))

    def job_id(self, message: dict[str, Any]) -> UUID:
        job_id: UUID = self.scope["url_route"]["kwargs"]["job_id"]
        return job_id


class OwnerConsumer(EventConsumer):
    """`/ws/jobs/`: all of the caller's jobs. A cancel says which, by its `task_id`."""

    async def events(self, owner: Owner) -> AsyncIterator[Event | None]:
        return self._watch(owner)

    def job_id(self, message: dict[str, Any]) -> UUID:
        try:
            return UUID(str(message["task_id"]))
        except (KeyError, ValueError):
            raise InvalidInput("Say which job: a task_id is missing or not a UUID.") from None

    async def _watch(self, owner: Owner) -> AsyncIterator[Event | None]:
        async for event in hub.log.watch(owner.id):
            yield await with_picture(event)


class NowhereConsumer(AsyncJsonWebsocketConsumer):  # type: ignore[misc]
    """Any other address: there is nothing to follow."""

    async def connect(self) -> None:
        await self.accept()
        await self.close(NO_SUCH_JOB)


def _cancel(job_id: UUID, owner: Owner) -> None:
    services.cancel(services.get(job_id=job_id, owner=owner))


def _query(scope: Any) -> dict[str, str]:
    return dict(parse_qsl(scope.get("query_string", b"").decode("latin-1")))


def _refusal(error: StudioError) -> dict[str, Any]:
    return {"code": error.error_code, "detail": error.message}
