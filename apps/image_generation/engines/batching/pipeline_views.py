"""A request's own view of a shared pipeline: its weights, a scheduler of its own, proxies for its models."""

import inspect
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


def plain_view(pipeline: Any, scheduler: Any, kind: type[Any] | None = None) -> Any:
    """A pipeline of `kind` (by default the same) with the same weights and `scheduler`.

    from_pipe would share the scheduler, and lose some VAEs.
    """
    kind = kind or type(pipeline)
    known = {
        **pipeline.config,
        **pipeline.components,
        "scheduler": scheduler,
        "requires_safety_checker": False,
    }
    taken = {name: known[name] for name in inspect.signature(kind.__init__).parameters if name in known}
    view = kind(**taken)
    view.set_progress_bar_config(disable=True)
    return view


def batched_view(
    pipeline: Any,
    scheduler: Any,
    *,
    engine: Engine,
    request: Request,
    denoisers: Mapping[str, Denoiser],
    kind: type[Any] | None = None,
) -> Any:
    """`plain_view` whose models compute on the engine's thread: its denoisers in batches, the rest (and the
    tokenizers) one call at a time.
    """
    view = plain_view(pipeline, scheduler, kind)
    for name, module in pipeline.components.items():
        if isinstance(module, ONE_AT_A_TIME):
            denoiser = denoisers.get(name)
            proxy = (
                DenoiserProxy(denoiser, engine, request) if denoiser else ErrandProxy(module, engine, request)
            )
            # Past the pipeline's own __setattr__, which would take the proxy for a new kind of component.
            object.__setattr__(view, name, proxy)
    return view
