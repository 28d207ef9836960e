"""The training set as the UNet sees it: latents and token ids instead of pictures and captions.

    python -m ml_models.starter.recipe.latents work/scenes work/vae

Writes latents-<first seed>.npy, float16 (n, channels, cells, cells), beside every shard that has none yet.
"""

import argparse
import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderTiny
from torch import Tensor
from transformers import CLIPTokenizer

from ml_models.starter.recipe.atomic import whole_file
from ml_models.starter.recipe.autoencoder import to_unit
from ml_models.starter.recipe.judge.prompts import is_judged
from ml_models.starter.recipe.painter.shards import captions, shards

log = logging.getLogger(__name__)


def latents_of(shard: Path) -> Path:
    """Where a shard's latents are."""
    return shard.with_name(shard.name.replace("scenes", "latents"))


def cache_latents(scenes: Path, vae: Path, device: str, batch: int = 64) -> None:
    """Encodes every shard whose latents are not there yet."""
    encoder = AutoencoderTiny.from_pretrained(vae).encoder
    encoder = encoder.to(device, memory_format=torch.channels_last).eval()
    for shard in shards(scenes):
        if latents_of(shard).exists():
            continue
        pictures = np.load(shard, mmap_mode="r", allow_pickle=False)
        parts = []
        for first in range(0, len(pictures), batch):
            x = to_unit(torch.from_numpy(pictures[first : first + batch].copy()).to(device))
            with torch.no_grad(), torch.autocast(torch.device(device).type, dtype=torch.bfloat16):
                parts.append(encoder(x).float().cpu().numpy().astype(np.float16))
        with whole_file(latents_of(shard)) as unfinished:
            np.save(unfinished, np.concatenate(parts))
        log.info("encoded %s", shard.name)


class TrainingSet:
    """All latents (float16) and token ids of the scenes, on the device.

    Scenes whose captions the judge asks for word for word are left out, so that no score is learned by heart.
    """

    def __init__(self, scenes: Path, tokenizer: CLIPTokenizer, device: str) -> None:
        texts = [text for shard in shards(scenes) for text in captions(shard)]
        kept = np.array([not is_judged(text) for text in texts])
        latents = np.concatenate([np.load(latents_of(s), allow_pickle=False) for s in shards(scenes)])
        self.latents = torch.from_numpy(latents[kept]).to(device)
        self.ids: Tensor = tokenizer(
            [text for text, keep in zip(texts, kept, strict=True) if keep],
            padding="max_length",
            truncation=True,
            max_length=tokenizer.model_max_length,
            return_tensors="pt",
        ).input_ids.to(device)

    def batches(self, size: int, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Endless batches of latents (float32) and ids, each epoch in another order."""
        generator = torch.Generator().manual_seed(seed)
        size = min(size, len(self.latents))
        while True:
            order = torch.randperm(len(self.latents), generator=generator).to(self.latents.device)
            for first in range(0, len(order) - size + 1, size):
                chosen = order[first : first + size]
                yield self.latents[chosen].float(), self.ids[chosen]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Encode painted shards to latents.")
    parser.add_argument("scenes", type=Path, help="folder of painted shards")
    parser.add_argument("vae", type=Path, help="the autoencoder's diffusers folder")
    parser.add_argument("--batch", type=int, default=64, help="pictures at a time (64)")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    cache_latents(options.scenes, options.vae, options.device, options.batch)


if __name__ == "__main__":
    main()
