import hashlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.model_manager import loaders
from core.model_manager.catalogue import Catalogue
from core.model_manager.devices import Device
from core.model_manager.entries import ModelEntry, Source
from core.model_manager.manager import ModelManager
from core.model_manager.tests import numpy_loader
from core.model_manager.tests.hub_server import REVISION, Hub, serve
from core.model_manager.tests.numpy_loader import Watch

DEVICE = Device("cpu", "cpu", 1000, lambda error: isinstance(error, MemoryError), lambda: None)

WEIGHTS = os.urandom(3_000_000)
FILE = "unet/diffusion_pytorch_model.safetensors"

MakeEntry = Callable[..., ModelEntry]


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    fresh = Watch()
    monkeypatch.setattr(numpy_loader, "watch", fresh)
    monkeypatch.setitem(loaders._loaders, "tests.numpy", "core.model_manager.tests.numpy_loader.load")
    return fresh


@pytest.fixture
def make_entry(tmp_path: Path) -> MakeEntry:
    """Writes a model of `size` bytes to disk and gives its entry."""

    def make(model_id: str, size: int = 100, **fields: Any) -> ModelEntry:
        folder = tmp_path / "arrays" / model_id
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "weights.npy", np.full(size, 7, dtype=np.uint8))
        known: dict[str, Any] = {
            "id": model_id,
            "task": "array",
            "family": "array",
            "loader": "tests.numpy",
            "source": Source(path=str(folder)),
            "licence": "MIT",
            "licence_url": "https://opensource.org/license/mit",
            "commercial_use": True,
            "description": "An array.",
            "size_bytes": size,
        }
        return ModelEntry(**known | fields)

    return make


@pytest.fixture
def make_manager(watch: Watch) -> Iterator[Callable[..., ModelManager]]:
    """A manager over the given entries; closed when the test ends."""
    made: list[ModelManager] = []

    def make(*entries: ModelEntry, **options: Any) -> ModelManager:
        known = Catalogue({entry.id: entry for entry in entries})
        manager = ModelManager(
            **{"budget_bytes": 250, "idle_seconds": 0, "device": DEVICE, "entries": lambda: known} | options
        )
        made.append(manager)
        return manager

    yield make
    for manager in made:
        manager.close()


@pytest.fixture
def models_root(settings: Any, tmp_path: Path) -> Path:
    settings.STUDIO_MODELS_ROOT = tmp_path / "models"
    return tmp_path / "models"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    hub = Hub()
    hub.files = {
        "model_index.json": json.dumps({"_class_name": "StableDiffusionPipeline"}).encode(),
        "unet/config.json": b"{}",
        FILE: WEIGHTS,
        "unet/diffusion_pytorch_model.fp16.safetensors": b"half",
        "unet/diffusion_pytorch_model.bin": b"pickle",
        "unet/diffusion_pytorch_model.non_ema.safetensors": b"another",
        "tiny.safetensors": b"everything in one",
        "tokenizer/merges.txt": b"a b",
        ".gitattributes": b"",
        "README.md": b"# tiny",
    }
    server = serve(hub)
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    yield hub
    server.shutdown()
    server.server_close()


@pytest.fixture
def file_entry(hub: Hub, make_entry: MakeEntry, models_root: Path) -> ModelEntry:
    """A model that is one file, which the hub's server hands out."""
    url = f"{os.environ['HF_ENDPOINT']}/{hub.repo}/resolve/{REVISION}/{FILE}"
    sha256 = hashlib.sha256(WEIGHTS).hexdigest()
    return make_entry("net", source=Source(url=url, folder="nets/net", file="net.onnx", sha256=sha256))
