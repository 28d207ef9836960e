"""The words and weights that a UNet's training begins with: new ones, or a finished model's."""

from dataclasses import dataclass, field
from pathlib import Path

import torch
from diffusers import AutoencoderTiny, UNet2DConditionModel
from torch.nn import Parameter
from transformers import CLIPTextModel, CLIPTokenizer

from ml_models.starter.recipe.atomic import whole_folder
from ml_models.starter.recipe.autoencoder import latent_size
from ml_models.starter.recipe.grow import grown_unet, inherited
from ml_models.starter.recipe.painter.shards import captions, shards
from ml_models.starter.recipe.parts import TEXT_LAYERS, new_text_encoder, new_unet
from ml_models.starter.recipe.tokenizer import save_tokenizer, train_tokenizer

CAPTION_SHARDS = 40


@dataclass(frozen=True)
class Beginning:
    """A tokenizer, and text encoder and UNet in float32, ready to be trained.

    settled lists the parameters that were trained already if others were not, and is empty otherwise.
    """

    tokenizer: CLIPTokenizer
    text_encoder: CLIPTextModel
    unet: UNet2DConditionModel
    settled: list[Parameter] = field(default_factory=list)


def from_nothing(scenes: Path, vae: Path, tokenizer: Path) -> Beginning:
    """Random weights for the autoencoder's latents.

    The words are those in the tokenizer's folder, or are learned from the scenes' captions and kept there.
    """
    latents = AutoencoderTiny.load_config(vae)
    size = latent_size(latents)
    words = _tokenizer_for(scenes, tokenizer)
    return Beginning(
        words, new_text_encoder(words, TEXT_LAYERS[size]), new_unet(latents["latent_channels"], size)
    )


def from_model(model: Path, vae: Path) -> Beginning:
    """A finished model's words and weights, its UNet grown if the autoencoder's latents are twice as fine."""
    words = CLIPTokenizer.from_pretrained(model / "tokenizer")
    text_encoder = CLIPTextModel.from_pretrained(model / "text_encoder", dtype=torch.float32).train()
    unet = UNet2DConditionModel.from_pretrained(model / "unet", torch_dtype=torch.float32).train()
    latents = AutoencoderTiny.load_config(vae)
    size = latent_size(latents)
    if size == unet.config.sample_size:
        return Beginning(words, text_encoder, unet)
    fine = grown_unet(unet, latents["latent_channels"], size).train()
    names = inherited(unet, fine)
    old = [parameter for name, parameter in fine.named_parameters() if name in names]
    return Beginning(words, text_encoder, fine, [*old, *text_encoder.parameters()])


def _tokenizer_for(scenes: Path, folder: Path) -> CLIPTokenizer:
    if not folder.exists():
        texts = [text for shard in shards(scenes)[:CAPTION_SHARDS] for text in captions(shard)]
        with whole_folder(folder) as unfinished:
            save_tokenizer(train_tokenizer(texts), unfinished)
    return CLIPTokenizer.from_pretrained(folder)
