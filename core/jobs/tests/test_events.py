"""The event log: complete replay, exact resume, one end."""

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.exceptions import Stopping
from core.jobs import events, reaper
from core.jobs.events import Event, EventLog
from core.jobs.hub import Hub

JOB = UUID(int=1)


def opened(complete: bool = True) -> EventLog:
    log = EventLog()
    log.open(JOB, "ann", {"status": "queued"}, complete=complete)
    return log


def step(log: EventLog, number: int, *, attempt: int = 1, job: UUID = JOB) -> None:
    data = {"status": "processing", "current_step": number, "total_steps": 9, "progress": number / 9}
    log.append(job, "ann", attempt, "progress", data)


async def collect(stream: AsyncIterator[Event | None]) -> list[Event]:
    return [event async for event in stream if event is not None]


def read(log: EventLog, after: str | None = None) -> list[Event]:
    return asyncio.run(asyncio.wait_for(collect(log.follow(JOB, after, 60)), 5))


@settings(max_examples=50, deadline=None)
@given(
    before=st.integers(0, 20), between=st.integers(0, 20), after=st.integers(0, 20), cut=st.integers(0, 60)
)
def test_a_subscriber_who_comes_late_or_returns_misses_nothing(
    before: int, between: int, after: int, cut: int
) -> None:
    log = opened()
    log.append(JOB, "ann", 0, "accepted", {})
    for number in range(before + between):
        step(log, number)
    for number in range(after):
        step(log, number, attempt=2)  # the worker died in between
    log.append(JOB, "ann", 2, "done", {"status": "done"})

    whole = read(log)
    seen = whole[: 1 + cut % len(whole)]

    assert [event.name for event in whole] == ["accepted", *["progress"] * (before + between + after), "done"]
    assert read(log, seen[-1].id) == whole[len(seen) :]
    assert len({event.id for event in whole}) == len(whole)


def test_every_event_repeats_the_state() -> None:
    log = opened()
    step(log, 3)
    log.append(JOB, "ann", 1, "image", {"index": 0, "seed": 7, "image_id": "x"})
    log.append(JOB, "ann", 1, "done", {"status": "done", "progress": 1.0})

    _, image, done = read(log)

    assert image.data["current_step"] == 3
    assert image.data["task_id"] == str(JOB)
    assert done.data == {
        **done.data,
        "status": "done",
        "progress": 1.0,
        "current_step": 3,
        "loading_message": "",
    }


@pytest.mark.parametrize(
    "unknown", ["1.17", "0.1", "nonsense", "1.-1", "1.", ".", "1.99999999999999999999", "²."]
)
def test_an_id_from_another_life_of_the_server_gets_a_snapshot(unknown: str) -> None:
    log = opened(complete=False)
    step(log, 4, attempt=2)
    log.append(JOB, "ann", 2, "image", {"index": 1, "seed": 7, "image_id": "x"})
    log.append(JOB, "ann", 2, "done", {"status": "done"})

    first, *rest = read(log, unknown)

    assert [event.name for event in rest] == ["done"]
    assert first.name == "snapshot"
    assert first.id == ""
    assert first.data["current_step"] == 4
    assert first.data["images"] == [
        {"index": 1, "status": "done", "progress": 1.0, "seed": 7, "image_id": "x"}
    ]


def test_a_job_ends_once() -> None:
    log = opened()
    log.append(JOB, "ann", 1, "done", {"status": "done"})
    log.append(JOB, "ann", 1, "error", {"status": "error"})
    step(log, 1)

    assert [event.name for event in read(log)] == ["done"]


def test_events_from_other_threads_arrive_in_order_while_somebody_reads() -> None:
    log = opened()

    def publish() -> None:
        for number in range(500):
            step(log, number)
        log.append(JOB, "ann", 1, "done", {"status": "done"})

    async def follow() -> list[Event]:
        thread = threading.Thread(target=publish)
        thread.start()
        return await asyncio.wait_for(collect(log.follow(JOB, None, 60)), 10)

    got = asyncio.run(follow())

    steps = [event.data["current_step"] for event in got if event.name == "progress"]
    assert steps == sorted(steps)
    assert steps[-1] == 499
    assert got[-1].name == "done"


def test_a_slow_subscriber_keeps_all_but_stale_progress() -> None:
    backlog: list[Event | None] = [
        Event(f"1.{n}", "progress", JOB, {}) for n in range(events.SLOW_BACKLOG + 1)
    ]
    backlog.insert(5, Event("1.x", "image", JOB, {}))

    kept = events._coalesced(backlog)

    assert [event.name for event in kept if event] == ["image", "progress"]
    assert kept[-1] is backlog[-1]


def test_only_the_newest_preview_of_a_picture_is_kept() -> None:
    log = opened()
    for number in range(3):
        log.append(JOB, "ann", 1, "preview", {"index": 0, "image": str(number)})
        log.append(JOB, "ann", 1, "preview", {"index": 1, "image": str(number)})
    log.append(JOB, "ann", 1, "done", {"status": "done"})

    assert [event.data["image"] for event in read(log) if event.name == "preview"] == ["2", "2"]


