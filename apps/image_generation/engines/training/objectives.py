"""How noise is mixed into the latents, and what the denoiser shall make of the mix."""

from dataclasses import dataclass
from typing import Any, Protocol

import torch
from diffusers import DDPMScheduler

from apps.image_generation.schedulers import is_flow_matching

TIMESTEPS = 1000


@dataclass(frozen=True)
class Task:
    """The mix that the denoiser sees, the time it is told (1,), 0 to 1000, and what it shall answer."""

    seen: torch.Tensor
    timestep: torch.Tensor
    target: torch.Tensor


class Objective(Protocol):
    def task(self, latents: torch.Tensor, generator: torch.Generator) -> Task:
        """A random task for these latents (float32). `generator` is the CPU's."""


class Diffusion:
    """Noise, velocity or picture prediction on a schedule of 1,000 steps, as the scheduler's config says.

    A schedule that is rescaled to zero terminal SNR (Lin et al., 2023, arXiv:2305.08891) is trained as such.
    """

    def __init__(self, config: Any) -> None:
        self._schedule = DDPMScheduler.from_config(config)
        self._kind = self._schedule.config.prediction_type

    def task(self, latents: torch.Tensor, generator: torch.Generator) -> Task:
        noise = torch.randn(latents.shape, generator=generator).to(latents.device)
        last = self._schedule.config.num_train_timesteps
        timestep = torch.randint(0, last, (1,), generator=generator).to(latents.device)
        seen = self._schedule.add_noise(latents, noise, timestep)
        match self._kind:
            case "epsilon":
                target = noise
            case "v_prediction":
                target = self._schedule.get_velocity(latents, noise, timestep)
            case _:
                target = latents
        return Task(seen, timestep, target)


class Flow:
    """Straight lines from picture to noise; times are drawn from a logit-normal distribution.

    As in Esser et al., 2024 (arXiv:2403.03206), with the scheduler's constant shift where it has one.
    """

    def __init__(self, config: Any) -> None:
        self._shift = 1.0 if config.get("use_dynamic_shifting") else float(config.get("shift", 1.0))

    def task(self, latents: torch.Tensor, generator: torch.Generator) -> Task:
        noise = torch.randn(latents.shape, generator=generator).to(latents.device)
        time = torch.sigmoid(torch.randn(1, generator=generator))
        time = (self._shift * time / (1 + (self._shift - 1) * time)).to(latents.device)
        return Task((1 - time) * latents + time * noise, time * TIMESTEPS, noise - latents)


def objective_of(scheduler: Any) -> Objective:
    """The objective that a model with this scheduler was trained for."""
    is_flow = is_flow_matching(type(scheduler).__name__)
    return Flow(scheduler.config) if is_flow else Diffusion(scheduler.config)
