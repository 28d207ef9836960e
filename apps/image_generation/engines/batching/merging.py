"""Several calls of one denoiser as one: what may be merged, merging the arguments, splitting the result.

A call's batch size is the first dimension of its first tensor. Every other tensor of that length is batched
with it; a tensor without dimensions (SD's timestep) becomes one entry a sample, which UNets and transformers
take as well; any other tensor (Flux' image ids) must be equal in value, and so must every argument that is no
tensor.
"""

import hashlib
import math
from collections.abc import Hashable, Mapping, Sequence
from functools import reduce
from typing import Any

import torch

# Tensors that describe positions, not samples, even where their length happens to be the batch size.
SHARED_ARGUMENTS = frozenset({"img_ids", "txt_ids", "image_rotary_emb"})

# Equal when their texts are.
PLAIN = (bool, int, float, complex, str, type(None), torch.dtype, torch.device)

Arguments = tuple[tuple[Any, ...], dict[str, Any]]


def sample_count(args: Sequence[Any], kwargs: Mapping[str, Any]) -> int | None:
    """How many samples the call is for; None when it has no tensor to tell by."""
    first = _first(args, kwargs)
    return first.shape[0] if isinstance(first, torch.Tensor) and first.ndim > 0 else None


def cells(args: Sequence[Any], kwargs: Mapping[str, Any]) -> int:
    """Latent cells (of a picture's or film's shape) or tokens (of a packed one) of one sample; at least 1.

    What a pass costs grows with them.
    """
    first = _first(args, kwargs)
    if not isinstance(first, torch.Tensor) or first.ndim < 2:
        return 1
    return math.prod(first.shape[2:]) if first.ndim > 3 else first.shape[1]


def signature(args: Sequence[Any], kwargs: Mapping[str, Any], samples: int) -> Hashable | None:
    """Equal for calls that may be merged; None for one that must run alone."""
    if kwargs.get("return_dict", True) is not False:
        return None  # a named output may hold more than one tensor a sample
    named = tuple(
        (name, _describe(kwargs[name], samples, name in SHARED_ARGUMENTS)) for name in sorted(kwargs)
    )
    return tuple(_describe(value, samples, shared=False) for value in args), named


def merge(calls: Sequence[Arguments], sizes: Sequence[int]) -> Arguments:
    """One call's arguments for all `calls`, which have equal signatures and `sizes` samples each."""
    args = tuple(_merge([call[0][place] for call in calls], sizes) for place in range(len(calls[0][0])))
    kwargs = _merge_named([call[1] for call in calls], sizes)
    return args, kwargs


def split(output: Any, sizes: Sequence[int]) -> list[Any]:
    """Each call's own part of a merged call's output (a tuple whose tensors are batched)."""
    parts = [tensor.split(list(sizes)) for tensor in output]
    return [tuple(part[place] for part in parts) for place in range(len(sizes))]


def _first(args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    return args[0] if args else kwargs.get("hidden_states", kwargs.get("sample"))


def _describe(value: Any, samples: int, shared: bool) -> Hashable:
    if isinstance(value, torch.Tensor):
        return _describe_tensor(value, samples, shared)
    if isinstance(value, Mapping):
        names = sorted(value, key=repr)
        return tuple(
            (name, _describe(value[name], samples, shared or name in SHARED_ARGUMENTS)) for name in names
        )
    if isinstance(value, list | tuple):
        return type(value).__name__, tuple(_describe(each, samples, shared) for each in value)
    # Of anything else a text may leave something out, as numpy's does.
    return type(value).__name__, repr(value) if isinstance(value, PLAIN) else id(value)


def _describe_tensor(tensor: torch.Tensor, samples: int, shared: bool) -> Hashable:
    if not shared and tensor.ndim == 0:
        return "scalar", tensor.is_floating_point(), tensor.device
    if not shared and tensor.shape[0] == samples:
        return "batched", tuple(tensor.shape[1:]), tensor.dtype, tensor.device
    content = tensor.detach().cpu().reshape(-1).view(torch.uint8).numpy().tobytes()
    return "shared", tuple(tensor.shape), tensor.dtype, hashlib.blake2b(content).digest()


def _merge(values: Sequence[Any], sizes: Sequence[int]) -> Any:
    first = values[0]
    if isinstance(first, torch.Tensor):
        return _merge_tensors(values, sizes)
    if isinstance(first, Mapping):
        return _merge_named(values, sizes)
    if isinstance(first, list) and len(first) == sizes[0] and not _holds_tensor(first):
        # One entry a sample, such as QwenImage's img_shapes.
        return [each for value in values for each in value]
    if isinstance(first, list | tuple):
        return type(first)(_merge([value[place] for value in values], sizes) for place in range(len(first)))
    return first


def _merge_named(values: Sequence[Mapping[str, Any]], sizes: Sequence[int]) -> dict[str, Any]:
    return {
        name: first if name in SHARED_ARGUMENTS else _merge([value[name] for value in values], sizes)
        for name, first in values[0].items()
    }


def _holds_tensor(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_holds_tensor(each) for each in value.values())
    if isinstance(value, list | tuple):
        return any(_holds_tensor(each) for each in value)
    return isinstance(value, torch.Tensor)


def _merge_tensors(tensors: Sequence[torch.Tensor], sizes: Sequence[int]) -> torch.Tensor:
    first = tensors[0]
    if first.ndim == 0:
        dtype = reduce(torch.promote_types, [tensor.dtype for tensor in tensors])
        pairs = zip(tensors, sizes, strict=True)
        return torch.cat([tensor.to(dtype).reshape(1).expand(size) for tensor, size in pairs])
    return torch.cat(list(tensors)) if first.shape[0] == sizes[0] else first
