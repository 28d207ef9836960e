"""LoRAs beside a model that everybody shares: see `adapters` and docs/lora.md."""
