"""Headers that strangers write: whatever they say, it is understood or refused, and never obeyed blindly."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from apps.image_generation.loras import headers

TENSORS = ["unet.mid_block.attentions.0.proj_in.lora_A.weight"]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
USUAL: dict[str, Any] = {  # what peft 0.21 writes of a plain LoRA
    "task_type": None,
    "peft_type": "LORA",
    "auto_mapping": None,
    "peft_version": "0.21.2",
    "base_model_name_or_path": None,
    "inference_mode": False,
    "r": 4,
    "target_modules": ["to_k", "to_q"],
    "lora_alpha": 8,
    "lora_dropout": 0.0,
    "bias": "none",
    "use_rslora": False,
    "modules_to_save": None,
    "init_lora_weights": "gaussian",
    "rank_pattern": {"^mid_block.attentions.0.proj_in": 2},
    "alpha_pattern": {},
    "megatron_config": None,
    "megatron_core": "megatron.core",
    "loftq_config": {},
    "qalora_group_size": 16,
    "layer_replication": None,
}


def problem(configuration: Any) -> str:
    return headers.problem(TENSORS, {headers.CONFIGURATION: json.dumps(configuration)}, rank=4)


def test_what_diffusers_itself_writes_is_fine() -> None:
    assert problem({f"unet.{name}": value for name, value in USUAL.items()}) == ""


@given(ANYTHING)
def test_any_json_is_answered(configuration: Any) -> None:
    assert isinstance(problem(configuration), str)


@given(st.text(max_size=200))
def test_any_text_is_answered(text: str) -> None:
    assert isinstance(headers.problem(TENSORS, {headers.CONFIGURATION: text}, rank=4), str)


@given(
    st.text(min_size=1).filter(lambda name: name.rsplit(".", 1)[-1] not in USUAL), st.integers(min_value=1)
)
def test_an_option_that_nobody_knows_is_refused_once_it_says_anything(name: str, value: int) -> None:
    if name.rsplit(".", 1)[-1] not in headers._ALLOWED:
        assert problem({name: value})


@given(st.integers())
def test_no_rank_is_larger_than_the_files_own(rank: int) -> None:
    assert (problem({"r": rank}) == "") == (rank <= 4 and rank > 0)
