"""MobileSAM (Zhang et al., Faster Segment Anything, 2023) as two ONNX files, on the CPU or on CUDA.

What the files must take and give is what the usual exports have (docs/smart-mask.md lists names and shapes):
the decoder that of Segment Anything's `export_onnx_model.py`; the encoder with its preprocessing inside
(H x W x 3, RGB, 0..255) or without (1 x 3 x 1024 x 1024, normalised).
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from apps.smart_mask.engines.frames import Letterbox
from apps.smart_mask.engines.sam_prompts import SamPrompts, meant, sam_prompts
from apps.smart_mask.segmenting import Embedding, OnStep, Pixels, Prompts, Segmented
from core import onnx
from core.exceptions import OperationFailed

Numbers = NDArray[np.float32]

SIDE = 1024
CELLS = 256
_DECODER_TAKES = frozenset(
    {"image_embeddings", "point_coords", "point_labels", "mask_input", "has_mask_input", "orig_im_size"}
)
_DECODER_GIVES = ("low_res_masks", "iou_predictions")
# What `point_labels` may say beside 0 and 1.
_BOX_CORNERS, _NO_POINT = (2, 3), -1


class MobileSam:
    """Two loaded sessions, which any number of threads may use."""

    def __init__(self, encoder: Any, decoder: Any) -> None:
        self._encoder = encoder
        self._decoder = decoder
        self._raw_pixels = len(encoder.get_inputs()[0].shape) == 3

    @classmethod
    def open(cls, folder: Path, *, device: str) -> "MobileSam":
        """The models in `folder`: one file with `encoder` in its name, one with `decoder`.

        Raises OperationFailed (`broken_model`) when they are not there, or are not what they should be.
        """
        # Without an arena: encoders with preprocessing see many shapes.
        encoder, decoder = (
            onnx.open_session(_only(folder, part), device, arena=False) for part in ("encoder", "decoder")
        )
        takes = {one.name for one in decoder.get_inputs()}
        gives = {one.name for one in decoder.get_outputs()}
        if takes != _DECODER_TAKES or not gives.issuperset(_DECODER_GIVES) or len(encoder.get_inputs()) != 1:
            raise OperationFailed(
                "These are not SAM's encoder and decoder: the decoder must take "
                f"{', '.join(sorted(_DECODER_TAKES))} and give {', '.join(_DECODER_GIVES)}.",
                code="broken_model",
            )
        return cls(encoder, decoder)

    def encode(self, image: Pixels, *, on_step: OnStep) -> Embedding:
        """1 x 256 x 64 x 64 numbers, in a single step."""
        height, width = image.shape[:2]
        frame = Letterbox(width, height, SIDE)
        on_step(0, 1)
        given = frame.shrunk(image).astype(np.float32) if self._raw_pixels else frame.tensor(image)
        (embedding,) = self._encoder.run(None, {self._encoder.get_inputs()[0].name: given})
        return Embedding(width, height, (embedding,))

    def segment(self, embedding: Embedding, prompts: Prompts) -> Segmented:
        """See `Segmenter.segment`. The score is the IoU that the model predicts for its mask."""
        frame = Letterbox(embedding.width, embedding.height, SIDE)
        asked = sam_prompts(prompts, frame, cells=CELLS)
        answers = [
            _wanted(*self._decode(embedding, frame, points, labels, asked.guidance), asked)
            for points, labels in _tries(asked)
        ]
        masks, scores = zip(*answers, strict=True)
        return meant(np.concatenate(masks), np.concatenate(scores), frame, prompts)

    def _decode(
        self,
        embedding: Embedding,
        frame: Letterbox,
        points: Numbers,
        labels: Numbers,
        guidance: Numbers | None,
    ) -> tuple[Numbers, Numbers]:
        """Masks, 1 x M x 256 x 256 logits, and their scores, 1 x M."""
        width, height = frame.inner
        given = np.zeros((CELLS, CELLS), np.float32) if guidance is None else guidance
        masks, scores = self._decoder.run(
            list(_DECODER_GIVES),
            {
                "image_embeddings": embedding.parts[0],
                "point_coords": points[None],
                "point_labels": labels[None],
                "mask_input": given[None, None],
                "has_mask_input": np.array([guidance is not None], np.float32),
                # It would enlarge every mask to the picture's size, and we want one: `restored` does that.
                "orig_im_size": np.array([height, width], np.float32),
            },
        )
        return masks, scores


def _tries(asked: SamPrompts) -> list[tuple[Numbers, Numbers]]:
    """Points and labels, try by try: a box is two points more; without one, a point that is none follows."""
    if asked.boxes is not None:
        more, kinds = asked.boxes.reshape(2, 2), list(_BOX_CORNERS)
    else:
        more, kinds = np.zeros((1, 2), np.float32), [_NO_POINT]
    if asked.points is None or asked.labels is None:
        return [(more, np.array(kinds, np.float32))]
    return [
        (np.concatenate([points, more]), np.array([*labels, *kinds], np.float32))
        for points, labels in zip(asked.points, asked.labels, strict=True)
    ]


def _wanted(masks: Numbers, scores: Numbers, asked: SamPrompts) -> tuple[Numbers, Numbers]:
    """Of four masks that a decoder gives, the first is for a clear prompt, the others for a single click."""
    if masks.shape[1] == 1:
        return masks, scores
    chosen = slice(1, None) if asked.ambiguous else slice(0, 1)
    return masks[:, chosen], scores[:, chosen]


def _only(folder: Path, part: str) -> Path:
    found = sorted(folder.glob(f"*{part}*.onnx"))
    if len(found) != 1:
        raise OperationFailed(
            f"One file *{part}*.onnx is needed in the model's folder; there are {len(found)}.",
            code="broken_model",
        )
    return found[0]
