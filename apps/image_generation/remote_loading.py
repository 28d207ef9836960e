"""Makes a `Painter` of a model that runs elsewhere. Worker only."""

from django.conf import settings

from apps.image_generation.engines.remote.painter import ReplicatePainter
from core.model_manager.entries import ModelEntry
from core.model_manager.loaders import Loaded


def load(entry: ModelEntry, device: str) -> Loaded:
    """The painter; it takes no memory on the device, and asks nobody before it is asked to paint."""
    painter = ReplicatePainter(
        entry.source.remote,
        token=settings.STUDIO_REPLICATE_TOKEN,
        base_url=settings.STUDIO_REPLICATE_BASE_URL,
        timeout=settings.STUDIO_REPLICATE_TIMEOUT,
    )
    return Loaded(model=painter, memory_bytes=0, close=painter.close)
