"""Which provider a device means. What sessions compute is tested where they are used."""

from typing import Any

import onnxruntime
import pytest

from core import onnx

CPU = "CPUExecutionProvider"


def on_gpu(number: int) -> list[Any]:
    return [("CUDAExecutionProvider", {"device_id": number}), CPU]


@pytest.mark.parametrize(
    ("device", "providers"), [("cuda", on_gpu(0)), ("cuda:1", on_gpu(1)), ("cpu", [CPU]), ("mps", [CPU])]
)
def test_a_device_means_that_very_gpu(
    monkeypatch: pytest.MonkeyPatch, device: str, providers: list[Any]
) -> None:
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CUDAExecutionProvider", CPU])

    assert onnx.providers(device) == providers


def test_without_cuda_in_onnxruntime_it_is_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [CPU])

    assert onnx.providers("cuda:1") == [CPU]


@pytest.mark.parametrize(("said", "threads"), [("3", 3), ("4,2", 4), ("", 0), ("all", 0)])
def test_as_many_threads_as_openmp_is_told(monkeypatch: pytest.MonkeyPatch, said: str, threads: int) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", said)

    assert onnx.session_options(arena=True).intra_op_num_threads == threads
