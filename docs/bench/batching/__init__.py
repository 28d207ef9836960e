"""Many pictures at a time: the studio beside plain diffusers and beside servers that batch requests."""
