"""What the two engines on PyTorch share: opening a folder, progress between layers, decoding a click."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from numpy.typing import NDArray

from apps.smart_mask.engines.frames import Frame
from apps.smart_mask.engines.sam_prompts import meant, sam_prompts
from apps.smart_mask.segmenting import Prompts, Segmented
from core.exceptions import OperationFailed

_layer_begins: ContextVar[Callable[[], None] | None] = ContextVar("layer_begins", default=None)


def open_model(kind: type[Any], folder: Path, *, dtype: str, variant: str, device: str) -> Any:
    """The model in a transformers folder, on `device`, from that folder alone: no network, no pickles.

    Raises OperationFailed (`broken_model`) when the folder's weights are not those of a `kind`: transformers
    would go on with random ones.
    """
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()  # it would draw into the server's log
    model, loading = kind.from_pretrained(
        folder,
        dtype=getattr(torch, dtype),
        local_files_only=True,
        use_safetensors=True,
        variant=variant or None,
        output_loading_info=True,
    )
    missing = sorted(loading["missing_keys"]) + sorted(map(str, loading["mismatched_keys"]))
    if missing:
        raise OperationFailed(
            f"These are not the weights of a {kind.__name__}: {len(missing)} are missing or of another "
            f"shape, {missing[0]} for one.",
            code="broken_model",
        )
    return model.to(device).eval()


def weights_size(model: torch.nn.Module) -> int:
    """Bytes that the model's parameters and buffers take."""
    return sum(tensor.nbytes for tensor in (*model.parameters(), *model.buffers()))


@torch.no_grad()
def decoded(model: Any, embeddings: Any, prompts: Prompts, frame: Frame, *, cells: int) -> Segmented:
    """What `prompts` mean to a SamModel or Sam2Model that made `embeddings` (on its device) of a picture."""
    asked = sam_prompts(prompts, frame, cells=cells)
    labels, guidance = asked.labels, asked.guidance
    answer = model(
        image_embeddings=embeddings,
        input_points=_given(asked.points, model),
        input_labels=None if labels is None else torch.from_numpy(labels)[None].to(model.device),
        input_boxes=_given(asked.boxes, model),
        input_masks=_given(None if guidance is None else guidance[None], model),
        multimask_output=asked.ambiguous,
    )
    masks, scores = (values[0].float().cpu().numpy() for values in (answer.pred_masks, answer.iou_scores))
    return meant(masks, scores, frame, prompts)


def announce(layers: Sequence[torch.nn.Module]) -> None:
    """Makes each of `layers` tell, before it runs, the `following` block of the thread that runs it."""
    for layer in layers:
        layer.register_forward_pre_hook(_announce)


@contextmanager
def following(layers: int, on_step: Callable[[int, int], None]) -> Iterator[None]:
    """Calls `on_step(layers begun, layers)` while a model runs in this thread; what it raises stops it."""
    begun = 0

    def begins() -> None:
        nonlocal begun
        on_step(begun, layers)
        begun += 1

    token = _layer_begins.set(begins)
    try:
        yield
    finally:
        _layer_begins.reset(token)


def _announce(layer: torch.nn.Module, arguments: Any) -> None:
    if begins := _layer_begins.get():
        begins()


def _given(values: NDArray[np.float32] | None, model: Any) -> torch.Tensor | None:
    """`values` as the first of a batch, where and as precise as the model is."""
    return None if values is None else torch.from_numpy(values)[None].to(model.device, model.dtype)