def test_silence_is_filled_and_a_forgotten_job_ends_the_stream() -> None:
    log = opened()

    async def follow() -> list[Any]:
        got = []
        async for event in log.follow(JOB, None, 0.01):
            got.append(event)
            if len(got) == 3:
                log.forget(JOB)
        return got

    assert asyncio.run(asyncio.wait_for(follow(), 5))[:3] == [None, None, None]


def test_a_reader_who_leaves_is_forgotten() -> None:
    log = opened()

    async def follow() -> None:
        stream = log.follow(JOB, None, 60)
        task = asyncio.ensure_future(collect(stream))
        await asyncio.sleep(0.01)
        assert log._logs[JOB].readers
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(follow())

    assert not log._logs[JOB].readers


def test_an_owner_watches_all_of_their_jobs_and_nobody_elses() -> None:
    log = opened()
    step(log, 2)
    other = uuid4()

    async def watch() -> list[Event]:
        got = []
        async for event in log.watch("ann"):
            got.append(event)
            if len(got) == 1:
                log.append(other, "bob", 1, "progress", {})
                step(log, 3)
                step(log, 1, job=uuid4())
            if len(got) == 3:
                return got
        return got

    got = asyncio.run(asyncio.wait_for(watch(), 5))

    assert [event.name for event in got] == ["snapshot", "progress", "progress"]
    assert other not in {event.job_id for event in got}


def test_whoever_waits_is_woken_when_the_server_stops() -> None:
    log = opened()
    answer = log.answer(JOB)

    log.fail_answers(Stopping())

    with pytest.raises(Stopping):
        answer.result(1)


def test_ended_logs_are_swept_after_their_time(monkeypatch: pytest.MonkeyPatch) -> None:
    log = opened()
    log.append(JOB, "ann", 1, "done", {"status": "done"})
    log.sweep()
    assert log.state(JOB)

    monkeypatch.setattr(events, "RETENTION_SECONDS", -1.0)
    log.sweep()

    assert log.state(JOB) is None


@pytest.mark.django_db
def test_the_log_of_a_job_without_a_row_is_forgotten_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = Hub()
    hub.log.open(JOB, "ann", {}, complete=False)
    reaper.forget_lost_logs(hub)
    assert hub.log.state(JOB), "its row may be about to be written"

    monkeypatch.setattr(reaper, "LOST_AFTER_SECONDS", 0.0)
    reaper.forget_lost_logs(hub)

    assert hub.log.state(JOB) is None


def test_an_answer_that_came_before_anybody_waited_is_not_missed() -> None:
    log = opened()
    log.append(JOB, "ann", 1, "done", {"status": "done"})

    assert log.answer(JOB).result(1).name == "done"


def test_whoever_begins_to_watch_hears_nothing_of_jobs_that_had_ended() -> None:
    log = opened()
    step(log, 1)
    log.append(JOB, "ann", 1, "done", {"status": "done"})
    new = uuid4()

    async def first_event() -> Event:
        async for event in log.watch("ann"):
            return event
        raise AssertionError

    async def watch() -> Event:
        task = asyncio.ensure_future(first_event())
        await asyncio.sleep(0.05)
        log.append(new, "ann", 0, "accepted", {})
        return await asyncio.wait_for(task, 5)

    assert asyncio.run(watch()).job_id == new


def test_a_synchronous_call_is_not_among_its_owners_jobs() -> None:
    log = EventLog()
    log.open(JOB, "ann", {}, complete=True, listed=False)
    listed = uuid4()

    async def watch() -> Event:
        stream = log.watch("ann")
        task = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0.05)
        step(log, 1)
        step(log, 1, job=listed)
        return await asyncio.wait_for(task, 5)

    assert asyncio.run(watch()).job_id == listed


def test_ids_of_an_earlier_life_are_unknown_even_where_the_attempt_is_the_same() -> None:
    before, after = EventLog(), EventLog()
    for log in (before, after):
        for number in range(4):
            step(log, number)
    seen = before._logs[JOB].events[2]
    assert seen
    after.append(JOB, "ann", 1, "done", {"status": "done"})

    assert [event.name for event in read(after, seen.id)] == ["snapshot", "done"]


def test_what_a_worker_still_says_of_a_forgotten_job_brings_it_not_back() -> None:
    log = opened()
    log.forget(JOB)
    step(log, 1)

    assert log.state(JOB) is None


def test_whoever_counts_is_told_of_each_end_once_and_of_what_it_was() -> None:
    log, told = opened(), []
    log.on_end = lambda operation, ending: told.append((operation, ending.name))
    log.append(JOB, "ann", 0, "accepted", {"kind": "models.pull"})
    step(log, 1)
    for name in ("done", "cancelled"):
        log.append(JOB, "ann", 1, name, {"status": name})
    step(log, 2)

    other = uuid4()
    step(log, 1, job=other)  # from before a restart
    log.append(other, "ann", 1, "error", {"status": "error"})

    assert told == [("models.pull", "done"), ("", "error")]
