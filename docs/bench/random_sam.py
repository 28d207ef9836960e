"""`python -m docs.bench.random_sam KIND FOLDER`: a model as large as the published one, with random weights.

What a click costs depends on the size of the weights, not on what they have learnt. A program of its own, so
that the process that measures stays small.
"""

import sys
from pathlib import Path

import torch
from transformers import Sam2Config, Sam2Model, SamConfig, SamModel

# The library's default configurations are those of facebook/sam-vit-base and facebook/sam2.1-hiera-tiny.
KINDS = {"sam-vit-base": (SamModel, SamConfig), "sam2.1-tiny": (Sam2Model, Sam2Config)}


def save(kind: str, folder: Path) -> None:
    """Writes the model as transformers reads it."""
    torch.manual_seed(0)
    model, config = KINDS[kind]
    model(config()).save_pretrained(folder)


if __name__ == "__main__":
    save(sys.argv[1], Path(sys.argv[2]))
