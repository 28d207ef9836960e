"""What a model's denoiser is given for a caption, as its own pipeline prepares it.

Each family has its own: text embeddings, pooled ones, size and crop, guidance, positions, rotary tables.
Instead of knowing them all, the pipeline is run up to the first call of its denoiser, which is noted down.
"""

from dataclasses import dataclass
from typing import Any

import torch

from apps.image_generation.engines.batching import merging
from apps.image_generation.engines.batching.pipeline_views import plain_view
from apps.image_generation.engines.batching.stand_in import StandIn
from core.exceptions import InvalidInput

# Transformers count time from 0 to 1, UNets and SD3 from 0 to 1000.
TIME_SCALES = (1.0, 0.001)


@dataclass(frozen=True)
class Conditions:
    """The arguments of one call for one sample, in the host's memory: there may be a thousand captions.

    Its own latents and time are to be replaced. `time_scale` is what the scheduler's timestep (0 to 1000) is
    multiplied with.
    """

    arguments: merging.Arguments
    time_scale: float

    @property
    def latents(self) -> torch.Tensor:
        """The latents of the call that was noted down: shape and dtype are what counts."""
        args, kwargs = self.arguments
        given: torch.Tensor = args[0] if args else kwargs["hidden_states"]
        return given

    def at(self, latents: torch.Tensor, timestep: torch.Tensor) -> merging.Arguments:
        """The call for these latents (1, ...) at this `timestep` (1,) of the scheduler, on their device."""
        args, kwargs = _on(latents.device, self.arguments)
        latents, time = latents.to(self.latents.dtype), timestep * self.time_scale
        if args:
            return (latents, time, *args[2:]), kwargs
        return args, {**kwargs, "hidden_states": latents, "timestep": time.to(kwargs["timestep"].dtype)}


class _NotedDown(Exception):
    """Ends the pipeline's run at the first call of its denoiser."""

    def __init__(self, arguments: merging.Arguments) -> None:
        self.arguments = arguments


class _Notebook(StandIn):
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise _NotedDown((args, kwargs))


def conditions(pipeline: Any, denoiser: str, *, width: int, height: int, **text: Any) -> Conditions:
    """What `pipeline` gives its component `denoiser` for `text` (`prompt=...`), without guidance.

    Runs the text encoders. Raises InvalidInput (`not_trainable`) for a family that counts time in a way of
    its own.
    """
    scheduler = type(pipeline.scheduler).from_config(pipeline.scheduler.config)
    view = plain_view(pipeline, scheduler)
    object.__setattr__(view, denoiser, _Notebook(getattr(pipeline, denoiser)))
    size = {"width": width, "height": height}
    with torch.no_grad():
        try:
            # Two steps, of which none is taken: QwenImage's schedule cannot be stretched to one.
            view(**text, **size, num_inference_steps=2, guidance_scale=1.0, output_type="latent")
        except _NotedDown as noted:
            args, kwargs = noted.arguments
        else:
            raise _not_trainable(pipeline)
    time = float(torch.as_tensor(args[1] if args else kwargs["timestep"]).flatten()[0])
    first = float(scheduler.timesteps[0])
    scale = next((scale for scale in TIME_SCALES if abs(first * scale - time) <= 0.01 * first * scale), None)
    if scale is None:
        raise _not_trainable(pipeline)
    return Conditions(_on(torch.device("cpu"), (args, kwargs)), scale)


def _on(device: torch.device, value: Any) -> Any:
    """The same with every tensor in it on `device`."""
    match value:
        case torch.Tensor():
            return value.to(device)
        case dict():
            return {name: _on(device, each) for name, each in value.items()}
        case list() | tuple():
            return type(value)(_on(device, each) for each in value)
    return value


def _not_trainable(pipeline: Any) -> InvalidInput:
    kind = type(pipeline).__name__
    return InvalidInput.for_field(
        "model", f"LoRAs for models of the kind {kind} cannot be trained here.", code="not_trainable"
    )
