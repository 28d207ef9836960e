"""Training a LoRA beside a model that goes on painting: see `trainer` and docs/lora.md."""
