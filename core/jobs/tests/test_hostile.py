"""Strangers, wrong credentials, full queues, and jobs that cannot run."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from channels.routing import get_default_application
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import User
from django.test import AsyncClient, Client
from django.utils import timezone

from core.accounts import services as accounts
from core.accounts.models import StreamTicket
from core.accounts.owners import Owner
from core.accounts.tokens import issue_tokens
from core.exceptions import InsufficientMemory, OperationFailed
from core.images import store
from core.images.models import StoredImage
from core.images.picture import Picture
from core.images.responses import MOST_BYTES
from core.images.tests.pictures import corners, file_of
from core.jobs import consumers, execution
from core.jobs.hub import hub
from core.jobs.links import JobEvent, Silent
from core.jobs.models import FINISHED, Job, Status
from core.jobs.tests.studio import wait_until
from core.jobs.worker import Worker
from core.operations import Context, Lane, Operation, registry

# Sockets, streams and workers have connections of their own, which see what is committed.
pytestmark = pytest.mark.django_db(transaction=True)

JOBS = "/api/v1/jobs/"
GENERATE = "/api/v1/image-generation/generate/"
EVERYTHING = ["read", "generate"]
VERBS = [
    ("GET", ""),
    ("HEAD", ""),
    ("DELETE", ""),
    ("GET", "result/"),
    ("GET", "stream/"),
    ("POST", "cancel/"),
]


@pytest.fixture
def ann() -> User:
    return User.objects.create_user("ann")


@pytest.fixture
def bob() -> User:
    return User.objects.create_user("bob")


@pytest.fixture(autouse=True)
def only_these_jobs() -> None:
    """A socket would tell of jobs, too, that other tests of this process left in the queue."""
    for job_id in hub.log.unfinished():
        hub.log.forget(job_id)


def put(owner: str = "anonymous", status: Status = Status.QUEUED, **fields: Any) -> Job:
    given: dict[str, Any] = {"kind": "probe.run", "parameters": {"what": "nothing"}, "lane": "cpu", **fields}
    return Job.objects.create(owner=owner, share=owner, status=status, **given)


def jobs_of(user: User) -> list[Job]:
    return [put(f"user:{user.pk}", status) for status in (Status.QUEUED, Status.PROCESSING, Status.DONE)]


def token(user: User) -> dict[str, str]:
    return {"authorization": f"Bearer {issue_tokens(user=user).access}"}


def key(user: User, scopes: list[str] = EVERYTHING) -> dict[str, str]:
    return {"x-api-key": accounts.create_api_key(user=user, name="key", scopes=scopes)[1]}


def ticket(user: User, scopes: list[str] = EVERYTHING) -> str:
    owner = Owner(id=f"user:{user.pk}", share=f"user:{user.pk}")
    return accounts.issue_ticket(user=user, owner=owner, scopes=frozenset(scopes))


def refused(response: Any, status: int, code: str) -> bool:
    """Whether `response` is that error, in the one shape."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/json"
    body = response.json()
    assert {"detail", "code", "request_id"} <= set(body) <= {"detail", "code", "request_id", "errors"}
    assert body["request_id"] == response["X-Request-Id"]
    assert body["code"] == code
    return True


def stream(job: Job, **query: str) -> tuple[Any, list[str]]:
    """The answer to a GET of the job's stream over ASGI, and the names of the events in it."""

    async def follow() -> tuple[Any, list[str]]:
        response = await AsyncClient().get(f"{JOBS}{job.pk}/stream/", query)
        text = b"".join([chunk async for chunk in response]).decode() if response.streaming else ""
        return response, re.findall("^event: (.*)$", text, re.MULTILINE)

    return async_to_sync(follow)()


