"""LoRAs for a pipeline that many requests share at the same time.

peft puts adapters into the layers of the model itself, and what they are set to holds for everybody who
uses it. So a request with LoRAs gets another structure around the same weights (`clones`), with its adapters
in it: the model that the others use is never touched, nothing is switched between two steps, and calls with
the same LoRAs at the same scales, being calls of the same network, can still share a pass.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import structlog
import torch
from peft.tuners.tuners_utils import BaseTunerLayer

from apps.image_generation.engines.batching.pipeline_views import plain_view
from apps.image_generation.engines.lora.clones import with_same_weights
from apps.image_generation.painting import Lora
from core.exceptions import InvalidInput, NoEngine

log = structlog.get_logger(__name__)

# Sets of LoRAs that a model keeps ready. One takes the bytes of its files; the same LoRAs at other scales
# take nothing more.
MOST_SETS = 8

Key = tuple[tuple[str, int, int], ...]  # name, time of change and size of each file


class Adapters:
    """The versions of one pipeline that have LoRAs in them. Safe to use from any thread.

    `constructing()` is held while layers are made: diffusers patches torch globally while it loads a model.
    """

    def __init__(self, pipeline: Any, *, constructing: Callable[[], AbstractContextManager[None]]) -> None:
        self._pipeline = pipeline
        self._constructing = constructing
        self._lock = threading.Lock()
        self._ready: OrderedDict[tuple[Key, tuple[float, ...]], Any] = OrderedDict()

    def pipeline(self, loras: Sequence[Lora]) -> Any:
        """The pipeline with `loras` in place; itself without any, and the same object for the same ones.

        Raises InvalidInput (field `loras`) for a file that is gone, or does not fit this model.
        """
        wanted = [lora for lora in loras if lora.scale]  # one at scale 0 is none, to the last bit
        if not wanted:
            return self._pipeline
        key = tuple(_identity(lora) for lora in wanted)
        scales = tuple(lora.scale for lora in wanted)
        with self._lock:
            made = self._ready.get((key, scales)) or self._make(key, wanted)
            self._ready[key, scales] = made
            self._ready.move_to_end((key, scales))
            while len(self._ready) > MOST_SETS:
                self._ready.popitem(last=False)  # whoever still paints with it keeps it until then
        return made

    def _make(self, key: Key, wanted: Sequence[Lora]) -> Any:
        loaded = next((made for (known, _), made in self._ready.items() if known == key), None)
        if loaded is None:
            with self._constructing():
                loaded = self._loaded(wanted)
        return scaled(loaded, [lora.scale for lora in wanted])

    def _loaded(self, wanted: Sequence[Lora]) -> Any:
        view = cloned(self._pipeline)
        view.hf_device_map = {}  # placed as it is: diffusers would take everybody's hooks away meanwhile
        for number, lora in enumerate(wanted):
            try:
                _load(view, lora, adapter_name(number))
            except (torch.OutOfMemoryError, MemoryError):
                raise
            except Exception as error:
                log.warning("lora_does_not_fit", lora=lora.name, reason=f"{error!r:.500}")
                raise InvalidInput.for_field(
                    "loras",
                    f"The LoRA {lora.name} does not fit this model: it was made for another architecture, or "
                    "is of a kind that cannot be used here.",
                    code="lora_does_not_fit",
                ) from error
        return view


def adapter_name(number: int) -> str:
    """What peft calls the adapter of a set's LoRA `number`: it takes no dots, and file names have them."""
    return f"adapter_{number}"


def cloned(pipeline: Any) -> Any:
    """A pipeline whose adaptable networks are structures of their own around the same weights.

    Raises NoEngine for a family that takes no LoRAs, and for a model that is so large for its device that it
    comes layer by layer.
    """
    if not hasattr(pipeline, "load_lora_weights"):
        raise NoEngine("Models of this family take no LoRAs.")
    view = plain_view(pipeline, pipeline.scheduler)
    for name in pipeline._lora_loadable_modules:
        if isinstance(module := pipeline.components.get(name), torch.nn.Module):
            if any(weight.is_meta for weight in module.parameters()):
                raise NoEngine("This model fits the device layer by layer only, which leaves LoRAs no place.")
            setattr(view, name, with_same_weights(module))
    return view


def scaled(pipeline: Any, scales: Sequence[float]) -> Any:
    """Another `cloned` pipeline, in which the adapters of `pipeline` have these scales."""
    view = cloned(pipeline)
    for name in pipeline._lora_loadable_modules:
        for layer in _adapted_layers(view.components.get(name)):
            present = [number for number in range(len(scales)) if adapter_name(number) in layer.scaling]
            layer.set_adapter([adapter_name(number) for number in present])
            for number in present:
                layer.set_scale(adapter_name(number), scales[number])
    return view


def _load(view: Any, lora: Lora, adapter: str) -> None:
    """Raises whatever peft and diffusers do when the file does not fit, and ValueError if a part is left."""
    file = {"weight_name": lora.file.name, "local_files_only": True, "use_safetensors": True}
    unet = view.components.get("unet")
    hints = {"unet_config": unet.config} if unet is not None else {}
    tensors = view.lora_state_dict(str(lora.file.parent), **file, **hints)
    tensors = tensors[0] if isinstance(tensors, tuple) else tensors
    view.load_lora_weights(str(lora.file.parent), adapter_name=adapter, low_cpu_mem_usage=False, **file)
    loaded = sum(
        f".{adapter}" in name
        for part in view._lora_loadable_modules
        if isinstance(module := view.components.get(part), torch.nn.Module)
        for name in module.state_dict()
    )
    # diffusers says nothing of tensors for which the model has no place: all of another family's, say.
    if not tensors or loaded != len(tensors):
        raise ValueError(f"{loaded} of {len(tensors)} tensors have a place in this model.")


def _adapted_layers(module: Any) -> list[Any]:
    if not isinstance(module, torch.nn.Module):
        return []
    return [layer for layer in module.modules() if isinstance(layer, BaseTunerLayer)]


def _identity(lora: Lora) -> tuple[str, int, int]:
    try:
        status = lora.file.stat()
    except OSError:
        raise InvalidInput.for_field("loras", f"The LoRA {lora.name} is not here any more.") from None
    return lora.name, status.st_mtime_ns, status.st_size
