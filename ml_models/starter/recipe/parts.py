"""The untrained parts of the diffusion model, and the noise schedule that they are trained for."""

from dataclasses import dataclass
from typing import Any

import torch
from diffusers import DPMSolverMultistepScheduler, UNet2DConditionModel
from torch import Tensor
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

# by how many cells wide the latents are
UNETS: dict[int, dict[str, Any]] = {
    16: {
        "block_out_channels": [64, 128, 192],
        "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
        "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
        "attention_head_dim": [1, 2, 3],
    },
    # a level more; words are looked up at 16 x 16 as well, where two things lie further apart
    32: {
        "block_out_channels": [32, 64, 128, 192],
        "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
        "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
        "attention_head_dim": [1, 1, 2, 3],
        "time_embedding_dim": 256,  # as the coarse one has, so that it can go on from there
    },
}
TEXT_LAYERS = {16: 3, 32: 4}
TEXT_ENCODER: dict[str, Any] = {
    "hidden_size": 192,
    "intermediate_size": 768,
    "num_attention_heads": 3,
    "hidden_act": "gelu",
    "projection_dim": 192,
}
# Noise averages out over the four fine cells that take the place of a coarse one, so fine latents need up to
# twice as much of it to hide as much of the picture (Hoogeboom et al., "simple diffusion", 2023). So a grown
# UNet also sees at every timestep what it is used to. Details lie within a cell: where they are decided, at
# the first timesteps, there is less to make up for.
BETAS = {16: (0.00085, 0.012), 32: (0.0017, 0.016)}
SCHEDULER: dict[str, Any] = {
    "num_train_timesteps": 1000,
    "beta_schedule": "scaled_linear",
    "prediction_type": "v_prediction",
    "rescale_betas_zero_snr": True,
    "timestep_spacing": "trailing",
    "steps_offset": 1,
    "algorithm_type": "dpmsolver++",
    "solver_order": 2,
}
TIMESTEPS = 1000
# The SNR between which outlines and faces are decided; see `noise_schedule`.
CLEAR = 0.1, 100.0


def new_unet(channels: int, size: int) -> UNet2DConditionModel:
    """A UNet with random weights for latents (n, channels, size, size); size is 16 or 32."""
    return UNet2DConditionModel(
        sample_size=size,
        in_channels=channels,
        out_channels=channels,
        layers_per_block=1,
        cross_attention_dim=TEXT_ENCODER["hidden_size"],
        norm_num_groups=16,
        use_linear_projection=True,
        **UNETS[size],
    )


def new_scheduler(size: int) -> DPMSolverMultistepScheduler:
    """The noise at every timestep for latents `size` cells wide, 16 or 32, and the solver that removes it."""
    first, last = BETAS[size]
    return DPMSolverMultistepScheduler(beta_start=first, beta_end=last, **SCHEDULER)


def new_text_encoder(tokenizer: CLIPTokenizer, layers: int) -> CLIPTextModel:
    """A text encoder with random weights for the tokenizer's vocabulary and prompt length."""
    config = CLIPTextConfig(
        vocab_size=len(tokenizer),
        max_position_embeddings=tokenizer.model_max_length,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        num_hidden_layers=layers,
        **TEXT_ENCODER,
    )
    return CLIPTextModel(config)


@dataclass(frozen=True)
class NoiseSchedule:
    """For each of 1,000 timesteps the share of picture and of noise in the mix, and the weight of its loss;
    `reach` is the share of all samples that are drawn at it or below.

    picture**2 + noise**2 is 1, and at the last timestep there is no picture left: zero terminal SNR, from Lin
    et al., "Common Diffusion Noise Schedules and Sample Steps are Flawed", 2023.
    """

    picture: Tensor
    noise: Tensor
    weight: Tensor
    reach: Tensor

    def draw(self, count: int) -> Tensor:
        """Random timesteps, one in every 1/count of what is drawn, so that no batch is one-sided."""
        device = self.reach.device
        places = torch.randperm(count, device=device) + torch.rand(count, device=device)
        drawn: Tensor = torch.searchsorted(self.reach, places / count)
        return drawn.clamp(max=TIMESTEPS - 1)

    def mix(self, latents: Tensor, noise: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        """What the UNet sees at timesteps t, and the velocity v that it shall predict there.

        v is from Salimans and Ho, "Progressive Distillation for Fast Sampling of Diffusion Models", 2022.
        """
        a, b = self.picture[t][:, None, None, None], self.noise[t][:, None, None, None]
        return a * latents + b * noise, a * noise - b * latents


def noise_schedule(
    scheduler: DPMSolverMultistepScheduler,
    snr_knee: float = 3.0,
    clear_share: float = 0.0,
    device: str = "cpu",
) -> NoiseSchedule:
    """The scheduler's noise, with weights 1 / (1 + SNR / knee).

    Layout, shape and colour are decided where there is little signal, so the weight falls only where the
    picture is clear already. `clear_share` of the samples are drawn evenly in log SNR within CLEAR, where
    outlines and faces are decided, the others evenly in t: a third of those see hardly any picture (SNR below
    0.03), and one in twenty a clear one (above 10). Karras et al., "Elucidating the Design Space of
    Diffusion-Based Generative Models", 2022, draw 48 % of theirs above an SNR of 3 and 8 % below 0.1.
    """
    kept = scheduler.alphas_cumprod.double()
    kept[-1] = 0.0  # diffusers leaves a trace there to keep its own logarithms finite
    snr = kept / (1 - kept)
    weight = (1 / (1 + snr / snr_knee)).clamp(min=0.05)
    fall = -snr.clamp(*CLEAR).log().diff(prepend=snr[:1].clamp(*CLEAR).log())
    drawn = clear_share * fall / fall.sum() + (1 - clear_share) / TIMESTEPS
    tables = (kept.sqrt(), (1 - kept).sqrt(), weight / weight.mean(), drawn.cumsum(0))
    return NoiseSchedule(*(table.float().to(device) for table in tables))