def listen(path: str, *say: Any, user: User | None = None, events: int = 0) -> tuple[list[Any], int | None]:
    """What a WebSocket sends while `say` is said to it, and the code it closes with (None: it stays open)."""

    async def talk() -> tuple[list[Any], int | None]:
        protocols = ["bearer", issue_tokens(user=user).access] if user else []
        socket = WebsocketCommunicator(get_default_application(), path, subprotocols=protocols)
        await socket.connect(30)
        for message in say:
            await socket.send_to(text_data=message if isinstance(message, str) else json.dumps(message))
        said: list[Any] = []
        while len(said) < len(say) + events or not (say or events):
            output = await socket.receive_output(timeout=30)
            if output["type"] == "websocket.close":
                return said, output["code"]
            said.append(json.loads(output["text"]))
        quiet = await socket.receive_nothing(timeout=0.1)
        await socket.disconnect(timeout=30)
        assert quiet
        return said, None

    return async_to_sync(talk)()


class TestStrangers:
    @pytest.mark.parametrize("credential", [token, key])
    @pytest.mark.parametrize(("method", "what"), VERBS)
    def test_another_users_job_is_not_there(
        self, client: Client, ann: User, bob: User, credential: Any, method: str, what: str
    ) -> None:
        for job in jobs_of(ann):
            response = client.generic(method, f"{JOBS}{job.pk}/{what}", headers=credential(bob))
            assert response.status_code == 404
            assert method == "HEAD" or refused(response, 404, "not_found")
            before = (job.status, job.cancel_requested)
            job.refresh_from_db()
            assert (job.status, job.cancel_requested) == before

    def test_nobody_sees_a_users_jobs_and_a_user_sees_nobodys(self, client: Client, ann: User) -> None:
        theirs, nobodys = jobs_of(ann)[0], put("anonymous")
        for job, headers in ((theirs, {}), (nobodys, token(ann))):
            assert refused(client.get(f"{JOBS}{job.pk}/", headers=headers), 404, "not_found")

        def listed(headers: dict[str, str]) -> set[str]:
            return {job["task_id"] for job in client.get(JOBS, headers=headers).json()["results"]}

        assert listed({}) == {str(nobodys.pk)}
        assert str(nobodys.pk) not in listed(token(ann))
        assert len(listed(key(ann))) == 3

    def test_a_synchronous_call_is_nobodys_job_to_see(self, client: Client) -> None:
        call = put(waiter="web", awaited_until=timezone.now())
        assert client.get(JOBS).json()["results"] == []
        for method, what in VERBS:
            assert client.generic(method, f"{JOBS}{call.pk}/{what}").status_code == 404
        assert Job.objects.filter(pk=call.pk, status=Status.QUEUED).exists()

    def test_another_sites_form_starts_nothing(self, client: Client) -> None:
        form = {"prompt": "a cat"}
        for origin in ("https://evil.example", "null"):
            answer = client.post(f"{GENERATE}async/", form, headers={"origin": origin})
            assert refused(answer, 403, "foreign_origin")
        assert not Job.objects.exists()


class TestCredentials:
    @pytest.fixture(autouse=True)
    def needed(self, settings: Any) -> None:
        settings.STUDIO_REQUIRE_AUTH = True

    @pytest.mark.parametrize(("method", "what"), VERBS)
    def test_without_or_with_wrong_ones_no_answer_tells_whether_a_job_exists(
        self, client: Client, ann: User, method: str, what: str
    ) -> None:
        for wrong in ({}, {"authorization": "Bearer rubbish"}, {"x-api-key": "studio_aaaaaaaa_" + "b" * 43}):
            answers = [
                client.generic(method, f"{JOBS}{job_id}/{what}", headers=wrong)
                for job_id in (jobs_of(ann)[0].pk, uuid4())
            ]
            assert [answer.status_code for answer in answers] == [401, 401]
            assert all(answer["WWW-Authenticate"] for answer in answers)
            if method != "HEAD":
                assert answers[0].json()["code"] == answers[1].json()["code"]

    def test_a_key_that_may_only_read_changes_nothing(self, client: Client, ann: User) -> None:
        queued, _, done = jobs_of(ann)
        reading = key(ann, ["read"])
        assert client.get(f"{JOBS}{done.pk}/", headers=reading).status_code == 200
        assert refused(client.post(f"{JOBS}{queued.pk}/cancel/", headers=reading), 403, "missing_scope")
        assert refused(client.delete(f"{JOBS}{done.pk}/", headers=reading), 403, "missing_scope")
        assert refused(client.post(f"{GENERATE}async/", headers=reading), 403, "missing_scope")

    def test_a_ticket_opens_one_stream_once(self, ann: User) -> None:
        done = put(f"user:{ann.pk}", Status.DONE)
        once = ticket(ann)
        assert stream(done, ticket=once)[1] == ["snapshot", "done"]
        assert refused(stream(done, ticket=once)[0], 401, "invalid_ticket")

    def test_a_ticket_too_old_or_made_up_opens_nothing(self, ann: User) -> None:
        done = put(f"user:{ann.pk}", Status.DONE)
        old = ticket(ann)
        StreamTicket.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        for wrong in (old, "", "\0", "x" * 5000):
            assert refused(stream(done, ticket=wrong)[0], 401, "invalid_ticket")

    def test_a_ticket_shows_its_own_owners_jobs_only(self, ann: User, bob: User) -> None:
        assert refused(stream(jobs_of(ann)[2], ticket=ticket(bob))[0], 404, "not_found")

    def test_a_ticket_is_no_key(self, client: Client, ann: User) -> None:
        job = jobs_of(ann)[0]
        for method, what in VERBS:
            if what != "stream/":
                answer = client.generic(method, f"{JOBS}{job.pk}/{what}?ticket={ticket(ann)}")
                assert answer.status_code == 401
        job.refresh_from_db()
        assert job.status == Status.QUEUED


