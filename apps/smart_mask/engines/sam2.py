"""SAM 2 and 2.1 (Ravi et al., Segment Anything in Images and Videos, 2024) by transformers, for pictures.

Its own processor needs torchvision; what it does is in `frames.Stretched`.
"""

from pathlib import Path
from typing import Any

import torch
from transformers import Sam2Model

from apps.smart_mask.engines.frames import Stretched
from apps.smart_mask.engines.torch_models import announce, decoded, following, open_model
from apps.smart_mask.segmenting import Embedding, OnStep, Pixels, Prompts, Segmented


class Sam2:
    """One loaded model. It is never changed: any number of threads may share it."""

    def __init__(self, model: Any) -> None:
        self.model = model
        prompting = model.config.prompt_encoder_config
        self._side: int = prompting.image_size
        self._cells: int = 4 * prompting.image_size // prompting.patch_size
        self._layers = list(model.vision_encoder.backbone.blocks)
        announce(self._layers)

    @classmethod
    def open(cls, folder: Path, *, dtype: str, variant: str, device: str) -> "Sam2":
        """The model in `folder`, for pictures or for videos. Raises what `open_model` raises."""
        return cls(open_model(Sam2Model, folder, dtype=dtype, variant=variant, device=device))

    @torch.no_grad()
    def encode(self, image: Pixels, *, on_step: OnStep) -> Embedding:
        """Three maps, of 2, 1 and 1 million numbers with the published models; one step a layer."""
        height, width = image.shape[:2]
        pixels = torch.from_numpy(Stretched(width, height, self._side).tensor(image))
        with following(len(self._layers), on_step):
            maps = self.model.get_image_embeddings(pixels.to(self.model.device, self.model.dtype))
        return Embedding(width, height, tuple(part.contiguous().cpu() for part in maps))

    def segment(self, embedding: Embedding, prompts: Prompts) -> Segmented:
        """See `Segmenter.segment`. The score is the IoU that the model predicts for its mask."""
        frame = Stretched(embedding.width, embedding.height, self._side)
        embeddings = [part.to(self.model.device) for part in embedding.parts]
        return decoded(self.model, embeddings, prompts, frame, cells=self._cells)
