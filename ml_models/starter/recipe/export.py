"""From trained parts to the folder that StableDiffusionPipeline loads."""

import json
from pathlib import Path
from typing import Any

from diffusers import (
    AutoencoderTiny,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPTextModel, CLIPTokenizer

from ml_models.starter.recipe.atomic import whole_folder
from ml_models.starter.recipe.parts import new_scheduler
from ml_models.starter.recipe.tokenizer import save_tokenizer


def export(
    folder: Path,
    vae: Path,
    tokenizer: CLIPTokenizer,
    text_encoder: CLIPTextModel,
    unet: UNet2DConditionModel,
) -> None:
    """Writes a diffusers folder in float16 with the weights that the modules have now."""
    pipeline = StableDiffusionPipeline(
        vae=AutoencoderTiny.from_pretrained(vae).half(),
        text_encoder=_half_copy(CLIPTextModel(text_encoder.config), text_encoder),
        tokenizer=tokenizer,
        unet=_half_copy(UNet2DConditionModel.from_config(unet.config), unet),
        scheduler=new_scheduler(unet.config.sample_size),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    with whole_folder(folder) as unfinished:
        pipeline.save_pretrained(unfinished)
        save_tokenizer(tokenizer, unfinished / "tokenizer")
        # the right values for whoever swaps DDIM in
        _amend(unfinished / "scheduler" / "scheduler_config.json", clip_sample=False, set_alpha_to_one=True)
        # without it a load that names no dtype would mix half and float
        _amend(unfinished / "text_encoder" / "config.json", dtype="float32")
        # where a part was loaded from is nobody's business
        for part in ("unet", "vae"):
            _amend(unfinished / part / "config.json", _name_or_path="")


def _half_copy(fresh: Any, trained: Any) -> Any:
    weights = trained.state_dict()
    fresh.load_state_dict({name: weight.detach().float().cpu() for name, weight in weights.items()})
    return fresh.half()


def _amend(path: Path, **values: Any) -> None:
    config = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(config | values, indent=2) + "\n", encoding="utf-8")
