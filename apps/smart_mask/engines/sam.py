"""SAM (Kirillov et al., Segment Anything, 2023) by transformers: facebook/sam-vit-base, -large and -huge."""

from pathlib import Path
from typing import Any

import torch
from transformers import SamModel

from apps.smart_mask.engines.frames import Letterbox
from apps.smart_mask.engines.torch_models import announce, decoded, following, open_model
from apps.smart_mask.segmenting import Embedding, OnStep, Pixels, Prompts, Segmented


class Sam:
    """One loaded model. It is never changed: any number of threads may share it."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self._side: int = model.config.vision_config.image_size
        self._cells: int = 4 * self._side // model.config.vision_config.patch_size
        self._layers = list(model.vision_encoder.layers)
        announce(self._layers)

    @classmethod
    def open(cls, folder: Path, *, dtype: str, variant: str, device: str) -> "Sam":
        """The model in `folder`. Raises what `open_model` raises."""
        return cls(open_model(SamModel, folder, dtype=dtype, variant=variant, device=device))

    @torch.no_grad()
    def encode(self, image: Pixels, *, on_step: OnStep) -> Embedding:
        """1 x 256 x 64 x 64 numbers (with the published models), one step a layer."""
        height, width = image.shape[:2]
        pixels = torch.from_numpy(Letterbox(width, height, self._side).tensor(image))
        with following(len(self._layers), on_step):
            embedding = self.model.get_image_embeddings(pixels.to(self.model.device, self.model.dtype))
        return Embedding(width, height, (embedding.cpu(),))

    def segment(self, embedding: Embedding, prompts: Prompts) -> Segmented:
        """See `Segmenter.segment`. The score is the IoU that the model predicts for its mask."""
        frame = Letterbox(embedding.width, embedding.height, self._side)
        embeddings = embedding.parts[0].to(self.model.device)
        return decoded(self.model, embeddings, prompts, frame, cells=self._cells)
