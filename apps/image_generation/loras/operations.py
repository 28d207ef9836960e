"""What goes into and comes out of what is done with LoRAs. Stored with each job: see `Operation.version`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LoraUse:
    """An installed LoRA that pictures are painted with, and how strongly; `lora_scale` is in `scale`."""

    name: str
    scale: float
