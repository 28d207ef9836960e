"""LoRAs on every family: the adapted pipeline paints what plain diffusers does with the same file."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from accelerate import cpu_offload_with_hook
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict

from apps.image_generation.engines.lora.adapters import MOST_SETS, Adapters, cloned
from apps.image_generation.painting import Lora
from apps.image_generation.tests.tiny import FAMILIES, Family

ATTENTION = ["to_k", "to_q", "to_v", "to_out.0"]


@pytest.fixture(params=list(FAMILIES))
def family(request: pytest.FixtureRequest) -> Family:
    return FAMILIES[request.param]


def write_lora(pipeline: Any, folder: Path, *, seed: int = 1) -> Path:
    """A random LoRA for the denoiser and the text encoders, saved by diffusers itself."""
    view, layers = cloned(pipeline), {}
    torch.manual_seed(seed)
    for part in pipeline._lora_loadable_modules:
        if (module := view.components.get(part)) is None:
            continue
        targets = ["q_proj", "v_proj"] if part.startswith("text_encoder") else ATTENTION
        module.add_adapter(
            LoraConfig(r=2, lora_alpha=6, init_lora_weights=False, target_modules=targets),
            adapter_name="default",
        )
        layers[f"{part}_lora_layers"] = {k: v * 3 for k, v in get_peft_model_state_dict(module).items()}
    type(pipeline).save_lora_weights(str(folder), weight_name="x.safetensors", **layers)
    return folder / "x.safetensors"


def paint(pipeline: Any, family: Family) -> np.ndarray[Any, Any]:
    call = family.call("text-to-image", 1, steps=2, scale=3.0)
    return np.asarray(pipeline(**call, generator=torch.Generator().manual_seed(1)).images[0])


def test_it_is_diffusers_bit_for_bit_and_the_shared_weights_stay(family: Family, tmp_path: Path) -> None:
    pipeline, plain = family.pipeline(), family.pipeline()
    file = write_lora(pipeline, tmp_path)
    without = paint(pipeline, family)
    plain.load_lora_weights(str(tmp_path), weight_name=file.name, adapter_name="x")
    adapters = Adapters(pipeline, constructing=nullcontext)

    for scale in (1.0, 0.25):
        plain.set_adapters(["x"], [scale])
        painted = paint(adapters.pipeline([Lora("x", scale, file)]), family)

        assert np.array_equal(painted, paint(plain, family))
        assert not np.array_equal(painted, without)
    assert np.array_equal(paint(pipeline, family), without)
    denoiser = "unet" if "unet" in pipeline.components else "transformer"
    adapted = adapters.pipeline([Lora("x", 1.0, file)]).components[denoiser]
    ours = {id(tensor) for tensor in pipeline.components[denoiser].parameters()}
    assert ours <= {id(tensor) for tensor in adapted.parameters()}, "not one weight is copied"


def test_a_model_whose_parts_wait_off_the_device_keeps_its_hooks(tmp_path: Path) -> None:
    pipeline = FAMILIES["SD"].pipeline()
    file, whole = write_lora(pipeline, tmp_path), FAMILIES["SD"].pipeline()
    hooks = {}
    previous = None
    for name in ("text_encoder", "unet", "vae"):  # as enable_model_cpu_offload does, which wants a GPU
        _, previous = cpu_offload_with_hook(pipeline.components[name], "cpu", prev_module_hook=previous)
        hooks[name] = pipeline.components[name]._hf_hook

    painted = paint(
        Adapters(pipeline, constructing=nullcontext).pipeline([Lora("x", 1.0, file)]), FAMILIES["SD"]
    )

    expected = Adapters(whole, constructing=nullcontext).pipeline([Lora("x", 1.0, file)])
    assert np.array_equal(painted, paint(expected, FAMILIES["SD"]))
    assert all(pipeline.components[name]._hf_hook is hook for name, hook in hooks.items())


def test_a_bounded_number_of_sets_is_kept_and_the_same_one_is_the_same_network(tmp_path: Path) -> None:
    pipeline = FAMILIES["SD"].pipeline()
    file = write_lora(pipeline, tmp_path)
    adapters = Adapters(pipeline, constructing=nullcontext)

    first = adapters.pipeline([Lora("x", 1.0, file)])
    assert adapters.pipeline([Lora("x", 1.0, file)]).unet is first.unet
    for number in range(MOST_SETS):
        adapters.pipeline([Lora("x", 0.1 + number / 100, file)])

    assert len(adapters._ready) == MOST_SETS
    assert adapters.pipeline([Lora("x", 1.0, file)]).unet is not first.unet
    assert adapters.pipeline([Lora("x", 0.0, file)]) is pipeline
