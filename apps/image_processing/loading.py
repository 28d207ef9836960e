"""Opens this app's models from the folders of the catalogue's entries. Only the worker comes here."""

from apps.image_processing.engines.lama_filling import LamaFiller
from apps.image_processing.engines.onnx_sessions import weights_size
from apps.image_processing.engines.onnx_super_resolution import OnnxSuperResolver
from core.model_manager.entries import ModelEntry
from core.model_manager.loaders import Loaded


def load_inpainter(entry: ModelEntry, device: str) -> Loaded:
    """A `holes.Filler`."""
    folder = entry.folder()
    return Loaded(model=LamaFiller(folder, device), memory_bytes=weights_size(folder))


def load_super_resolver(entry: ModelEntry, device: str) -> Loaded:
    """An `upscaling.SuperResolver`."""
    folder = entry.folder()
    return Loaded(model=OnnxSuperResolver(folder, device), memory_bytes=weights_size(folder))