class TestSockets:
    def test_another_users_job_closes_with_4404(self, ann: User, bob: User) -> None:
        for job in (*jobs_of(ann), Job(id=uuid4())):
            for who in (bob, None):
                said, code = listen(f"/ws/jobs/{job.pk}/", user=who)
                assert [message["data"]["code"] for message in said] == ["not_found"]
                assert code == 4404

    def test_a_socket_without_credentials_closes_with_4401(self, ann: User, settings: Any) -> None:
        settings.STUDIO_REQUIRE_AUTH = True
        for path in ("/ws/jobs/", f"/ws/jobs/{jobs_of(ann)[0].pk}/", "/ws/jobs/?ticket=made-up"):
            assert listen(path) == ([], 4401)

    @pytest.mark.parametrize("rubbish", ["{", "[]", "null", '"cancel"', "[" * 2000, '{"action": ["cancel"]}'])
    def test_rubbish_is_refused_and_the_socket_stays(self, rubbish: str) -> None:
        said, code = listen("/ws/jobs/", rubbish, {"action": "cancel"})
        assert [message["data"]["code"] for message in said] == ["unknown_action", "invalid"]
        assert code is None

    def test_a_strangers_cancel_cancels_nothing(self, ann: User, bob: User) -> None:
        queued, processing, _ = jobs_of(ann)
        asked = [{"action": "cancel", "task_id": str(job.pk)} for job in (queued, processing)]
        for who in (bob, None):
            said, _ = listen("/ws/jobs/", *asked, user=who)
            assert [message["data"]["code"] for message in said] == ["not_found", "not_found"]
        assert not Job.objects.filter(cancel_requested=True).exists()
        assert not Job.objects.filter(status=Status.CANCELLED).exists()

    def test_whoever_watches_hears_of_no_others_jobs(self, ann: User, bob: User) -> None:
        owners = {f"user:{ann.pk}": ann, f"user:{bob.pk}": bob, "anonymous": None}
        jobs = {owner: uuid4() for owner in owners}
        for owner, job_id in jobs.items():
            hub.log.open(job_id, owner, {"status": "queued"}, complete=True)
        try:
            for owner, who in owners.items():
                said, _ = listen("/ws/jobs/", user=who, events=1)
                assert [message["data"]["task_id"] for message in said] == [str(jobs[owner])]
        finally:
            for job_id in jobs.values():
                hub.log.forget(job_id)


