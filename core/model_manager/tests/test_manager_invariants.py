"""Whatever is leased, given back, unloaded and evicted in whatever order: the books stay true."""

import shutil
import tempfile
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from core.exceptions import InsufficientMemory, WrongState
from core.model_manager import loaders
from core.model_manager.catalogue import Catalogue
from core.model_manager.entries import ModelEntry, Source
from core.model_manager.manager import ModelManager
from core.model_manager.tests import numpy_loader
from core.model_manager.tests.conftest import DEVICE

SIZES = {"a": 40, "b": 60, "c": 100, "d": 130}
BUDGET = 160
ids = st.sampled_from(sorted(SIZES))


class Leasing(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        loaders._loaders["tests.numpy"] = "core.model_manager.tests.numpy_loader.load"
        numpy_loader.watch = numpy_loader.Watch()
        self.watch = numpy_loader.watch
        self.root = Path(tempfile.mkdtemp())
        known = Catalogue({model_id: self._entry(model_id) for model_id in SIZES})
        self.reports: list[Any] = []
        self.manager = ModelManager(
            budget_bytes=BUDGET,
            idle_seconds=0,
            device=DEVICE,
            entries=lambda: known,
            on_change=self.reports.append,
        )
        self.leases: list[tuple[str, AbstractContextManager[Any]]] = []

    def _entry(self, model_id: str) -> ModelEntry:
        folder = self.root / model_id
        folder.mkdir()
        np.save(folder / "weights.npy", np.zeros(SIZES[model_id], dtype=np.uint8))
        return ModelEntry(
            id=model_id,
            task="array",
            family="array",
            loader="tests.numpy",
            source=Source(path=str(folder)),
            licence="MIT",
            licence_url="",
            commercial_use=True,
            description="",
            size_bytes=SIZES[model_id],
        )

    def leased(self) -> set[str]:
        return {model_id for model_id, _ in self.leases}

    def loaded(self) -> set[str]:
        return {state["id"] for state in self.manager.state() if state["loaded"]}

    @rule(model_ids=st.lists(ids, min_size=1, max_size=6))
    def use_one_after_the_other(self, model_ids: list[str]) -> None:
        for model_id in model_ids:
            held = len(self.leases)
            self.lease(model_id, 0)
            if len(self.leases) > held:
                self.leases.pop()[1].__exit__(None, None, None)
            self.the_books_are_true()

    @rule(model_id=ids, out_of_memory=st.sampled_from([0, 0, 0, 1, 2]))
    def lease(self, model_id: str, out_of_memory: int) -> None:
        held = self.loaded()
        self.watch.fail_with = [MemoryError() for _ in range(out_of_memory)]
        others = sum(SIZES[other] for other in self.leased() - {model_id})
        must_fail = model_id not in held and (others + SIZES[model_id] > BUDGET or out_of_memory == 2)
        lease = self.manager.lease(model_id)
        try:
            lease.__enter__()
        except InsufficientMemory:
            assert must_fail
            assert self.leased() <= self.loaded()
        else:
            assert not must_fail
            self.leases.append((model_id, lease))
        self.watch.fail_with = []

    @rule(number=st.integers(0, 100))
    def give_back(self, number: int) -> None:
        if self.leases:
            _, lease = self.leases.pop(number % len(self.leases))
            lease.__exit__(None, None, None)

    @rule(model_id=ids)
    def unload(self, model_id: str) -> None:
        held = model_id in self.loaded()
        try:
            assert self.manager.unload(model_id) is held
            assert model_id not in self.leased()
        except WrongState:
            assert model_id in self.leased()

    @rule()
    def unload_idle(self) -> None:
        self.manager.unload_idle()
        assert self.loaded() == self.leased()

    @invariant()
    def the_books_are_true(self) -> None:
        states = {state["id"]: state for state in self.manager.state()}
        held = self.loaded()
        assert self.leased() <= held
        assert sum(SIZES[model_id] for model_id in held) <= BUDGET
        assert {model_id for model_id, count in self.watch.open.items() if count} == held
        assert all(count in {0, 1} for count in self.watch.open.values())
        for model_id, state in states.items():
            assert state["leases"] == sum(leased == model_id for leased, _ in self.leases)
            assert state["loads"] == self.watch.loads.count(model_id)
        if self.reports:
            assert self.reports[-1] == self.manager.state()

    def teardown(self) -> None:
        for _, lease in self.leases:
            lease.__exit__(None, None, None)
        self.manager.close()
        assert not any(self.watch.open.values())
        shutil.rmtree(self.root)


TestLeasing = Leasing.TestCase
TestLeasing.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
