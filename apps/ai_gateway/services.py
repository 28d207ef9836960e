"""The face of ai_gateway: what a message comes to, and the sessions it belongs to."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from apps.ai_gateway import planning, replies, sessions
from apps.ai_gateway.intents import all_intents
from apps.ai_gateway.language_model import read_with_model
from apps.ai_gateway.operations import RunPlanInput, RunPlanOutput
from apps.ai_gateway.planning import Plan
from apps.ai_gateway.reading import Reading, Wanted, read
from apps.ai_gateway.sessions import Session, Turn, Unfinished
from core import llm
from core.accounts.owners import Owner
from core.exceptions import NotFound, WrongState
from core.images import store
from core.jobs import services as jobs
from core.jobs.models import Job, Status


@dataclass
class Chat:
    """One message on its way to an answer. `work` is what a worker is to run, None where nothing is."""

    owner: Owner
    session: Session
    message: str
    reading: Reading
    plan: Plan
    language: str
    dry_run: bool
    work: RunPlanInput | None = None
    response: str = ""
    image_ids: list[UUID] = field(default_factory=list)

    @property
    def understood(self) -> bool:
        """Whether it was answered or done: nothing is missing, and it is known what was meant."""
        return (self.reading.help or bool(self.plan.steps)) and not self.plan.needs

    @property
    def is_long(self) -> bool:
        """Whether the plan makes more pictures than a call should wait for."""
        return self.work is not None and self.work.image_count > planning.MOST_PICTURES


def begin(
    *,
    owner: Owner,
    message: str,
    session_id: str | None = None,
    brought: Mapping[str, UUID | None] | None = None,
    dry_run: bool = False,
) -> Chat:
    """Reads the message and plans what it asks for; `work` is set where all that is needed is there.

    `brought` are the stored pictures that came with it, by field; a dry run stores none. Raises WrongState
    for work on the picture of the session's last job while that goes on, and what preparing the first
    operation raises.
    """
    session_id = session_id or str(uuid4())
    new = brought or {}
    with sessions.locked(owner=owner.id, session_id=session_id):
        session = sessions.begin_or_resume(owner=owner.id, session_id=session_id)
        is_busy = not _settle_job(session, owner)
        _forget_expired(session, owner)
        if not dry_run:
            session.bring({name: image_id for name, image_id in new.items() if image_id})
            sessions.save(session, owner=owner.id)  # at once: what follows may fail, and is then tried again
    reading = _understood(message, session, gained=bool(new))
    at_hand = frozenset(new if is_busy else {*session.pictures, *new})
    plan = planning.plan(reading.steps, at_hand)
    if is_busy and "image" in plan.needs:
        raise WrongState(
            "The last job of this session has not ended yet. Wait for it, or cancel it.", code="session_busy"
        )
    language = session.language if reading.language == "und" else reading.language
    chat = Chat(owner, session, message, reading, plan, language, dry_run)
    if plan.steps and not plan.needs:
        chat.plan = planning.refined(plan, owner=owner.id, share=owner.share)
        if not dry_run:
            pictures = {name: session.pictures[name] for name in at_hand}
            chat.work = planning.prepared(chat.plan, pictures, owner=owner.id)
    chat.response = _response(chat)
    return chat


def finish(chat: Chat, output: RunPlanOutput | None = None, *, job: Job | None = None) -> None:
    """Remembers the turn: with what the plan made, or the job that will make it.

    The session is read anew: since `begin` other messages may have changed it, or its owner deleted it.
    """
    if chat.dry_run:
        return
    if output is not None:
        chat.image_ids = [image.image_id for image in output.images]
        store.keep([*chat.image_ids, *output.pictures.values()])
        chat.response = replies.done(chat.language, chat.plan, _told(chat, output))
    with sessions.locked(owner=chat.owner.id, session_id=chat.session.session_id):
        session = sessions.latest(chat.session, owner=chat.owner.id)
        if session is None:
            return
        session.language = chat.language
        session.unfinished = _unfinished(chat.plan)
        if output is not None:
            session.bring(output.pictures)
        if chat.work is not None:
            session.job = job.pk if job else None
            session.pictures.pop("reference_image", None)  # it was for this plan
        session.remember(_turn(chat))
        sessions.save(session, owner=chat.owner.id)


def _turn(chat: Chat) -> Turn:
    return Turn(
        message=chat.message,
        intent=chat.reading.intent,
        response=chat.response,
        plan=chat.plan.summary,
        needs=list(chat.plan.needs),
        image_ids=chat.image_ids,
        at=timezone.now(),
    )


def _understood(message: str, session: Session, *, gained: bool) -> Reading:
    """By the language model where there is one, otherwise by the rules; or the answer to what was missing."""
    by_rules = read(message)
    if resumed := _resumed(by_rules, session, gained=gained):
        return resumed
    if llm.configured():
        return read_with_model(message, by_rules)
    return by_rules


def _resumed(reading: Reading, session: Session, *, gained: bool) -> Reading | None:
    """The steps that waited for something, where this message brings it."""
    waiting = session.unfinished
    if waiting is None or reading.help or len(reading.steps) > 1:
        return None
    said = reading.steps[0] if reading.steps else None
    if said and said.intent.name not in {name for name, _, _ in waiting.steps}:
        return None
    steps = []
    for name, parameters, confidence in waiting.steps:
        intent = all_intents()[name]
        found: dict[str, Any] = {}
        for clause in reading.frames:
            found |= {key: value for key, value in intent.read(clause).items() if key in waiting.needs}
        if said and said.intent.name == name:
            found |= said.parameters
        gained |= bool(found)
        steps.append(Wanted(intent, {**parameters, **found}, confidence))
    return replace(reading, steps=tuple(steps)) if gained else None


def _unfinished(plan: Plan) -> Unfinished | None:
    if not plan.needs:
        return None
    return Unfinished(
        [(step.intent.name, step.parameters, step.confidence) for step in plan.steps], list(plan.needs)
    )


def _settle_job(session: Session, owner: Owner) -> bool:
    """Takes over the pictures of the session's last job. False while it goes on."""
    if session.job is None:
        return True
    try:
        job = jobs.get(job_id=session.job, owner=owner)
    except NotFound:
        session.job = None
        return True
    if not job.is_finished:
        return False
    if job.status == Status.DONE and job.result:
        session.bring({name: UUID(image_id) for name, image_id in job.result["pictures"].items()})
    session.job = None
    return True


def _forget_expired(session: Session, owner: Owner) -> None:
    for name, image_id in list(session.pictures.items()):
        try:
            store.get(image_id=image_id, owner=owner.id)
        except NotFound:
            del session.pictures[name]


def _response(chat: Chat) -> str:
    if chat.reading.help:
        return replies.help_with(chat.language, chat.reading.topic)
    if not chat.plan.steps:
        nothing = any(clause.negated for clause in chat.reading.frames)
        return replies.negated(chat.language) if nothing else replies.unknown(chat.language)
    if chat.plan.needs:
        return replies.needs(chat.language, chat.plan)
    return (replies.planned if chat.dry_run else replies.running)(chat.language, chat.plan)


def _told(chat: Chat, output: RunPlanOutput) -> list[Mapping[str, Any]]:
    """What the steps that were asked for have to say; what was made first for one of them is left out."""
    told = iter(output.told)
    found: list[Mapping[str, Any]] = []
    for step in chat.plan.steps:
        if step.intent.first(step.parameters):
            next(told)
        found.append(next(told))
    return found
