"""A second copy of a model's structure around the very same weights."""

import copy
from typing import Any

import torch


def with_same_weights(module: torch.nn.Module) -> Any:
    """A copy of `module` whose parameters and buffers are those of `module` itself, not copies of them.

    What is put into the copy (adapters), or set on its layers (their scale), is not in `module`. It costs
    the Python objects of the layers and no weights: 0.01 s for a UNet of 300 layers. A hook that brings the
    weights to the device when they are needed is shared too: it moves the same weights for both.
    """
    shared: dict[int, Any] = {id(tensor): tensor for tensor in (*module.parameters(), *module.buffers())}
    hooks = (part._hf_hook for part in module.modules() if hasattr(part, "_hf_hook"))
    return copy.deepcopy(module, shared | {id(hook): hook for hook in hooks})
