"""Pipelines of every family with random weights, small enough to paint in milliseconds, built from nothing.

Weights are drawn from a fixed seed, so that a family is the same in every test.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import torch
from diffusers import (
    AutoencoderKL,
    AutoencoderKLQwenImage,
    DDIMScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    FluxTransformer2DModel,
    QwenImageTransformer2DModel,
    SD3Transformer2DModel,
    UNet2DConditionModel,
)
from django.conf import settings
from PIL import Image
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

TOKENIZER = Path(settings.BASE_DIR) / "ml_models" / "starter" / "model" / "tokenizer"
TEXT_WIDTH = 32
SIDE = 64
TASKS = ("text-to-image", "image-to-image", "inpainting")

# These take no size: the picture has one.
SIZE_OF_PICTURE = ("StableDiffusionImg2ImgPipeline", "StableDiffusionXLImg2ImgPipeline")

Call = dict[str, Any]


@dataclass(frozen=True)
class Family:
    """A kind of model. `classes` are diffusers' pipelines by task; `components` draws the weights anew.

    `conditions(number, length)` are the call's arguments that say what to paint: as text, or as embeddings
    of `length` tokens where a text encoder would be large. `guidance` is the argument that scales them.
    """

    classes: Mapping[str, str]
    components: Callable[[], dict[str, Any]]
    conditions: Callable[[int, int], Call]
    guidance: str = "guidance_scale"

    def pipeline(self, task: str = "text-to-image") -> Any:
        """A pipeline for `task`, one of `TASKS`, in float32 on the CPU."""
        torch.manual_seed(0)
        pipeline = getattr(diffusers, self.classes[task])(**self.components())
        pipeline.set_progress_bar_config(disable=True)
        return pipeline

    def call(self, task: str, number: int, *, steps: int, scale: float, **changes: Any) -> Call:
        """Arguments of request `number`; `side` and `length` change the picture's size and the text's."""
        side, length = changes.pop("side", SIDE), changes.pop("length", 12)
        call = {
            **self.conditions(number, length),
            self.guidance: scale,
            "num_inference_steps": steps,
            "height": side,
            "width": side,
            "output_type": "np",
        }
        if task != "text-to-image":
            call |= {"image": picture(number, side), "strength": 0.75}
        if task == "inpainting":
            call["mask_image"] = mask(number, side)
        if self.classes[task] in SIZE_OF_PICTURE:
            del call["height"], call["width"]
        return call | changes


def picture(number: int, side: int) -> Image.Image:
    """Noise, another one for each number."""
    return Image.fromarray(np.random.default_rng(number).integers(0, 256, (side, side, 3), dtype=np.uint8))


def mask(number: int, side: int) -> Image.Image:
    """A white square on black, in another place for each number."""
    made = Image.new("L", (side, side))
    made.paste(255, (8 * (number % 3), 8, side // 2 + 8 * (number % 3), side // 2))
    return made


def noise(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def clip(kind: type[Any] = CLIPTextModel) -> Any:
    words = tokenizer()
    config = CLIPTextConfig(
        vocab_size=len(words),
        hidden_size=TEXT_WIDTH,
        projection_dim=TEXT_WIDTH,
        intermediate_size=2 * TEXT_WIDTH,
        num_attention_heads=4,
        num_hidden_layers=3,
        max_position_embeddings=words.model_max_length,
        bos_token_id=words.bos_token_id,
        eos_token_id=words.eos_token_id,
    )
    return kind(config).eval()


def tokenizer() -> Any:
    return CLIPTokenizer.from_pretrained(TOKENIZER)


def vae(channels: int = 4, **config: Any) -> AutoencoderKL:
    return AutoencoderKL(
        latent_channels=channels,
        block_out_channels=(8, 8, 16, 16),
        layers_per_block=1,
        norm_num_groups=4,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        sample_size=SIDE,
        **config,
    ).eval()


def _unet(**config: Any) -> UNet2DConditionModel:
    return UNet2DConditionModel(
        sample_size=SIDE // 8,
        block_out_channels=(16, 32),
        layers_per_block=1,
        norm_num_groups=8,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        **config,
    ).eval()


def stable_diffusion_unet(**config: Any) -> UNet2DConditionModel:
    return _unet(attention_head_dim=4, cross_attention_dim=TEXT_WIDTH, **config)


def _stable_diffusion() -> dict[str, Any]:
    return {
        "unet": stable_diffusion_unet(),
        "vae": vae(),
        "text_encoder": clip(),
        "tokenizer": tokenizer(),
        "scheduler": DDIMScheduler(beta_schedule="scaled_linear", clip_sample=False, steps_offset=1),
        "safety_checker": None,
        "feature_extractor": None,
        "requires_safety_checker": False,
    }


def _stable_diffusion_xl() -> dict[str, Any]:
    unet = _unet(
        attention_head_dim=(2, 4),
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        transformer_layers_per_block=(1, 2),
        projection_class_embeddings_input_dim=6 * 8 + TEXT_WIDTH,
        cross_attention_dim=2 * TEXT_WIDTH,
    )
    return {
        "unet": unet,
        "vae": vae(),
        "text_encoder": clip(),
        "tokenizer": tokenizer(),
        "text_encoder_2": clip(CLIPTextModelWithProjection),
        "tokenizer_2": tokenizer(),
        "scheduler": EulerDiscreteScheduler(beta_schedule="scaled_linear", timestep_spacing="leading"),
    }


def _stable_diffusion_3() -> dict[str, Any]:
    transformer = SD3Transformer2DModel(
        sample_size=SIDE // 8,
        patch_size=1,
        in_channels=16,
        out_channels=16,
        num_layers=2,
        attention_head_dim=8,
        num_attention_heads=4,
        joint_attention_dim=2 * TEXT_WIDTH,
        caption_projection_dim=32,
        pooled_projection_dim=2 * TEXT_WIDTH,
        pos_embed_max_size=32,
    ).eval()
    return {
        "transformer": transformer,
        "vae": vae(16, use_quant_conv=False, use_post_quant_conv=False, shift_factor=0.0609),
        "text_encoder": clip(CLIPTextModelWithProjection),
        "tokenizer": tokenizer(),
        "text_encoder_2": clip(CLIPTextModelWithProjection),
        "tokenizer_2": tokenizer(),
        "text_encoder_3": None,  # T5, which this family can do without
        "tokenizer_3": None,
        "scheduler": FlowMatchEulerDiscreteScheduler(shift=3.0),
    }


def _flux() -> dict[str, Any]:
    transformer = FluxTransformer2DModel(
        patch_size=1,
        in_channels=16,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=TEXT_WIDTH,
        pooled_projection_dim=TEXT_WIDTH,
        guidance_embeds=True,
        axes_dims_rope=(4, 4, 8),
    ).eval()
    return {
        "transformer": transformer,
        "vae": vae(use_quant_conv=False, use_post_quant_conv=False, shift_factor=0.0609),
        "text_encoder": None,
        "tokenizer": None,
        "text_encoder_2": None,
        "tokenizer_2": None,
        "scheduler": FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
    }


def _qwen_image() -> dict[str, Any]:
    transformer = QwenImageTransformer2DModel(
        patch_size=2,
        in_channels=16,
        out_channels=4,
        num_layers=2,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=TEXT_WIDTH,
        guidance_embeds=False,
        axes_dims_rope=(8, 4, 4),
    ).eval()
    vae = AutoencoderKLQwenImage(
        base_dim=8,
        z_dim=4,
        dim_mult=[1, 2, 4],
        num_res_blocks=1,
        temperal_downsample=[False, True],
        latents_mean=[0.0] * 4,
        latents_std=[1.0] * 4,
    ).eval()
    scheduler = FlowMatchEulerDiscreteScheduler(
        use_dynamic_shifting=True, time_shift_type="exponential", shift_terminal=0.02
    )
    return {
        "transformer": transformer,
        "vae": vae,
        "text_encoder": None,
        "tokenizer": None,
        "scheduler": scheduler,
    }


def _text(number: int, length: int) -> Call:
    return {"prompt": f"picture {number} of a ball", "negative_prompt": "blurry" if number % 2 else None}


def _flux_embeddings(number: int, length: int) -> Call:
    return {
        "prompt_embeds": noise(number, 1, length, TEXT_WIDTH),
        "pooled_prompt_embeds": noise(number + 1000, 1, TEXT_WIDTH),
    }


def _qwen_embeddings(number: int, length: int) -> Call:
    whole = torch.ones(1, length, dtype=torch.long)
    return {
        "prompt_embeds": noise(number, 1, length, TEXT_WIDTH),
        "prompt_embeds_mask": whole,
        "negative_prompt_embeds": noise(number + 1000, 1, length, TEXT_WIDTH),
        "negative_prompt_embeds_mask": whole,
    }


def _classes(stem: str) -> dict[str, str]:
    return dict(zip(TASKS, (f"{stem}{kind}Pipeline" for kind in ("", "Img2Img", "Inpaint")), strict=True))


FAMILIES = {
    "SD": Family(_classes("StableDiffusion"), _stable_diffusion, _text),
    "SDXL": Family(_classes("StableDiffusionXL"), _stable_diffusion_xl, _text),
    "SD3": Family(_classes("StableDiffusion3"), _stable_diffusion_3, _text),
    "Flux": Family(_classes("Flux"), _flux, _flux_embeddings),
    "QwenImage": Family(_classes("QwenImage"), _qwen_image, _qwen_embeddings, guidance="true_cfg_scale"),
}
