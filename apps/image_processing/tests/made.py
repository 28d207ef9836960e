"""Models of the real signatures and no weight: what they make can be computed by hand."""

from pathlib import Path

import onnx
from onnx import TensorProto, helper


def super_resolver(folder: Path, *, scale: int, side: int | None = None, half: bool = False) -> None:
    """As Real-ESRGAN is exported: 1 x 3 x H x W from 0 to 1. Repeats each pixel and inverts its colour."""
    kind = TensorProto.FLOAT16 if half else TensorProto.FLOAT
    numbers = helper.make_tensor
    nodes = [
        helper.make_node("Resize", ["input", "", "scales"], ["large"], mode="nearest",
                         coordinate_transformation_mode="asymmetric", nearest_mode="floor"),
        helper.make_node("Sub", ["one", "large"], ["output"]),
    ]  # fmt: skip
    shape: list[int | str] = [1, 3, side or "height", side or "width"]
    graph = helper.make_graph(
        nodes,
        "super-resolver",
        [helper.make_tensor_value_info("input", kind, shape)],
        [helper.make_tensor_value_info("output", kind, [1, 3, "large_height", "large_width"])],
        [numbers("scales", TensorProto.FLOAT, [4], [1, 1, scale, scale]), numbers("one", kind, [1], [1.0])],
    )
    _save(graph, folder)


def inpainter(folder: Path, *, full_scale: bool = True, side: int = 512) -> None:
    """As LaMa is exported: an image from 0 to 1 and a mask, a picture from 0 to 255 (or, not at `full_scale`,
    to 1). Fills the hole with the image's brightest red, green and blue, and everything else with garbage."""
    nodes = [
        helper.make_node("ReduceMax", ["image"], ["brightest"], axes=[2, 3], keepdims=1),
        helper.make_node("Mul", ["brightest", "mask"], ["hole"]),
        helper.make_node("Sub", ["one", "mask"], ["outside"]),
        helper.make_node("Mul", ["outside", "garbage"], ["rest"]),
        helper.make_node("Add", ["hole", "rest"], ["small"]),
        helper.make_node("Mul", ["small", "range"], ["output"]),
    ]
    floats = TensorProto.FLOAT
    graph = helper.make_graph(
        nodes,
        "inpainter",
        [
            helper.make_tensor_value_info("image", floats, ["batch", 3, side, side]),
            helper.make_tensor_value_info("mask", floats, ["batch", 1, side, side]),
        ],
        [helper.make_tensor_value_info("output", floats, ["batch", 3, side, side])],
        [
            helper.make_tensor("one", floats, [1], [1.0]),
            helper.make_tensor("garbage", floats, [1], [0.77]),
            helper.make_tensor("range", floats, [1], [255.0 if full_scale else 1.0]),
        ],
    )
    _save(graph, folder)


def _save(graph: onnx.GraphProto, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    onnx.save(model, str(folder / "model.onnx"))