def deactivate(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def change_password(user: User) -> None:
    user.set_password("a new one")
    user.save()


def delete_keys(user: User) -> None:
    user.api_keys.all().delete()


class TestSocketsOfWithdrawnCredentials:
    @pytest.fixture
    def job(self, ann: User) -> Iterator[Job]:
        job = put(f"user:{ann.pk}")
        yield job
        hub.log.forget(job.pk)

    @pytest.mark.parametrize("asks_to_cancel", [True, False])
    @pytest.mark.parametrize(
        ("credential", "withdraw"),
        [
            (token, deactivate),
            (token, change_password),
            (key, delete_keys),
            (ticket, deactivate),
            (ticket, change_password),
        ],
    )
    def test_they_cancel_nothing_hear_nothing_and_close(
        self, ann: User, job: Job, credential: Any, withdraw: Any, asks_to_cancel: bool, monkeypatch: Any
    ) -> None:
        given = credential(ann)
        headers, query = ({}, f"?ticket={given}") if credential is ticket else (given, "")
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]

        async def talk() -> Any:
            address = f"/ws/jobs/{job.pk}/{query}"
            socket = WebsocketCommunicator(get_default_application(), address, pairs)
            await socket.connect(30)
            assert json.loads((await socket.receive_output(timeout=30))["text"])["event"] == "snapshot"
            monkeypatch.setattr(consumers, "CREDENTIAL_SECONDS", 0.0)
            hub.log.append(job.pk, job.owner, 1, "progress", {"current_step": 1})
            assert json.loads((await socket.receive_output(timeout=30))["text"])["event"] == "progress"
            await database_sync_to_async(withdraw)(ann)
            if asks_to_cancel:
                await socket.send_to(text_data='{"action": "cancel"}')
            else:
                hub.log.append(job.pk, job.owner, 1, "progress", {"current_step": 2})
            closed = await socket.receive_output(timeout=30)
            await socket.disconnect(timeout=30)
            return closed

        assert async_to_sync(talk)() == {"type": "websocket.close", "code": 4401}
        job.refresh_from_db()
        assert job.status == Status.QUEUED


class TestRoom:
    @pytest.mark.parametrize("path", [GENERATE, f"{GENERATE}async/"])
    def test_too_many_jobs_are_429_and_a_full_queue_is_503(
        self, client: Client, ann: User, bob: User, settings: Any, monkeypatch: Any, path: str
    ) -> None:
        settings.STUDIO_MAX_PENDING_PER_OWNER, settings.STUDIO_MAX_QUEUE = 2, 3
        monkeypatch.setattr(hub, "has_worker", True)
        jobs_of(ann)  # two of the three are unfinished
        logs = hub.log.unfinished()
        body = {"prompt": "a cat"}

        def ask(user: User) -> Any:
            return client.post(path, body, content_type="application/json", headers=token(user))

        quota = ask(ann)
        put("somebody else")
        full = ask(bob)

        assert refused(quota, 429, "too_many_jobs")
        assert refused(full, 503, "queue_full")
        assert int(quota["Retry-After"]) > 0
        assert int(full["Retry-After"]) > 0
        assert Job.objects.count() == 4
        assert hub.waiting() == []
        assert hub.log.unfinished() == logs, "what was refused leaves nothing behind"


@dataclass(frozen=True)
class ProbeInput:
    what: str
    again: int = 0


@dataclass(frozen=True)
class ProbeOutput:
    value: Any = None


def run_probe(probe: ProbeInput, context: Context) -> ProbeOutput:
    match probe.what:
        case "raise":
            raise RuntimeError("secret: /root/.ssh")
        case "recurse":
            return run_probe(probe, context)
        case "memory":
            raise MemoryError
        case "typed":
            raise InsufficientMemory
        case "unspeakable":
            return ProbeOutput(object())
    return ProbeOutput(probe.again)


PROBE = Operation("probe.run", ProbeInput, ProbeOutput, f"{__name__}.run_probe", Lane.CPU, version=3)


class Witness(Silent):
    """A link that remembers the events."""

    def __init__(self) -> None:
        self.events: list[JobEvent] = []

    def event(self, event: JobEvent) -> None:
        self.events.append(event)


@pytest.fixture
def at_work(monkeypatch: Any) -> Iterator[Callable[[], Witness]]:
    """Starts a worker with one slot; gives what hears it."""
    broken = Operation("probe.broken", ProbeInput, ProbeOutput, "no.such.handler", Lane.CPU)
    monkeypatch.setitem(registry._operations, PROBE.name, PROBE)
    monkeypatch.setitem(registry._operations, broken.name, broken)
    link = Witness()
    worker = Worker(name="worker", slots={"cpu": 1}, link=link)

    def start() -> Witness:
        worker.start()
        return link

    yield start
    worker.stop()
    worker.join(10)


