"""Makes the engines of the catalogue's models. Worker only: inswapper's imports onnxruntime."""

from apps.face_swap.engines.blending import Blending
from apps.face_swap.engines.inswapper import InSwapper
from apps.face_swap.engines.yunet import YuNet
from core.model_manager.entries import ModelEntry
from core.model_manager.loaders import Loaded


def load_yunet(entry: ModelEntry, device: str) -> Loaded:
    """A `Swapper` that blends what YuNet finds. On the CPU whatever the device: it takes milliseconds."""
    file = next(entry.folder().glob("*.onnx"))
    return Loaded(model=Blending(YuNet(file)), memory_bytes=file.stat().st_size)


def load_inswapper(entry: ModelEntry, device: str) -> Loaded:
    """A `Swapper` on `device`. Raises ModelMissing when the folder lacks what it needs."""
    folder = entry.folder()
    files = sum(file.stat().st_size for file in folder.rglob("*.onnx"))
    return Loaded(model=InSwapper(folder, name=entry.id, device=device), memory_bytes=files)
