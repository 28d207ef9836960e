"""Pictures from words, or from a picture and words, with any of diffusers' pipelines."""

import io
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import diffusers
import torch
from PIL import Image

from apps.image_generation.engines import families
from apps.image_generation.engines.batching.engine import Engine, Request
from apps.image_generation.engines.batching.pipeline_views import batched_view, denoisers_of
from apps.image_generation.engines.known_region import KnownRegion
from apps.image_generation.engines.lora.adapters import Adapters
from apps.image_generation.engines.training.trainer import LoraTrainer
from apps.image_generation.loras.teaching import Plan
from apps.image_generation.painting import OnPreview, OnStep, Painted, Painting
from apps.image_generation.schedulers import Scheduler, is_flow_matching
from core.exceptions import InvalidInput, NotPermitted

# A preview is at most this many latent cells wide and there are at most this many of them, so that looking at
# a picture while it is painted stays cheap beside painting it.
PREVIEW_CELLS = 32
PREVIEW_COUNT = 8
LCM_STEPS = 50  # of the original schedule, as latent consistency models are distilled from it
# What a picture holds on the device beside the weights, in bytes a pixel: decoded in float32, and twice over.
BYTES_PER_PIXEL = 3 * 4 * 3


class TextToImage:
    """One loaded pipeline. Each call runs on a view of it: the same weights, a scheduler of its own.

    `constructing` as for `Adapters`.
    """

    def __init__(
        self,
        pipeline: Any,
        *,
        model: str,
        engine: Engine,
        cap: Callable[[int], int],
        constructing: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._pipeline = pipeline
        self._model = model
        self._engine = engine
        self._cap = cap
        self._constructing = constructing
        self._adapters = Adapters(pipeline, constructing=constructing)
        self.own_scheduler: str = type(pipeline.scheduler).__name__

    def paint(
        self,
        painting: Painting,
        *,
        on_step: OnStep,
        check: Callable[[], None],
        on_preview: OnPreview | None = None,
    ) -> Painted:
        """See `Painter.paint`. Noise is drawn on the CPU, so that a seed means the same on every device."""
        size = painting.width * painting.height * BYTES_PER_PIXEL
        request = Request(share=painting.share, steps=painting.steps, alone=painting.alone, size=size)
        pipeline = self._adapters.pipeline(painting.loras)
        kind = families.kind_for(pipeline, painting)
        call, ignored = families.arguments(kind, pipeline, painting)
        scheduler = self._scheduler(painting.scheduler, painting.steps)
        known = _known_region(painting, call, scheduler)
        with self._engine.open(request, check):
            view = batched_view(
                pipeline,
                scheduler,
                engine=self._engine,
                request=request,
                denoisers=denoisers_of(pipeline, model=self._model, cap=self._cap),
                kind=kind,
            )

            def after_step(view: Any, number: int, timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
                total = view.num_timesteps
                if known:
                    tensors = {"latents": known.put_back(tensors["latents"], total - number - 1)}
                if on_preview and _wants_preview(number, total):
                    _show(view, tensors["latents"], on_preview)
                request.done = number + 1
                on_step(number + 1, total)
                return tensors if known else {}

            image = _run(view, call, painting.seed, after_step)
        return Painted(image, batched=request.merged, ignored=ignored)

    def trainer(self, plan: Plan) -> LoraTrainer:
        """A new LoRA for this model, in training. Raises InvalidInput for a family that cannot be trained."""
        with self._constructing():
            return LoraTrainer(
                self._pipeline,
                plan,
                engine=self._engine,
                denoiser=next(iter(denoisers_of(self._pipeline, model=self._model, cap=self._cap))),
                painter=lambda pipeline: TextToImage(
                    pipeline, model=self._model, engine=self._engine, cap=self._cap
                ),
            )

    def _scheduler(self, wanted: Scheduler | None, steps: int) -> Any:
        own = self._pipeline.scheduler
        kind = getattr(diffusers, wanted.kind) if wanted else type(own)
        # Flow matching and noise prediction are different trainings: neither can be sampled as the other.
        if is_flow_matching(kind.__name__) != is_flow_matching(self.own_scheduler):
            raise InvalidInput.for_field("scheduler", f"This model cannot use the scheduler {kind.__name__}.")
        options = dict(wanted.options) if wanted else {}
        if kind is diffusers.LCMScheduler:  # it picks its steps from these, and cannot pick more
            options["original_inference_steps"] = max(LCM_STEPS, steps)
        return kind.from_config(own.config, **options)


def _known_region(painting: Painting, call: Mapping[str, Any], scheduler: Any) -> KnownRegion | None:
    """What keeps the rest of the picture, where the pipeline paints over it and knows of no mask itself."""
    if painting.mask is None or "mask_image" in call or "strength" not in call:
        return None
    return KnownRegion(painting.mask, scheduler)


def _run(
    view: Any, call: Mapping[str, Any], seed: int, after_step: Callable[..., dict[str, Any]]
) -> Image.Image:
    generator = torch.Generator("cpu").manual_seed(seed)
    with torch.no_grad():
        result = view(**call, generator=generator, callback_on_step_end=after_step)
    if any(getattr(result, "nsfw_content_detected", None) or ()):
        raise NotPermitted("The model's own safety checker withheld this picture.", code="content_filtered")
    image: Image.Image = result.images[0]
    return image


def _show(view: Any, latents: torch.Tensor, on_preview: OnPreview) -> None:
    vae = view.vae
    if latents.ndim != 4 or latents.shape[1] != vae.config.latent_channels:
        return  # packed latents (Flux, QwenImage) have no picture's shape
    side = max(latents.shape[-2:])
    if side > PREVIEW_CELLS:
        latents = torch.nn.functional.interpolate(latents, scale_factor=PREVIEW_CELLS / side, mode="area")
    latents = latents / vae.config.scaling_factor + (getattr(vae.config, "shift_factor", None) or 0.0)
    decoded = vae.decode(latents.to(vae.dtype), return_dict=False)[0]
    picture = view.image_processor.postprocess(decoded, output_type="pil")[0]
    jpeg = io.BytesIO()
    picture.save(jpeg, "JPEG", quality=70)
    on_preview(jpeg.getvalue())


def _wants_preview(number: int, total: int) -> bool:
    every = max(1, -(-total // (PREVIEW_COUNT + 1)))
    return (number + 1) % every == 0 and number + 1 < total
