"""LoRAs: which are here, which a request paints with, and training new ones. See docs/lora.md."""
