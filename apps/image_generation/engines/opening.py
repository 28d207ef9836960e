"""Opens a diffusers folder of any family and places it: no network, no pickles, no foreign code."""

from pathlib import Path
from typing import Any

import diffusers
import msgspec
import torch
import transformers
from diffusers import DiffusionPipeline
from transformers import AutoTokenizer, Qwen2VLImageProcessorPil, Qwen2VLProcessor
from transformers.utils import is_torchvision_available

from apps.image_generation.placement import Placement, placement
from core.exceptions import OperationFailed

INDEX = "model_index.json"
QWEN_PROCESSORS = ("Qwen2VLProcessor", "Qwen2_5_VLProcessor")


class PictureProcessor(Qwen2VLProcessor):  # type: ignore[misc]  # transformers has no types here
    """Qwen2VLProcessor without its half for films, which needs torchvision and which no picture needs."""

    def __init__(self, image_processor: Any = None, tokenizer: Any = None, chat_template: Any = None) -> None:
        super().__init__(image_processor, tokenizer, chat_template=chat_template)


def open_pipeline(folder: Path, *, dtype: str, variant: str, device: str, device_bytes: int = 0) -> Any:
    """The pipeline in a diffusers folder, from that folder alone, placed as `device_bytes` allow (0: whole).

    Raises OperationFailed `not_a_pipeline` for a folder that says it is something else.
    """
    for library in (diffusers, transformers):
        library.utils.logging.set_verbosity_error()
        library.utils.logging.disable_progress_bar()  # they would draw into the server's log
    index = _index(folder)
    pipeline = _pipeline_class(index).from_pretrained(
        folder,
        dtype=getattr(torch, dtype),
        local_files_only=True,
        use_safetensors=True,
        variant=variant or None,
        **_left_out(index),
        **_processors(folder, index),
    )
    _place(pipeline, torch.device(device), device_bytes)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def part_sizes(pipeline: Any) -> dict[str, int]:
    """Bytes that the parameters and buffers of each of the pipeline's models take, by component name."""
    return {
        name: sum(tensor.nbytes for tensor in (*part.parameters(), *part.buffers()))
        for name, part in pipeline.components.items()
        if isinstance(part, torch.nn.Module)
    }


def bytes_on_device(pipeline: Any, device: str, device_bytes: int) -> int:
    """What the pipeline holds on the device at most, as it is placed."""
    sizes = part_sizes(pipeline)
    match _placement(sizes, torch.device(device), device_bytes):
        case Placement.WHOLE:
            return sum(sizes.values())
        case Placement.PARTS:
            return max(sizes.values())
        case Placement.LAYERS:
            return 0


def _index(folder: Path) -> dict[str, Any]:
    try:
        return msgspec.json.decode((folder / INDEX).read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.DecodeError) as error:
        raise OperationFailed(f"{INDEX} is missing or damaged.", code="not_a_pipeline") from error


def _pipeline_class(index: dict[str, Any]) -> type[Any]:
    """The class that the folder names, if it is one of diffusers' own: never code from the folder."""
    name = index.get("_class_name")
    kind = getattr(diffusers, name, None) if isinstance(name, str) else None
    if not (isinstance(kind, type) and issubclass(kind, DiffusionPipeline)):
        raise OperationFailed(f"{INDEX} names {name!r:.80}, no pipeline of diffusers.", code="not_a_pipeline")
    return kind


def _left_out(index: dict[str, Any]) -> dict[str, None]:
    """Components that the folder does without, as SD 3 may without T5: diffusers wants them to be named."""
    return {name: None for name, place in index.items() if place == [None, None]}


def _processors(folder: Path, index: dict[str, Any]) -> dict[str, Any]:
    """The Qwen processor, which transformers itself only builds where torchvision is installed."""
    if is_torchvision_available() or index.get("processor", [None])[-1] not in QWEN_PROCESSORS:
        return {}
    place = folder / "processor"
    pictures = Qwen2VLImageProcessorPil.from_pretrained(place, local_files_only=True)
    words = AutoTokenizer.from_pretrained(place, local_files_only=True)
    return {"processor": PictureProcessor(pictures, words)}


def _place(pipeline: Any, device: torch.device, device_bytes: int) -> None:
    match _placement(part_sizes(pipeline), device, device_bytes):
        case Placement.WHOLE:
            pipeline.to(device)
            return
        case Placement.PARTS:
            pipeline.enable_model_cpu_offload(device=device)
        case Placement.LAYERS:
            pipeline.enable_sequential_cpu_offload(device=device)
    if hasattr(pipeline.vae, "enable_tiling"):
        pipeline.vae.enable_tiling()  # decoding a large picture whole takes gigabytes


def _placement(sizes: dict[str, int], device: torch.device, device_bytes: int) -> Placement:
    if not device_bytes:
        return Placement.WHOLE
    return placement(
        device_kind=device.type,
        device_bytes=device_bytes,
        weights=sum(sizes.values()),
        largest_part=max(sizes.values(), default=0),
    )
