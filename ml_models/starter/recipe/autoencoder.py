"""The autoencoder: diffusers' AutoencoderTiny, 256 x 256 pictures to 16 x 16 x 12 latents."""

from typing import Any

import torch
from diffusers import AutoencoderTiny
from torch import Tensor, nn

CONFIG: dict[str, Any] = {
    "latent_channels": 12,
    "encoder_block_out_channels": [32] * 5,
    "decoder_block_out_channels": [48] * 5,
    "num_encoder_blocks": [0] * 5,
    "num_decoder_blocks": [3, 3, 1, 0, 0],
}
FULL_SIZE = 4


def new_autoencoder() -> AutoencoderTiny:
    """An autoencoder with random weights whose variance is kept through all layers.

    It has no normalisation, so with the usual initialisation the signal would fade out on the way.
    """
    vae = AutoencoderTiny(**CONFIG)
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
    """The decoder, with heads that let it stop early: level 2 is 64 pixels wide, 3 is 128 and 4 all 256.

    Starting small is several times cheaper and converges far better than 256 pixels from the first step.
    """

    def __init__(self, vae: AutoencoderTiny) -> None:
        super().__init__()
        self.decoder = vae.decoder
        width = vae.config.decoder_block_out_channels[0]
        self.heads = nn.ModuleDict({level: nn.Conv2d(width, 3, 3, padding=1) for level in ("2", "3")})

    def forward(self, latents: Tensor, level: int) -> Tensor:
        """Pictures in [-1, 1], (n, 3, 16 * 2**level, 16 * 2**level) for latents (n, 12, 16, 16)."""
        if level == FULL_SIZE:
            return self.decoder(latents)  # type: ignore[no-any-return]
        x, doublings = torch.tanh(latents / 3) * 3, 0  # as the decoder itself begins
        for layer in self.decoder.layers:
            x = layer(x)
            if isinstance(layer, nn.Upsample):
                doublings += 1
            elif doublings == level and isinstance(layer, nn.Conv2d):
                break
        return self.heads[str(level)](x).mul(2).sub(1)  # type: ignore[no-any-return]


def to_unit(pictures: Tensor) -> Tensor:
    """uint8 pictures (n, h, w, 3) as the autoencoder takes them: (n, 3, h, w) in [-1, 1]."""
    x = pictures.permute(0, 3, 1, 2).float() / 127.5 - 1
    return x.contiguous(memory_format=torch.channels_last)
