"""The encoder in closed form: principal components of patches, written into strided convolutions.

    python -m ml_models.starter.recipe.pca_vae work/scenes work/vae

Without residual blocks AutoencoderTiny's encoder is linear. Each of its stride-2 convolutions takes the 2 x 2
children of a cell to their leading principal components, and the last one keeps as many as there are latent
channels. There is nothing to train, so latents are final before the decoder has learned anything. A learned
encoder starts from these latents and may move away from them (see train_vae).
"""

import argparse
import logging
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderTiny
from numpy.typing import NDArray
from torch import nn

from ml_models.starter.recipe.atomic import whole_folder
from ml_models.starter.recipe.autoencoder import SHAPES, Shape, new_autoencoder
from ml_models.starter.recipe.painter.shards import shards

log = logging.getLogger(__name__)

Floats = NDArray[np.float32]

# A channel's deviation is its component's to this power: coarse colour keeps more of it than fine detail, and
# so survives more noise.
POWER = 0.4


def pictures_from(folder: Path, count: int) -> Floats:
    """Up to `count` pictures spread evenly over the shards, (n, 256, 256, 3) in [0, 1]."""
    files = shards(folder)
    each = max(1, count // len(files))
    parts = [np.load(path, mmap_mode="r", allow_pickle=False)[:each] for path in files]
    return np.concatenate(parts).astype(np.float32) / np.float32(255)


@torch.no_grad()
def principal_autoencoder(pictures: Floats, shape: Shape) -> AutoencoderTiny:
    """An autoencoder whose encoder is fitted to the pictures and whose decoder is still random."""
    vae = new_autoencoder(shape.linear)
    first, *halvings, last = [m for m in vae.encoder.layers if isinstance(m, nn.Conv2d)]
    for convolution in (first, *halvings, last):
        for parameter in convolution.parameters():
            parameter.zero_()
    first.weight[range(3), range(3), 1, 1] = 1
    features = pictures
    for convolution in halvings:
        features = _write_components(convolution, features)
    _write_whitening(last, features)
    return vae


def _write_components(convolution: nn.Conv2d, features: Floats) -> Floats:
    """Fits one halving to features (n, h, w, c), and returns what it makes of them, (n, h/2, w/2, k)."""
    n, height, width, channels = features.shape
    cells = features.reshape(n, height // 2, 2, width // 2, 2, channels).transpose(0, 1, 3, 2, 4, 5)
    rows = cells.reshape(-1, 4 * channels)
    sample = rows[np.random.default_rng(0).permutation(len(rows))[:400_000]]
    variances, vectors = np.linalg.eigh(np.cov(sample.T.astype(np.float64)))
    kept = min(convolution.out_channels, 4 * channels)
    leading = vectors[:, ::-1][:, :kept].astype(np.float32)
    kernel = leading.T.reshape(kept, 2, 2, channels).transpose(0, 3, 1, 2)
    convolution.weight[:kept, :channels, 1:, 1:] = torch.from_numpy(kernel.copy())
    log.info(
        "%d x %d: kept %.3f of the variance",
        height // 2,
        width // 2,
        variances[-kept:].sum() / variances.sum(),
    )
    halved: Floats = (rows @ leading).reshape(n, height // 2, width // 2, kept)
    return halved


def _write_whitening(convolution: nn.Conv2d, features: Floats) -> None:
    """Keeps the leading channels, each around 0 and together with a mean variance of 1."""
    channels = convolution.out_channels
    leading = features.reshape(-1, features.shape[-1])[:, :channels]
    sigma, mean = leading.std(0), leading.mean(0)
    scale = sigma ** (POWER - 1)
    scale /= np.sqrt(np.square(scale * sigma).mean())
    assert convolution.bias is not None
    convolution.weight[range(channels), range(channels), 1, 1] = torch.from_numpy(scale)
    convolution.bias.copy_(torch.from_numpy(-mean * scale))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Fit the autoencoder's encoder in closed form.")
    parser.add_argument("scenes", type=Path, help="folder of painted shards")
    parser.add_argument("out", type=Path, help="diffusers folder to write the autoencoder to")
    parser.add_argument("--pictures", type=int, default=1500, help="how many to fit it to (1500)")
    parser.add_argument("--shape", choices=SHAPES, default="coarse", help="of the latents (coarse)")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    fit(options.scenes, options.out, SHAPES[options.shape], options.pictures)


def fit(scenes: Path, out: Path, shape: Shape = SHAPES["coarse"], pictures: int = 1500) -> None:
    """Writes an autoencoder fitted to the scenes as a diffusers folder."""
    with whole_folder(out) as unfinished:
        principal_autoencoder(pictures_from(scenes, pictures), shape).save_pretrained(unfinished)


if __name__ == "__main__":
    main()
