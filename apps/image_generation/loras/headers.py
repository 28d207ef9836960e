"""What must not be in the header of a LoRA: whoever loads it obeys it. `folder` asks about each file.

diffusers writes peft's configuration of the adapter into the header and reads it back. Beside rank and alpha
it can make peft change the weights of the model itself (`init_lora_weights: pissa`), import a module by name
(`megatron_core`) or match every layer against a regular expression.
"""

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

CONFIGURATION = "lora_adapter_metadata"
LAYER = re.compile(r"\^?[A-Za-z0-9_.\\]{1,300}\$?")


def problem(names: Sequence[str], header: Mapping[str, str], rank: int) -> str:
    """Why a file with these tensors and this header is not used, "" if it may be.

    `rank` is the largest rank of its tensors: a header that claims more would have memory filled with it.
    """
    # What else a file holds diffusers may write over the model's own weights, as it does with Flux' norms.
    odd = [name for name in names if "lora" not in name and not name.endswith(".alpha")]
    if odd or not names:
        return f"holds something else than LoRA layers: {odd[0] if odd else 'nothing'!r:.120}."
    if any(name.endswith("dora_scale") for name in names):  # diffusers would leave that out, without a word
        return "is a DoRA in kohya's layout, which is not supported."
    if not (text := header.get(CONFIGURATION)):
        return ""
    try:
        configuration: dict[str, Any] = json.loads(text)
        options = [(name.rsplit(".", 1)[-1], value) for name, value in configuration.items()]
    except (ValueError, AttributeError, RecursionError):
        return "has a configuration in its header that cannot be read."
    for name, value in options:
        if not _harmless(name, value, rank):
            return f"asks for {name!r:.60} = {value!r:.60} in its header, which is not supported."
    return ""


def _harmless(name: str, value: Any, rank: int) -> bool:
    if value is None or value is False or value in ("", [], {}):
        return True
    return name in _ALLOWED and _ALLOWED[name](value, rank)


def _number(value: Any, rank: int) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _rank(value: Any, rank: int) -> bool:
    return isinstance(value, int) and 0 < value <= rank


def _text(value: Any, rank: int) -> bool:
    return isinstance(value, str)


def _layers(value: Any, rank: int) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _by_layer(check: Callable[[Any, int], bool]) -> Callable[[Any, int], bool]:
    """peft takes the keys for regular expressions: plain names of layers only."""
    return lambda value, rank: (
        isinstance(value, dict)
        and all(LAYER.fullmatch(name) and check(each, rank) for name, each in value.items())
    )


def _one_of(*known: Any) -> Callable[[Any, int], bool]:
    return lambda value, rank: value in known


# Every other option must be absent, off or empty.
_ALLOWED: Mapping[str, Callable[[Any, int], bool]] = {
    "r": _rank,
    "lora_alpha": _number,
    "rank_pattern": _by_layer(_rank),
    "alpha_pattern": _by_layer(_number),
    "target_modules": _layers,
    "use_rslora": _one_of(True),
    "use_dora": _one_of(True),
    "lora_bias": _one_of(True),
    "init_lora_weights": _one_of(True, "gaussian"),
    "peft_type": _one_of("LORA"),
    "bias": _one_of("none"),
    "megatron_core": _one_of("megatron.core"),  # used with a megatron_config only
    "lora_dropout": _number,
    "qalora_group_size": _number,
    "inference_mode": _one_of(True),
    "task_type": _text,
    "peft_version": _text,
    "base_model_name_or_path": _text,
    "revision": _text,
}
