"""LoRA files for tests: random, small, in the layout that diffusers writes."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

# A layer of each kind that the starter has: inputs and outputs.
STARTER = {
    "unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_q": (192, 192),
    "unet.mid_block.attentions.0.transformer_blocks.0.attn2.to_v": (192, 192),
    "unet.up_blocks.1.attentions.0.transformer_blocks.0.attn1.to_out.0": (128, 128),
    "text_encoder.text_model.encoder.layers.1.self_attn.v_proj": (192, 192),
}
UNET_ONLY = {name: shape for name, shape in STARTER.items() if name.startswith("unet.")}


def tensors(
    layers: dict[str, tuple[int, int]], *, seed: int = 0, rank: int = 2, strength: float = 0.5
) -> dict[str, np.ndarray[Any, Any]]:
    """Weights of a LoRA for these layers (inputs, outputs), strong enough to be seen."""
    draw = np.random.default_rng(seed)
    made = {}
    for name, (inputs, outputs) in layers.items():
        made[f"{name}.lora_A.weight"] = draw.normal(0, strength, (rank, inputs)).astype(np.float32)
        made[f"{name}.lora_B.weight"] = draw.normal(0, strength, (outputs, rank)).astype(np.float32)
    return made


def write(
    folder: Path,
    name: str,
    layers: dict[str, tuple[int, int]] | None = None,
    *,
    header: dict[str, str] | None = None,
    configuration: dict[str, Any] | None = None,
    extra: dict[str, np.ndarray[Any, Any]] | None = None,
    **options: Any,
) -> Path:
    """`<folder>/<name>.safetensors`; `configuration` is peft's, as diffusers keeps it in the header."""
    folder.mkdir(parents=True, exist_ok=True)
    metadata = {"format": "pt", **(header or {})}
    if configuration is not None:
        metadata["lora_adapter_metadata"] = json.dumps(configuration)
    path = folder / f"{name}.safetensors"
    content = {**tensors(UNET_ONLY if layers is None else layers, **options), **(extra or {})}
    save_file(content, path, metadata)
    return path


def write_kohya(
    folder: Path, name: str, layers: dict[str, tuple[int, int]], *, alpha: float, **options: Any
) -> Path:
    """The same in the layout of kohya's trainers, with an `alpha` for each layer."""
    content = {}
    for tensor, weight in tensors(layers, **options).items():
        layer, _, part = tensor.removesuffix(".weight").rpartition(".lora_")
        place, _, rest = layer.partition(".")
        flat = f"lora_{'te' if place == 'text_encoder' else place}_{rest.replace('.', '_')}"
        content[f"{flat}.lora_{'down' if part == 'A' else 'up'}.weight"] = weight
        content[f"{flat}.alpha"] = np.array(alpha, np.float32)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.safetensors"
    save_file(content, path, {"ss_network_module": "networks.lora"})
    return path
