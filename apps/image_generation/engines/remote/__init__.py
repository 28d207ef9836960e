"""Models that run on somebody else's machine: see `painter` and docs/remote-models.md."""
