"""Where a model's parts are while it works. Pure: knows neither torch nor Django."""

from enum import StrEnum

# Of the device: for what a picture takes while it is made, and for what others hold.
WORKING_SHARE = 0.15
LEAST_WORKING_BYTES = 1_500_000_000


class Placement(StrEnum):
    """What is on the GPU at a time; the rest waits in the host's memory."""

    WHOLE = "whole"  # everything: fastest
    PARTS = "parts"  # one part (text encoder, denoiser, VAE): a little slower
    LAYERS = "layers"  # one layer: runs in about 2 GB, many times slower


def placement(*, device_kind: str, device_bytes: int, weights: int, largest_part: int) -> Placement:
    """How to place a model of so many bytes, the largest of its parts with `largest_part`, on such a device.

    A CPU, and Apple's GPU, compute in the host's own memory: nothing can wait anywhere else.
    """
    if device_kind != "cuda":
        return Placement.WHOLE
    room = device_bytes - max(LEAST_WORKING_BYTES, int(device_bytes * WORKING_SHARE))
    if weights <= room:
        return Placement.WHOLE
    return Placement.PARTS if largest_part <= room else Placement.LAYERS
