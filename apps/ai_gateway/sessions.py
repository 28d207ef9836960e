"""What a conversation is about, kept in the cache for a while. Only the web process comes here."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from core.exceptions import NotFound

MOST_TURNS = 20
# A change takes milliseconds: a lock this old belongs to a process that died.
_LOCK_SECONDS = 10


@dataclass(frozen=True)
class Turn:
    """One message and what came of it."""

    message: str
    intent: str
    response: str
    plan: list[dict[str, Any]]
    needs: list[str]
    image_ids: list[UUID]
    at: datetime


@dataclass(frozen=True)
class Unfinished:
    """Steps that could not be run yet, because something was missing: intent, parameters, confidence."""

    steps: list[tuple[str, dict[str, Any], float]]
    needs: list[str]


@dataclass
class Session:
    """A conversation.

    `pictures` are those at hand, by the name of the request's field; `job` is the one whose pictures will be,
    once it is done.
    """

    session_id: str
    created_at: datetime
    updated_at: datetime
    language: str = "en"
    pictures: dict[str, UUID] = field(default_factory=dict)
    job: UUID | None = None
    unfinished: Unfinished | None = None
    turns: list[Turn] = field(default_factory=list)

    def bring(self, pictures: Mapping[str, UUID]) -> None:
        """Takes in new pictures. A mask belongs to its picture and goes with it."""
        if "image" in pictures and pictures["image"] != self.pictures.get("image"):
            self.pictures.pop("mask", None)
        self.pictures.update(pictures)

    def remember(self, turn: Turn) -> None:
        """Adds a turn; the oldest go."""
        self.turns = [*self.turns, turn][-MOST_TURNS:]


@contextmanager
def locked(*, owner: str, session_id: str) -> Iterator[None]:
    """One message at a time changes the session: reads it, changes it and saves it. Held for no longer."""
    lock = f"{_key(owner, session_id)}:lock"
    while not cache.add(lock, True, timeout=_LOCK_SECONDS):
        time.sleep(0.005)
    try:
        yield
    finally:
        cache.delete(lock)


def begin_or_resume(*, owner: str, session_id: str) -> Session:
    """The owner's session of this id, or a new one: ids are each owner's own."""
    now = timezone.now()
    return _kept(owner, session_id) or Session(session_id, created_at=now, updated_at=now)


def latest(session: Session, *, owner: str) -> Session | None:
    """The session as other messages have left it meanwhile; None where it was deleted."""
    kept = _kept(owner, session.session_id)
    return kept if kept and kept.created_at == session.created_at else None


def get(*, owner: str, session_id: str) -> Session:
    """The session; NotFound where there is none, or it is another owner's."""
    kept = _kept(owner, session_id)
    if kept is None:
        raise NotFound("There is no such session (sessions are forgotten after a while).")
    return kept


def save(session: Session, *, owner: str) -> None:
    """Keeps the session for STUDIO_SESSION_TTL from now."""
    session.updated_at = timezone.now()
    cache.set(
        _key(owner, session.session_id), msgspec.json.encode(session), timeout=settings.STUDIO_SESSION_TTL
    )


def delete(*, owner: str, session_id: str) -> None:
    """Forgets the session; its pictures go when their time comes. NotFound like `get`."""
    with locked(owner=owner, session_id=session_id):
        if not cache.delete(_key(owner, session_id)):
            raise NotFound("There is no such session (sessions are forgotten after a while).")


def _kept(owner: str, session_id: str) -> Session | None:
    data = cache.get(_key(owner, session_id))
    return msgspec.json.decode(data, type=Session) if data else None


def _key(owner: str, session_id: str) -> str:
    return f"ai-gateway:{owner}:{session_id}"
