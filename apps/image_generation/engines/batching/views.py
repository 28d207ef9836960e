"""A request's own view of a shared pipeline: its weights, a scheduler of its own, proxies for its models."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from transformers import PreTrainedTokenizerBase, ProcessorMixin

from apps.image_generation.engines.batching.engine import Denoiser, Engine, Request
from apps.image_generation.engines.batching.proxies import DenoiserProxy, ErrandProxy

# What pipelines call the network that runs once a step.
DENOISERS = ("unet", "transformer", "transformer_2", "prior")
# What must not be used by two threads at a time. A tokenizer keeps the padding of its call in itself.
ONE_AT_A_TIME = (torch.nn.Module, PreTrainedTokenizerBase, ProcessorMixin)


def denoisers_of(pipeline: Any, *, model: str, cap: Callable[[int], int]) -> dict[str, Denoiser]:
    """The pipeline's denoising networks by component name; `cap` as in `Denoiser`."""
    return {
        name: Denoiser(model, module, cap)
        for name in DENOISERS
        if isinstance(module := pipeline.components.get(name), torch.nn.Module)
    }


def plain_view(pipeline: Any, scheduler: Any) -> Any:
    """A pipeline with the same weights and `scheduler`; from_pipe would share that, and lose some VAEs."""
    components = {**pipeline.components, "scheduler": scheduler}
    extra = {"requires_safety_checker": False} if "safety_checker" in components else {}
    view = type(pipeline)(**components, **extra)
    view.set_progress_bar_config(disable=True)
    return view


def batched_view(
    pipeline: Any, scheduler: Any, *, engine: Engine, request: Request, denoisers: Mapping[str, Denoiser]
) -> Any:
    """`plain_view` whose models compute on the engine's thread: its denoisers in batches, the rest (and the
    tokenizers) one call at a time.
    """
    view = plain_view(pipeline, scheduler)
    for name, module in pipeline.components.items():
        if isinstance(module, ONE_AT_A_TIME):
            denoiser = denoisers.get(name)
            proxy = (
                DenoiserProxy(denoiser, engine, request) if denoiser else ErrandProxy(module, engine, request)
            )
            # Past the pipeline's own __setattr__, which would take the proxy for a new kind of component.
            object.__setattr__(view, name, proxy)
    return view