class TestJobsThatCannotRun:
    @pytest.mark.parametrize(
        ("fields", "code"),
        [
            ({"kind": "an.app.that.was.removed"}, "unknown_operation"),
            ({"version": 4}, "unsupported_version"),
            ({"version": 2}, "unsupported_version"),
            ({"version": 0}, "unsupported_version"),
            ({"parameters": {}}, "internal_error"),
            ({"parameters": []}, "internal_error"),
            ({"parameters": {"what": 5}}, "internal_error"),
            ({"kind": "probe.broken", "version": 1}, "internal_error"),
            ({"parameters": {"what": "raise"}}, "internal_error"),
            ({"parameters": {"what": "recurse"}}, "internal_error"),
            ({"parameters": {"what": "memory"}}, "internal_error"),
            ({"parameters": {"what": "unspeakable"}}, "internal_error"),
            ({"parameters": {"what": "typed"}}, "insufficient_memory"),
        ],
    )
    def test_they_end_in_an_error_and_the_worker_goes_on(
        self, client: Client, at_work: Callable[[], Witness], fields: dict[str, Any], code: str
    ) -> None:
        bad, good = put(**{"version": 3, **fields}), put(version=3)

        witness = at_work()
        wait_until(lambda: Job.objects.filter(pk=good.pk, status=Status.DONE).exists(), seconds=10)

        shown = client.get(f"{JOBS}{bad.pk}/").json()
        assert (shown["status"], shown["error"]["code"]) == ("error", code)
        assert "secret" not in json.dumps(shown)
        assert set(shown["error"]) == {"code", "detail"}
        assert shown["error"]["detail"]
        assert refused(
            client.get(f"{JOBS}{bad.pk}/result/"), 503 if code == "insufficient_memory" else 500, code
        )
        ends = [event.name for event in witness.events if event.job_id == bad.pk and event.name in FINISHED]
        assert ends == ["error"]


class TestResults:
    def test_pictures_that_would_fill_the_memory_come_as_links_only(self, client: Client) -> None:
        job = put(status=Status.DONE)
        image = store.put(owner="anonymous", picture=Picture(file_of(corners(), "PNG")))
        StoredImage.objects.filter(pk=image.pk).update(bytes=MOST_BYTES // 2 + 1)
        job.images.create(image=image, role="output", index=0)
        assert len(client.get(f"{JOBS}{job.pk}/result/").json()["images"]) == 1
        job.images.create(image=image, role="output", index=1)

        assert refused(client.get(f"{JOBS}{job.pk}/result/"), 413, "result_too_large")
        linked = client.get(f"{JOBS}{job.pk}/result/?response_format=url").json()
        assert all(one["image"].startswith("http://") for one in linked["images"])


class TestParametersOfOlderReleases:
    STEPS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {
        1: lambda old: {"what": old["name"]},
        2: lambda old: {**old, "again": 7},
    }
    CHANGED = Operation("probe.changed", ProbeInput, ProbeOutput, "-", Lane.CPU, version=3, upgrades=STEPS)

    @pytest.mark.parametrize(
        ("version", "stored"),
        [(1, {"name": "x"}), (2, {"what": "x"}), (3, {"what": "x", "again": 7})],
    )
    def test_they_are_upgraded_step_by_step(self, version: int, stored: dict[str, Any]) -> None:
        assert execution.decode(self.CHANGED, version, stored) == ProbeInput("x", again=7)

    @pytest.mark.parametrize("version", [0, 4, 99])
    def test_what_no_step_leads_from_is_an_error(self, version: int) -> None:
        with pytest.raises(OperationFailed) as error:
            execution.decode(self.CHANGED, version, {"what": "x"})
        assert error.value.error_code == "unsupported_version"

    def test_what_is_stored_is_what_comes_back(self) -> None:
        probe = ProbeInput("ünïcode \U0001f600", again=2**53)
        assert execution.decode(PROBE, 3, execution.encode(PROBE, probe)) == probe
