"""Leases: loaded once, kept under the budget, never taken from whoever uses it."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from core.exceptions import (
    Cancelled,
    InsufficientMemory,
    InvalidInput,
    LicenceNotAccepted,
    ModelMissing,
    NoEngine,
    OperationFailed,
    Stopping,
    WrongState,
)
from core.model_manager.entries import ModelEntry, Source
from core.model_manager.manager import ModelManager
from core.model_manager.tests.conftest import MakeEntry
from core.model_manager.tests.numpy_loader import Watch

MakeManager = Callable[..., ModelManager]


def loaded(manager: ModelManager) -> set[str]:
    return {state["id"] for state in manager.state() if state["loaded"]}


def test_a_lease_gives_the_model_and_leaves_it_loaded(
    make_entry: MakeEntry, make_manager: MakeManager, watch: Watch
) -> None:
    manager = make_manager(make_entry("a"))
    with manager.lease("a") as array:
        assert array.sum() == 700
        assert manager.state()[0]["leases"] == 1
    with manager.lease("a") as again:
        assert again is array
    assert watch.loads == ["a"]
    [state] = manager.state()
    assert (state["loaded"], state["device"], state["memory_bytes"], state["loads"]) == (True, "cpu", 100, 1)
    assert state["leases"] == 0


def test_it_is_loaded_once_under_contention(
    make_entry: MakeEntry, make_manager: MakeManager, watch: Watch
) -> None:
    manager = make_manager(make_entry("a"), make_entry("b"))
    watch.seconds = 0.02
    barrier = threading.Barrier(12)

    def use(number: int) -> int:
        barrier.wait()
        with manager.lease("ab"[number % 2]) as array:
            return int(array.sum())

    with ThreadPoolExecutor(12) as pool:
        assert set(pool.map(use, range(12))) == {700}
    assert sorted(watch.loads) == ["a", "b"]
    assert watch.overlaps == []


def test_the_thread_that_loads_ends_with_it(
    make_entry: MakeEntry, make_manager: MakeManager, watch: Watch
) -> None:
    """Else OpenMP would keep its threads for it, too."""
    with make_manager(make_entry("a")).lease("a"):
        assert [thread.is_alive() for thread in watch.threads] == [False]


def test_a_load_does_not_hold_up_leases_of_what_is_loaded(
    make_entry: MakeEntry, make_manager: MakeManager, watch: Watch
) -> None:
    manager = make_manager(make_entry("a"), make_entry("slow"))
    manager.load("a")
    watch.go_on.clear()
    watch.started.clear()
    loader = threading.Thread(target=manager.load, args=("slow",))
    loader.start()
    assert watch.started.wait(5)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: manager.load("a")).result(timeout=5) is None
        assert pool.submit(manager.state).result(timeout=5)
    assert loader.is_alive()
    watch.go_on.set()
    loader.join(5)
    assert loaded(manager) == {"a", "slow"}


def test_the_least_recently_used_makes_room(
    make_entry: MakeEntry, make_manager: MakeManager, watch: Watch
) -> None:
    manager = make_manager(make_entry("a"), make_entry("b"), make_entry("c"))
    manager.load("a")
    manager.load("b")
    manager.load("a")
    manager.load("c")
    assert loaded(manager) == {"a", "c"}
    assert watch.open["b"] == 0


def test_what_is_leased_is_never_evicted(make_entry: MakeEntry, make_manager: MakeManager) -> None:
    manager = make_manager(make_entry("a", 200), make_entry("b", 100), make_entry("c", 50))
    with manager.lease("a"):
        with pytest.raises(InsufficientMemory) as caught:
            manager.load("b")
        assert "100 bytes" in caught.value.message
        assert "50 of 250" in caught.value.message
        assert caught.value.retry_after  # the lease will end
        manager.load("c")
        assert loaded(manager) == {"a", "c"}
    manager.load("b")
    assert "b" in loaded(manager)


def test_a_model_over_the_budget_evicts_nothing(make_entry: MakeEntry, make_manager: MakeManager) -> None:
    manager = make_manager(make_entry("a"), make_entry("huge", 300))
    manager.load("a")
    with pytest.raises(InsufficientMemory) as caught:
        manager.load("huge")
    assert caught.value.retry_after is None
    assert loaded(manager) == {"a"}


def test_a_model_bigger_than_its_entry_says_is_refused_after_loading(
    make_entry: MakeEntry, make_manager: MakeManager, watch: Watch
) -> None:
    manager = make_manager(make_entry("a"), make_entry("liar", 300, size_bytes=10))
    manager.load("a")
    with pytest.raises(InsufficientMemory):
        manager.load("liar")
    assert "liar" not in loaded(manager)
    assert watch.open["liar"] == 0


def test_with_an_automatic_budget_one_model_may_exceed_it_alone(
    make_entry: MakeEntry, make_manager: MakeManager
) -> None:
    manager = make_manager(make_entry("a"), make_entry("huge", 900), budget_bytes=0)
    assert manager.budget_bytes == 800
    manager.load("a")
    with manager.lease("huge"), pytest.raises(InsufficientMemory):
        manager.load("a")
    assert loaded(manager) == {"huge"}
    manager.load("a")
    assert loaded(manager) == {"a"}


def test_unload(make_entry: MakeEntry, make_manager: MakeManager, watch: Watch) -> None:
    manager = make_manager(make_entry("a"))
    assert manager.unload("a") is False
    with manager.lease("a"), pytest.raises(WrongState):
        manager.unload("a")
    assert manager.unload("a") is True
    assert watch.open["a"] == 0
    [state] = manager.state()
    assert (state["loaded"], state["device"], state["memory_bytes"], state["loads"]) == (False, None, 0, 1)


def test_what_nobody_uses_is_unloaded(make_entry: MakeEntry, make_manager: MakeManager) -> None:
    manager = make_manager(make_entry("a"), make_entry("b"), idle_seconds=0.2)
    with manager.lease("a"):
        manager.load("b")
        deadline = time.monotonic() + 5
        while loaded(manager) != {"a"} and time.monotonic() < deadline:
            time.sleep(0.02)
        assert loaded(manager) == {"a"}
    while loaded(manager) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert loaded(manager) == set()


def test_out_of_memory_while_loading_is_tried_once_more_alone(
    make_entry: MakeEntry, make_manager: MakeManager, watch: Watch
) -> None:
    manager = make_manager(make_entry("a"), make_entry("b"))
    manager.load("a")
    watch.fail_with = [MemoryError()]
    manager.load("b")
    assert loaded(manager) == {"b"}
    watch.fail_with = [MemoryError(), MemoryError()]
    with pytest.raises(InsufficientMemory):
        manager.load("a")
    assert loaded(manager) == set()
    manager.load("a")
    assert loaded(manager) == {"a"}


def test_out_of_memory_in_the_block_frees_the_others(
    make_entry: MakeEntry, make_manager: MakeManager
) -> None:
    manager = make_manager(make_entry("a"), make_entry("b"))
    manager.load("b")
    with pytest.raises(InsufficientMemory), manager.lease("a"):
        raise MemoryError
    assert loaded(manager) == {"a"}
    with pytest.raises(ZeroDivisionError), manager.lease("a"):
        raise ZeroDivisionError
    assert manager.unload("a")


def test_a_failed_load_leaves_nothing_and_the_next_tries_again(
    make_entry: MakeEntry, make_manager: MakeManager, watch: Watch
) -> None:
    manager = make_manager(make_entry("a"))
    watch.fail_with = [KeyError("secret")]
    with pytest.raises(OperationFailed) as caught:
        manager.load("a")
    assert caught.value.error_code == "model_load_failed"
    assert "secret" not in caught.value.message
    assert manager.state() == []
    manager.load("a")
    assert loaded(manager) == {"a"}


def test_models_that_may_not_be_loaded(
    make_entry: MakeEntry, make_manager: MakeManager, tmp_path: Path
) -> None:
    closed = make_entry("closed", commercial_use=False, licence="LicenseRef-nc")
    absent = make_entry("absent", source=Source(path=str(tmp_path / "nowhere")))
    hub = make_entry("hub", source=Source(hub="owner/name"))
    strange = make_entry("strange", loader="nobody.knows")
    manager = make_manager(closed, absent, hub, strange)
    with pytest.raises(LicenceNotAccepted, match="STUDIO_ACCEPT_LICENCES"):
        manager.load("closed")
    with pytest.raises(ModelMissing, match="models add absent"):
        manager.load("absent")
    with pytest.raises(ModelMissing, match=r"manage\.py models pull hub"):
        manager.load("hub")
    with pytest.raises(NoEngine):
        manager.load("strange")
    for accepted in ("closed", "licenseref-NC"):
        make_manager(closed, accept_licences=[accepted]).load("closed")


def test_an_unknown_model_is_a_bad_request() -> None:
    from core.model_manager import catalogue

    assert catalogue.current().get("no-such-model") is None
    with pytest.raises(InvalidInput) as caught:
        catalogue.current().named("no-such-model")
    assert caught.value.errors is not None
    assert list(caught.value.errors) == ["model"]


def test_a_missing_hub_model_is_fetched_where_that_is_allowed(
    make_entry: MakeEntry, make_manager: MakeManager, settings: Any, tmp_path: Path
) -> None:
    settings.STUDIO_MODELS_ROOT = tmp_path
    entry = make_entry("hub", source=Source(hub="owner/name"))
    told: list[str] = []

    def fetch(wanted: ModelEntry, waiting: Callable[[str], None]) -> None:
        waiting("half way")
        (tmp_path / "arrays" / "hub").rename(tmp_path / "hub")
        (tmp_path / "hub" / "studio.json").write_text("{}")

    manager = make_manager(entry, fetch=fetch)
    with manager.lease("hub", told.append) as array:
        assert array.sum() == 700
    assert told == ["half way", "Loading hub"]


def test_who_no_longer_waits_loads_nothing(make_entry: MakeEntry, make_manager: MakeManager) -> None:
    def cancelled(message: str) -> None:
        raise Cancelled

    manager = make_manager(make_entry("a"))
    with pytest.raises(Cancelled), manager.lease("a", cancelled):
        pass
    assert manager.state() == []


def test_every_change_is_reported_and_the_last_report_is_true(
    make_entry: MakeEntry, make_manager: MakeManager
) -> None:
    reports: list[Any] = []
    manager = make_manager(make_entry("a"), make_entry("b"), on_change=reports.append)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: manager.load("ab"[number % 2]), range(40)))
    assert reports[-1] == manager.state()
    manager.unload("a")
    assert [state["loaded"] for state in reports[-1] if state["id"] == "a"] == [False]


def test_reports_do_not_overtake_each_other(make_entry: MakeEntry, make_manager: MakeManager) -> None:
    reports: list[Any] = []
    slow_down = threading.Event()

    def listener(state: Any) -> None:
        if not slow_down.is_set():
            slow_down.set()
            time.sleep(0.2)
        reports.append(state)

    manager = make_manager(make_entry("a"), make_entry("b"), on_change=listener)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(manager.load, "a")
        assert slow_down.wait(5)
        second = pool.submit(manager.load, "b")
        first.result(5)
        second.result(5)
    assert reports[-1] == manager.state()
    assert [len(report) for report in reports] == sorted(len(report) for report in reports)


def test_a_listener_that_breaks_breaks_nothing_else(make_entry: MakeEntry, make_manager: MakeManager) -> None:
    def broken(state: Any) -> None:
        raise RuntimeError

    manager = make_manager(make_entry("a"), on_change=broken)
    manager.load("a")
    assert loaded(manager) == {"a"}


def test_close(make_entry: MakeEntry, make_manager: MakeManager, watch: Watch) -> None:
    manager = make_manager(make_entry("a"), make_entry("b"), idle_seconds=60)
    manager.load("b")
    with manager.lease("a") as array:
        manager.close()
        assert watch.open == {"a": 1, "b": 0}
        assert array.sum() == 700
    assert watch.open == {"a": 0, "b": 0}
    with pytest.raises(Stopping):
        manager.load("a")
