"""Pictures as the denoiser sees them, encoded once and kept."""

from typing import Any

import numpy as np
import torch
from PIL import Image

from apps.image_generation.engines.batching.proxies import in_dtype


def encode(pipeline: Any, image: Image.Image, like: torch.Tensor) -> torch.Tensor:
    """The latents (1, ...) of an RGB picture, in float32 and in the shape of the latents `like`.

    The most likely ones, not a sample of them: the same picture gives the same latents. They are in the
    host's memory, as there may be a thousand.
    """
    vae = pipeline.vae
    if vae.dtype == torch.float16 and getattr(vae.config, "force_upcast", False):  # SDXL's overflows
        vae = in_dtype(vae, torch.float32)
    pixels = torch.from_numpy(np.array(image.convert("RGB"))).permute(2, 0, 1)[None]
    pixels = (pixels.float() / 127.5 - 1).to(vae.device, vae.dtype)
    is_film = hasattr(vae.config, "temperal_downsample")  # QwenImage's (and spelt like that)
    encoded = vae.encode(pixels[:, :, None] if is_film else pixels)
    latents = encoded.latents if hasattr(encoded, "latents") else encoded.latent_dist.mode()
    latents = _normalised(latents.float().cpu(), vae.config)
    if is_film:
        latents = latents[:, :, 0]
    if like.ndim != 3:
        return latents
    packed: torch.Tensor = pipeline._pack_latents(latents, *latents.shape)  # two by two cells are one token
    return packed


def _normalised(latents: torch.Tensor, config: Any) -> torch.Tensor:
    """In the units of the denoiser, which are about those of its noise."""
    if mean := getattr(config, "latents_mean", None):
        shape = (1, -1) + (1,) * (latents.ndim - 2)
        centre, spread = (torch.tensor(each).view(shape) for each in (mean, config.latents_std))
        return (latents - centre) / spread
    shift, scale = float(getattr(config, "shift_factor", None) or 0.0), float(config.scaling_factor)
    return (latents - shift) * scale
