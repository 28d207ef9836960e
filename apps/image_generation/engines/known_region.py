"""Inpainting with a pipeline that only knows image-to-image: what is known is put back after every step.

The latents outside the mask are replaced by those of the picture, with as much noise as the step leaves:
eq. 8 of Lugmayr et al., "RePaint" (2022), and what StableDiffusionInpaintPipeline does for UNets with 4
channels. So what is painted inside fits what is outside.
"""

from typing import Any

import numpy as np
import torch
from PIL import Image

# A latent cell is painted when any pixel it stands for is brighter than this share of white.
HALF = 0.5


class KnownRegion:
    """The part of a picture that stays. `scheduler` is the request's own: it tells the latents and the noise.

    An image-to-image pipeline has its scheduler add noise to the picture's latents; that call is listened to.
    """

    def __init__(self, mask: Image.Image, scheduler: Any) -> None:
        self._mask = torch.from_numpy(np.asarray(mask.convert("L"), np.float32) / 255)[None, None]
        self._scheduler = scheduler
        self._clean: torch.Tensor | None = None
        self._noise: torch.Tensor | None = None
        self._flow = not hasattr(scheduler, "add_noise")
        if self._flow:
            self._scale_noise = scheduler.scale_noise
            scheduler.scale_noise = self._listen_to_scaling
        else:
            self._add_noise = scheduler.add_noise
            scheduler.add_noise = self._listen_to_adding

    def put_back(self, latents: torch.Tensor, left: int) -> torch.Tensor:
        """The latents of a step, after which `left` more come, with what is known as it is then.

        Latents of another shape than a picture's (packed ones) come back unchanged.
        """
        clean, noise = self._clean, self._noise
        if clean is None or noise is None or latents.ndim != 4 or clean.shape != latents.shape:
            return latents
        known = self._noised(clean, noise, self._scheduler.timesteps[-left].reshape(1)) if left else clean
        paint = torch.nn.functional.adaptive_max_pool2d(self._mask, latents.shape[-2:]) > HALF
        return torch.where(paint.to(latents.device), latents, known.to(latents.dtype))

    def _noised(self, clean: torch.Tensor, noise: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
        made: torch.Tensor = (
            self._scale_noise(clean, timestep, noise)
            if self._flow
            else self._add_noise(clean, noise, timestep)
        )
        return made

    def _listen_to_adding(
        self, original_samples: torch.Tensor, noise: torch.Tensor, timesteps: torch.Tensor
    ) -> torch.Tensor:
        self._clean, self._noise = original_samples, noise
        return self._noised(original_samples, noise, timesteps)

    def _listen_to_scaling(
        self, sample: torch.Tensor, timestep: torch.Tensor, noise: torch.Tensor
    ) -> torch.Tensor:
        self._clean, self._noise = sample, noise
        return self._noised(sample, noise, timestep)
