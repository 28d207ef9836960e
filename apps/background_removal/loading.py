"""Loads a background removal model for the model manager. Worker only."""

from apps.background_removal.engines import rembg_session
from core.model_manager.entries import ModelEntry
from core.model_manager.loaders import Loaded


def load(entry: ModelEntry, device: str) -> Loaded:
    """A `Segmenter` on `device`. Its weights take what the file takes."""
    file = entry.file()
    return Loaded(
        model=rembg_session.open_session(entry.family, file, device=device),
        memory_bytes=file.stat().st_size,
    )
