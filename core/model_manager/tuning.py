"""Which dtype a model is fastest in on this device. Written down, so that a seed keeps its picture."""

from dataclasses import dataclass
from typing import Any

import msgspec
from django.conf import settings

from core.model_manager import catalogue, devices, gates
from core.model_manager.entries import DType, ModelEntry
from core.model_manager.loaders import get_tuner

# Another dtype changes every picture a little: it must be worth that.
WORTH = 0.9


@dataclass(frozen=True)
class Tuning:
    """Seconds of one step by dtype on a device of `kind`, the dtype in use, and the one that is proposed."""

    kind: str
    seconds: dict[DType, float]
    present: DType
    proposed: DType


def tune(entry: ModelEntry) -> Tuning:
    """Loads the model in each dtype that makes sense on this device and times a step. Imports torch.

    Raises ModelMissing, LicenceNotAccepted, or NoEngine when nobody can time such a model.
    """
    gates.check(entry)
    device = devices.probe(settings.STUDIO_DEVICE)
    seconds = get_tuner(entry.loader)(entry, device.name)
    present = entry.dtype_on(device.kind)
    return Tuning(device.kind, seconds, present, propose(seconds, present))


def propose(seconds: dict[DType, float], present: DType) -> DType:
    """The fastest dtype, if it takes at most nine tenths of the present one's time; else the present one."""
    fastest = min(seconds, key=lambda dtype: seconds[dtype])
    return fastest if seconds[fastest] <= WORTH * seconds[present] else present


def write(entry: ModelEntry, tuning: Tuning) -> None:
    """Writes the proposal into the user's catalogue, for devices of the kind it was measured on."""
    change: dict[str, Any] = {"dtype_on_cpu" if tuning.kind == "cpu" else "dtype": tuning.proposed}
    if tuning.kind != "cpu" and entry.dtype_on_cpu is None:
        change["dtype_on_cpu"] = entry.dtype  # what it was there, it stays there
    catalogue.save(msgspec.structs.replace(entry, **change))
