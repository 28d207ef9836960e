"""Text to image with any diffusers pipeline that AutoPipelineForText2Image can load."""

import io
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers
from diffusers import AutoPipelineForText2Image
from PIL import Image

from apps.image_generation.painting import OnPreview, OnStep, Painting
from apps.image_generation.schedulers import Scheduler
from core.exceptions import InvalidInput, NotPermitted
from core.model_manager.entries import ModelEntry
from core.model_manager.loaders import Loaded

# A preview is at most this many latent cells wide and there are at most this many of them, so that looking at
# a picture while it is painted stays cheap beside painting it.
PREVIEW_CELLS = 32
PREVIEW_COUNT = 8


class TextToImage:
    """One loaded pipeline. Each call runs on a view of it: the same weights, a scheduler of its own."""

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline
        self.own_scheduler: str = type(pipeline.scheduler).__name__

    def paint(
        self, painting: Painting, *, on_step: OnStep, on_preview: OnPreview | None = None
    ) -> Image.Image:
        """See `Painter.paint`. Noise is drawn on the CPU, so that a seed means the same on every device."""
        pipeline = self._view(painting.scheduler)

        def after_step(view: Any, number: int, timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
            total = view.num_timesteps
            if on_preview and _wants_preview(number, total) and (jpeg := self._preview(tensors["latents"])):
                on_preview(jpeg)
            on_step(number + 1, total)
            return {}

        with torch.no_grad():
            result = pipeline(
                prompt=painting.prompt,
                negative_prompt=painting.negative_prompt or None,
                width=painting.width,
                height=painting.height,
                num_inference_steps=painting.steps,
                guidance_scale=painting.guidance_scale,
                generator=torch.Generator("cpu").manual_seed(painting.seed),
                callback_on_step_end=after_step,
            )
        if any(getattr(result, "nsfw_content_detected", None) or ()):
            raise NotPermitted(
                "The model's own safety checker withheld this picture.", code="content_filtered"
            )
        image: Image.Image = result.images[0]
        return image

    def _view(self, scheduler: Scheduler | None) -> Any:
        pipeline = self._pipeline
        own = pipeline.scheduler
        kind = getattr(diffusers, scheduler.kind) if scheduler else type(own)
        # Flow matching and noise prediction are different trainings: neither can be sampled as the other.
        if _is_flow(kind) != _is_flow(type(own)):
            raise InvalidInput.for_field("scheduler", f"This model cannot use the scheduler {kind.__name__}.")
        options = dict(scheduler.options) if scheduler else {}
        # from_pipe would also share the scheduler; its state belongs to one call.
        components = {**pipeline.components, "scheduler": kind.from_config(own.config, **options)}
        extra = {"requires_safety_checker": False} if "safety_checker" in components else {}
        view = type(pipeline)(**components, **extra)
        view.set_progress_bar_config(disable=True)
        return view

    def _preview(self, latents: torch.Tensor) -> bytes | None:
        vae = self._pipeline.vae
        if latents.ndim != 4 or latents.shape[1] != vae.config.latent_channels:
            return None  # packed latents (Flux, QwenImage) have no picture's shape
        side = max(latents.shape[-2:])
        if side > PREVIEW_CELLS:
            latents = torch.nn.functional.interpolate(latents, scale_factor=PREVIEW_CELLS / side, mode="area")
        latents = latents / vae.config.scaling_factor + (getattr(vae.config, "shift_factor", None) or 0.0)
        decoded = vae.decode(latents.to(vae.dtype), return_dict=False)[0]
        picture = self._pipeline.image_processor.postprocess(decoded, output_type="pil")[0]
        jpeg = io.BytesIO()
        picture.save(jpeg, "JPEG", quality=70)
        return jpeg.getvalue()


def load(entry: ModelEntry, folder: Path, device: str) -> Loaded:
    """A `TextToImage` on `device`, from a diffusers folder and nothing else: no network, no pickles."""
    diffusers.utils.logging.set_verbosity_error()
    for library in (diffusers, transformers):
        library.utils.logging.disable_progress_bar()  # they would draw into the server's log
    dtype = getattr(torch, entry.dtype_on(device.split(":")[0]))
    pipeline = AutoPipelineForText2Image.from_pretrained(
        folder, dtype=dtype, local_files_only=True, use_safetensors=True, variant=entry.source.variant or None
    )
    pipeline.to(device)
    pipeline.set_progress_bar_config(disable=True)
    modules = [part for part in pipeline.components.values() if isinstance(part, torch.nn.Module)]
    size = sum(tensor.nbytes for module in modules for tensor in (*module.parameters(), *module.buffers()))
    return Loaded(model=TextToImage(pipeline), memory_bytes=size)


def _is_flow(kind: type[Any]) -> bool:
    return kind.__name__.startswith("FlowMatch")


def _wants_preview(number: int, total: int) -> bool:
    every = max(1, -(-total // (PREVIEW_COUNT + 1)))
    return (number + 1) % every == 0 and number + 1 < total
