"""Puts a mask model on the device. Worker only."""

from apps.smart_mask.engines.mobile_sam import MobileSam
from apps.smart_mask.engines.sam import Sam
from apps.smart_mask.engines.sam2 import Sam2
from apps.smart_mask.engines.torch_models import weights_size
from core.model_manager.entries import ModelEntry
from core.model_manager.loaders import Loaded


def load_sam(entry: ModelEntry, device: str) -> Loaded:
    """A `Segmenter` by SAM."""
    engine = Sam.open(
        entry.folder(), dtype=_dtype(entry, device), variant=entry.source.variant, device=device
    )
    return Loaded(engine, weights_size(engine.model))


def load_sam2(entry: ModelEntry, device: str) -> Loaded:
    """A `Segmenter` by SAM 2."""
    engine = Sam2.open(
        entry.folder(), dtype=_dtype(entry, device), variant=entry.source.variant, device=device
    )
    return Loaded(engine, weights_size(engine.model))


def load_mobile_sam(entry: ModelEntry, device: str) -> Loaded:
    """A `Segmenter` by MobileSAM's ONNX files."""
    return Loaded(MobileSam.open(entry.folder(), device=device), entry.memory_on(device.split(":")[0]))


def _dtype(entry: ModelEntry, device: str) -> str:
    return entry.dtype_on(device.split(":")[0])
