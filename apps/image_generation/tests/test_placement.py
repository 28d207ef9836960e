"""Where a model's parts go, for every size of model and device."""

from hypothesis import given
from hypothesis import strategies as st

from apps.image_generation.placement import LEAST_WORKING_BYTES, Placement, placement

GB = 1_000_000_000


def placed(device: float, weights: float, largest: float, kind: str = "cuda") -> Placement:
    return placement(
        device_kind=kind,
        device_bytes=int(device * GB),
        weights=int(weights * GB),
        largest_part=int(largest * GB),
    )


def test_families_on_the_gpus_people_have() -> None:
    sdxl, flux, qwen = (6.9, 5.1), (33.7, 23.8), (57.7, 40.9)
    assert placed(24, *sdxl) is Placement.WHOLE
    assert placed(8, *sdxl) is Placement.PARTS
    assert placed(4, *sdxl) is Placement.LAYERS
    assert placed(80, *flux) is Placement.WHOLE
    assert placed(32, *flux) is Placement.PARTS
    assert placed(16, *flux) is Placement.LAYERS
    assert placed(80, *qwen) is Placement.WHOLE
    assert placed(48, *qwen) is Placement.LAYERS


def test_without_a_gpu_there_is_nowhere_to_wait() -> None:
    assert placed(8, 57.7, 40.9, kind="cpu") is Placement.WHOLE
    assert placed(8, 57.7, 40.9, kind="mps") is Placement.WHOLE


@given(
    device=st.integers(0, 200 * GB),
    parts=st.lists(st.integers(1, 50 * GB), min_size=1, max_size=6),
)
def test_what_is_on_the_device_leaves_room_to_work(device: int, parts: list[int]) -> None:
    weights, largest = sum(parts), max(parts)
    chosen = placement(device_kind="cuda", device_bytes=device, weights=weights, largest_part=largest)
    held = {Placement.WHOLE: weights, Placement.PARTS: largest, Placement.LAYERS: 0}[chosen]
    assert held == 0 or held + LEAST_WORKING_BYTES <= device
    if chosen is Placement.LAYERS:
        assert largest + LEAST_WORKING_BYTES > device * 0.8 or largest > device * 0.8 - LEAST_WORKING_BYTES
