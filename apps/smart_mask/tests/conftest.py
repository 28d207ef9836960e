"""One of each engine, loaded the way the worker loads it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from apps.smart_mask.engines.grabcut import GrabCut
from apps.smart_mask.segmenting import Segmenter
from apps.smart_mask.tests import tiny
from core.model_manager.entries import ModelEntry, Source
from core.model_manager.loaders import get_loader

ENGINES = ("grabcut", *tiny.SAVED)
MakeEngine = Callable[[str], Segmenter]


def entry_of(loader: str, folder: Path, model_id: str = "") -> ModelEntry:
    """The catalogue's entry for a tiny model in `folder`."""
    return ModelEntry(
        id=model_id or loader.replace(".", "-"),
        task="mask-generation",
        family="tiny",
        loader=loader,
        source=Source(path=str(folder)),
        licence="MIT",
        licence_url="https://opensource.org/license/mit",
        commercial_use=True,
        description="Random weights.",
        memory_bytes=1_000_000,
    )


@pytest.fixture(scope="session")
def make_engine(tmp_path_factory: pytest.TempPathFactory) -> MakeEngine:
    """Each engine by its loader's key, made once; `grabcut` needs no loader."""
    made: dict[str, Segmenter] = {"grabcut": GrabCut()}

    def make(name: str) -> Segmenter:
        if name not in made:
            folder = tmp_path_factory.mktemp("models") / "tiny"
            tiny.SAVED[name](folder)
            made[name] = get_loader(name)(entry_of(name, folder), "cpu").model
        return made[name]

    return make
