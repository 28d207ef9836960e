"""Tiny models of every family as a pull leaves them: a folder with text encoders, tokenizers and processors.

`tiny` has the denoisers and VAEs; here are the language models that read the prompt, with random weights too.
"""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import diffusers
import torch
from diffusers import AutoencoderKL, FlowMatchEulerDiscreteScheduler, ZImageTransformer2DModel
from tokenizers.pre_tokenizers import ByteLevel
from transformers import (
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2Tokenizer,
    Qwen2VLImageProcessorPil,
    Qwen3Config,
    Qwen3Model,
    T5Config,
    T5EncoderModel,
    T5Tokenizer,
)

from apps.image_generation.engines.opening import PictureProcessor
from apps.image_generation.tests import tiny
from apps.image_generation.tests.tiny import TEXT_WIDTH

QWEN_MARKS = (
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>",
    "<|video_pad|>",
)  # fmt: skip
CHAT = "{% for each in messages %}{{ each['content'] }}{% endfor %}"


def save(name: str, folder: Path) -> Path:
    """Writes the model called `name`, one of `MODELS`, as a diffusers folder, and gives that."""
    torch.manual_seed(0)
    kind, components = MODELS[name]
    pipeline = getattr(diffusers, kind)(**components())
    pipeline.save_pretrained(folder)
    if "processor" in pipeline.components:
        _save_processor(pipeline.processor, folder)
    return folder


def _save_processor(processor: Any, folder: Path) -> None:
    """As it is in Qwen's own repositories, whose processor can look at films as well."""
    shutil.rmtree(folder / "processor")
    for part in (processor.image_processor, processor.tokenizer):
        part.save_pretrained(folder / "processor")
    index = folder / "model_index.json"
    said = json.loads(index.read_text())
    index.write_text(json.dumps({**said, "processor": ["transformers", "Qwen2VLProcessor"]}))


def _t5() -> tuple[Any, Any]:
    letters = [(letter, -2.0) for letter in "abcdefghijklmnopqrstuvwxyz,."]
    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -1.0), *letters]
    tokenizer = T5Tokenizer(vocab=pieces, extra_ids=0)
    config = T5Config(
        vocab_size=len(tokenizer), d_model=TEXT_WIDTH, d_kv=8, d_ff=64, num_layers=2, num_heads=4
    )
    return T5EncoderModel(config).eval(), tokenizer


def _qwen_tokenizer() -> Any:
    symbols = [*sorted(ByteLevel.alphabet()), *QWEN_MARKS]
    tokenizer = Qwen2Tokenizer(vocab={symbol: number for number, symbol in enumerate(symbols)}, merges=[])
    tokenizer.add_special_tokens({"additional_special_tokens": list(QWEN_MARKS)})
    tokenizer.chat_template = CHAT
    return tokenizer


def _qwen_sees(tokenizer: Any) -> Any:
    marks = {name: tokenizer.convert_tokens_to_ids(f"<|{name}|>") for name in ("image_pad", "video_pad")}
    config = Qwen2_5_VLConfig(
        text_config={
            "vocab_size": len(tokenizer),
            "hidden_size": TEXT_WIDTH,
            "intermediate_size": 64,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 10000.0,
                "mrope_section": [1, 1, 2],
            },
        },
        vision_config={
            "depth": 1,
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_heads": 2,
            "out_hidden_size": TEXT_WIDTH,
            "fullatt_block_indexes": [0],
        },
        image_token_id=marks["image_pad"],
        video_token_id=marks["video_pad"],
        vision_start_token_id=tokenizer.convert_tokens_to_ids("<|vision_start|>"),
        vision_end_token_id=tokenizer.convert_tokens_to_ids("<|vision_end|>"),
    )
    return Qwen2_5_VLForConditionalGeneration(config).eval()


def _inpainting() -> dict[str, Any]:
    """As SD's own inpainting model: its UNet also takes the mask and the masked picture."""
    return {**tiny.FAMILIES["SD"].components(), "unet": tiny.stable_diffusion_unet(in_channels=9)}


def _flux() -> dict[str, Any]:
    encoder, tokenizer = _t5()
    words = {"text_encoder": tiny.clip(), "tokenizer": tiny.tokenizer()}
    return {
        **tiny.FAMILIES["Flux"].components(),
        **words,
        "text_encoder_2": encoder,
        "tokenizer_2": tokenizer,
    }


def _sd3() -> dict[str, Any]:
    components = tiny.FAMILIES["SD3"].components()
    return {name: part for name, part in components.items() if part is not None} | {
        "text_encoder_3": None,
        "tokenizer_3": None,
    }


def _qwen_image() -> dict[str, Any]:
    tokenizer = _qwen_tokenizer()
    words = {"tokenizer": tokenizer, "text_encoder": _qwen_sees(tokenizer)}
    return {**tiny.FAMILIES["QwenImage"].components(), **words}


def _qwen_image_edit() -> dict[str, Any]:
    components = _qwen_image()
    looks = Qwen2VLImageProcessorPil(
        min_pixels=28 * 28, max_pixels=56 * 56, patch_size=14, merge_size=2, temporal_patch_size=2
    )
    return {**components, "processor": PictureProcessor(looks, components["tokenizer"])}


def _z_image() -> dict[str, Any]:
    tokenizer = _qwen_tokenizer()
    config = Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=TEXT_WIDTH,
        intermediate_size=64,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=8,
    )
    transformer = ZImageTransformer2DModel(
        in_channels=16,
        dim=32,
        n_layers=1,
        n_refiner_layers=1,
        n_heads=2,
        n_kv_heads=2,
        cap_feat_dim=TEXT_WIDTH,
        axes_dims=[8, 4, 4],
        axes_lens=[256, 32, 32],
    ).eval()
    vae: AutoencoderKL = tiny.vae(16, use_quant_conv=False, use_post_quant_conv=False, shift_factor=0.0609)
    return {
        "transformer": transformer,
        "vae": vae,
        "text_encoder": Qwen3Model(config).eval(),
        "tokenizer": tokenizer,
        "scheduler": FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
    }


# The pipeline's class, and what it is made of, by the id of the catalogue's model of that family.
MODELS: Mapping[str, tuple[str, Callable[[], dict[str, Any]]]] = {
    "sd-1.5": ("StableDiffusionPipeline", tiny.FAMILIES["SD"].components),
    "sd-1.5-inpainting": ("StableDiffusionInpaintPipeline", _inpainting),
    "sdxl-base": ("StableDiffusionXLPipeline", tiny.FAMILIES["SDXL"].components),
    "sd-3.5-medium": ("StableDiffusion3Pipeline", _sd3),
    "flux-dev": ("FluxPipeline", _flux),
    "flux-kontext": ("FluxKontextPipeline", _flux),
    "qwen-image": ("QwenImagePipeline", _qwen_image),
    "qwen-image-edit": ("QwenImageEditPipeline", _qwen_image_edit),
    "qwen-image-edit-plus": ("QwenImageEditPlusPipeline", _qwen_image_edit),
    "z-image-turbo": ("ZImagePipeline", _z_image),
}
