"""Stand-ins for a pipeline's models: they look like the real one, and compute on the engine's thread."""

import copy
from typing import Any, Self
from weakref import WeakKeyDictionary

import torch

from apps.image_generation.engines.batching.engine import Denoiser, Engine, Request
from apps.image_generation.engines.batching.stand_in import StandIn

# The methods of text encoders, VAEs and tokenizers that compute.
METHODS = frozenset(
    {
        "encode",
        "decode",
        "get_text_features",
        "get_image_features",
        "generate",
        "tokenize",
        "apply_chat_template",
    }
)


class _Proxy(StandIn):
    """A stand-in that computes for `request` on the engine's thread."""

    def __init__(self, real: Any, engine: Engine, request: Request) -> None:
        super().__init__(real)
        self._shared, self._engine, self._request = real, engine, request


class DenoiserProxy(_Proxy):
    """Stands in for `unet` or `transformer`: its calls may be batched with other requests'."""

    def __init__(self, denoiser: Denoiser, engine: Engine, request: Request) -> None:
        super().__init__(denoiser.module, engine, request)
        self._denoiser = denoiser

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._engine.forward(self._request, self._denoiser, args, kwargs)


class ErrandProxy(_Proxy):
    """Stands in for a text encoder, VAE or tokenizer. Its calls run one at a time, which keeps them exact.

    `to` another dtype changes this stand-in only: SDXL's pipelines do that to a VAE that overflows in half
    precision, while other requests may be using it.
    """

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._real, name)
        if name not in METHODS:
            return value
        return lambda *args, **kwargs: self._engine.run(self._request, lambda: value(*args, **kwargs))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._engine.run(self._request, lambda: self._real(*args, **kwargs))

    def to(self, dtype: torch.dtype) -> Self:
        """This stand-in, for the model in `dtype` from here on."""
        self._real = self._engine.run(self._request, lambda: in_dtype(self._shared, dtype))
        return self


# By model and dtype, for as long as the model is there. Only the engine's thread makes and looks up.
_copies: WeakKeyDictionary[torch.nn.Module, dict[torch.dtype, torch.nn.Module]] = WeakKeyDictionary()


def in_dtype(module: Any, dtype: torch.dtype) -> Any:
    """`module` itself, or the one copy of it that is in `dtype`. For the engine's thread only."""
    if module.dtype == dtype:
        return module
    copies = _copies.setdefault(module, {})
    if dtype not in copies:
        copies[dtype] = copy.deepcopy(module).to(dtype)
    return copies[dtype]
