"""Batches unmodified diffusers pipelines at the denoiser: see `engine` and docs/batching.md."""
