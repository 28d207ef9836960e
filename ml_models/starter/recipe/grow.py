"""A UNet for finer latents that begins with what a coarser one has learned.

Each level of the coarse UNet becomes the next level of the fine one, where the picture has as many cells as
before. New are the finest level, what joins it to the others, and attention where the coarse UNet had none.
"""

import re

import torch
from diffusers import UNet2DConditionModel
from diffusers.models.embeddings import get_timestep_embedding
from diffusers.models.transformers.transformer_2d import Transformer2DModel
from torch import Tensor
from torch.nn import functional

from ml_models.starter.recipe.parts import TIMESTEPS, new_unet

# holds the fitted weights down to a few units: the slow waves are nearly the same over 1,000 timesteps, and
# without it weights of millions cancel each other, which float16 cannot hold
RIDGE = 1.0


def grown_unet(coarse: UNet2DConditionModel, channels: int, size: int) -> UNet2DConditionModel:
    """A UNet for latents (n, channels, size, size) twice as wide as those of `coarse`, with its weights.

    Raises ValueError if `size` is not twice the coarse UNet's.
    """
    cells = coarse.config.sample_size
    if size != 2 * cells:
        raise ValueError(f"A UNet for {cells} cells can grow to {2 * cells}, not to {size}.")
    fine = new_unet(channels, size)
    old = _as_inner_levels(coarse)
    names = inherited(coarse, fine)
    fine.load_state_dict({name: old[name] for name in names}, strict=False)
    with torch.no_grad():
        _imitate_clock(fine, coarse)
        for name, module in fine.named_modules():
            if isinstance(module, Transformer2DModel) and f"{name}.proj_out.weight" not in names:
                # says nothing at first, so that the trained levels see what they are used to
                module.proj_out.weight.zero_()
                module.proj_out.bias.zero_()
    return fine


def inherited(coarse: UNet2DConditionModel, fine: UNet2DConditionModel) -> set[str]:
    """The names of the fine UNet's parameters that the coarse one has had, one level further out."""
    old = _as_inner_levels(coarse)
    return {name for name, p in fine.named_parameters() if name in old and old[name].shape == p.shape}


def _as_inner_levels(coarse: UNet2DConditionModel) -> dict[str, Tensor]:
    # levels are counted from the outside on the way down and from the inside on the way up
    return {
        re.sub(r"^down_blocks\.(\d+)", lambda match: f"down_blocks.{int(match[1]) + 1}", name): weight
        for name, weight in coarse.state_dict().items()
    }


def _imitate_clock(fine: UNet2DConditionModel, coarse: UNet2DConditionModel) -> None:
    """Fits the fine UNet's time embedding, which begins with fewer frequencies, by ridge regression."""
    layer, wanted = fine.time_embedding.linear_1, coarse.time_embedding.linear_1
    known, rich = _clock(fine), _clock(coarse)
    target = rich @ wanted.weight.double().T + wanted.bias.double()
    known = functional.pad(known, (0, 1), value=1.0)
    pull = RIDGE**0.5 * torch.eye(known.shape[1], dtype=known.dtype)
    still = target.new_zeros(len(pull), target.shape[1])
    solution = torch.linalg.lstsq(torch.cat([known, pull]), torch.cat([target, still])).solution
    layer.weight.copy_(solution[:-1].T)
    layer.bias.copy_(solution[-1])


def _clock(unet: UNet2DConditionModel) -> Tensor:
    """The sinusoids of every timestep, (1000, frequencies), that the UNet's time embedding starts from."""
    projection = unet.time_proj
    waves: Tensor = get_timestep_embedding(
        torch.arange(TIMESTEPS),
        projection.num_channels,
        flip_sin_to_cos=projection.flip_sin_to_cos,
        downscale_freq_shift=projection.downscale_freq_shift,
    )
    return waves.double()
