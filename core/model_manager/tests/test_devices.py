"""The device models run on, as torch knows it."""

from pathlib import Path
from typing import Any

import pytest

from core.exceptions import InvalidInput
from core.model_manager import devices, leasing
from core.model_manager.devices import DeviceUnavailable


def test_the_cpu() -> None:
    import torch

    cpu = devices.probe("cpu")
    assert (cpu.name, cpu.kind) == ("cpu", "cpu")
    assert 2**28 < cpu.total_bytes == devices.host_memory_bytes()
    cpu.release_cached()
    assert cpu.is_out_of_memory(MemoryError())
    assert cpu.is_out_of_memory(torch.OutOfMemoryError("CUDA out of memory."))
    assert not cpu.is_out_of_memory(RuntimeError("shapes do not match"))
    assert not cpu.is_out_of_memory(ValueError("out of memory"))
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**60, dtype=torch.uint8)
    assert cpu.is_out_of_memory(caught.value)


def test_auto_is_a_device_of_this_machine() -> None:
    assert devices.probe("auto").kind in {"cpu", "cuda", "mps"}


@pytest.mark.parametrize("wanted", ["cuda:99", "gpu", "", "meta", "cpu:x"])
def test_a_device_this_machine_has_not(wanted: str) -> None:
    with pytest.raises(DeviceUnavailable, match="STUDIO_DEVICE"):
        devices.probe(wanted)


def test_a_container_has_the_memory_of_its_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = devices.host_memory_bytes()
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(devices, "CGROUP_LIMITS", (limit, tmp_path / "absent"))
    limit.write_text("max\n")
    assert devices.host_memory_bytes() >= whole
    limit.write_text("1048576\n")
    assert devices.host_memory_bytes() == 1048576


def test_the_workers_manager_is_made_from_the_settings(settings: Any) -> None:
    settings.STUDIO_DEVICE = "cpu"
    settings.STUDIO_MODEL_MEMORY_BYTES = 12345
    leasing.configure(None)
    try:
        shared = leasing.manager()
        assert shared is leasing.manager()
        assert (shared.device.name, shared.budget_bytes) == ("cpu", 12345)
        with pytest.raises(InvalidInput), leasing.lease("no-such-model"):
            pass
        shared.close()
    finally:
        leasing.configure(None)
