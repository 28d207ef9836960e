"""The autoencoder: diffusers' AutoencoderTiny, from 256 x 256 pictures to latents and back."""

from dataclasses import dataclass
from typing import Any

import torch
from diffusers import AutoencoderTiny
from torch import Tensor, nn

FULL_SIZE = 256


@dataclass(frozen=True)
class Shape:
    """How many numbers are kept of a picture: `channels` for each cell, after so many halvings.

    encoder_blocks and decoder_blocks are residual blocks per level, each from its first level on; without
    blocks the encoder is linear.
    """

    channels: int
    halvings: int
    encoder_blocks: tuple[int, ...]
    decoder_blocks: tuple[int, ...]

    @property
    def linear(self) -> "Shape":
        """The same latents from an encoder without blocks, which pca_vae can fit."""
        return Shape(self.channels, self.halvings, (0,) * len(self.encoder_blocks), self.decoder_blocks)


# coarse: 16 x 16 x 12, the quickest to learn; fine: 32 x 32 x 4, as the shipped weights have
SHAPES = {
    "coarse": Shape(12, 4, (0, 0, 0, 0, 0), (3, 3, 1, 0, 0)),
    "fine": Shape(4, 3, (0, 1, 2, 3), (3, 3, 1, 0)),
}


def config(shape: Shape) -> dict[str, Any]:
    """What AutoencoderTiny is made from."""
    levels = shape.halvings + 1
    return {
        "latent_channels": shape.channels,
        "encoder_block_out_channels": [32] * levels,
        "decoder_block_out_channels": [48] * levels,
        "num_encoder_blocks": list(shape.encoder_blocks),
        "num_decoder_blocks": list(shape.decoder_blocks),
    }


def latent_size(vae: dict[str, Any]) -> int:
    """How many cells wide the latents of a 256 px picture are, from an autoencoder's configuration."""
    return FULL_SIZE >> (len(vae["decoder_block_out_channels"]) - 1)


def shape_of(vae: dict[str, Any]) -> str:
    """Which of SHAPES has the latents of an autoencoder's configuration.

    Raises ValueError if none has.
    """
    channels, halvings = vae["latent_channels"], len(vae["decoder_block_out_channels"]) - 1
    for name, shape in SHAPES.items():
        if (shape.channels, shape.halvings) == (channels, halvings):
            return name
    raise ValueError(f"No shape has {channels} channels after {halvings} halvings.")


def new_autoencoder(shape: Shape) -> AutoencoderTiny:
    """An autoencoder with random weights whose variance is kept through all layers.

    It has no normalisation, so with the usual initialisation the signal would fade out on the way.
    """
    vae = AutoencoderTiny(**config(shape))
    for module in vae.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="linear")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    for module in vae.modules():
        if type(module).__name__ == "AutoencoderTinyBlock":
            first, second, last = (layer for layer in module.conv if isinstance(layer, nn.Conv2d))
            nn.init.kaiming_normal_(first.weight, nonlinearity="relu")
            nn.init.kaiming_normal_(second.weight, nonlinearity="relu")
            with torch.no_grad():
                last.weight.mul_(0.2)
    return vae


class GrowingDecoder(nn.Module):
    """The decoder, with heads that let it stop early, at pictures 64 or 128 pixels wide instead of 256.

    Starting small is several times cheaper and converges far better than 256 pixels from the first step.
    """

    def __init__(self, vae: AutoencoderTiny) -> None:
        super().__init__()
        self.decoder = vae.decoder
        width = vae.config.decoder_block_out_channels[0]
        self.heads = nn.ModuleDict({size: nn.Conv2d(width, 3, 3, padding=1) for size in ("64", "128")})
        self._cells = latent_size(vae.config)

    def forward(self, latents: Tensor, size: int) -> Tensor:
        """Pictures in [-1, 1], (n, 3, size, size), from latents of whole ones; size is 64, 128 or 256."""
        if size == FULL_SIZE:
            return self.decoder(latents)  # type: ignore[no-any-return]
        x, reached = torch.tanh(latents / 3) * 3, self._cells  # as the decoder itself begins
        for layer in self.decoder.layers:
            x = layer(x)
            if isinstance(layer, nn.Upsample):
                reached *= 2
            elif reached == size and isinstance(layer, nn.Conv2d):
                break
        return self.heads[str(size)](x).mul(2).sub(1)  # type: ignore[no-any-return]


def to_unit(pictures: Tensor) -> Tensor:
    """uint8 pictures (n, h, w, 3) as the autoencoder takes them: (n, 3, h, w) in [-1, 1]."""
    x = pictures.permute(0, 3, 1, 2).float() / 127.5 - 1
    return x.contiguous(memory_format=torch.channels_last)
