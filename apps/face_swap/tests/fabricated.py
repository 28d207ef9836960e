"""A folder as inswapper wants it, made of nothing: models with the inputs and outputs of the real ones.

What it takes for a face is a magenta square, in whose corner it sees the tip of the nose. A face is
described by its mean colour, and the generator paints half the old face, half that colour.
"""

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from apps.face_swap.engines.geometry import FRAME
from apps.face_swap.engines.inswapper import FILE
from apps.face_swap.faces import Pixels

NUMBERS = 16  # a face is described by so many
MAGENTA = (255, 0, 255)
_SIDE = 640  # what the detector looks at
_STRIDES = (8, 16, 32)
_HALF_FACE = 1.5  # in strides of 32


def folder(root: Path, *, numbers: int = NUMBERS) -> Path:
    """`root` with everything in it. `numbers` is how many the generator expects."""
    (root / "pack").mkdir(parents=True)
    _save(detector(), root / "pack" / "det.onnx")
    _save(recogniser(), root / "pack" / "rec.onnx")
    _save(generator(numbers), root / FILE)
    return root


def picture(*noses: tuple[int, int], background: int = 60) -> Pixels:
    """640 x 640 with a face at each of `noses`, which are multiples of 32."""
    pixels = np.full((_SIDE, _SIDE, 3), background, np.uint8)
    for x, y in noses:
        pixels[y : y + 32, x : x + 32] = MAGENTA
    return pixels


def detector() -> onnx.ModelProto:
    """SCRFD's nine outputs. A magenta cell of 32 x 32 pixels is a face; it has two anchors in each cell."""
    nodes, constants, outputs = [], [], []
    # RGB in, -1 to 1: magenta is 2, everything grey is 0.
    constants.append(_constant("weights", np.array([0.5, -1.0, 0.5], np.float32).reshape(1, 3, 1, 1)))
    nodes.append(helper.make_node("Conv", ["input", "weights"], ["magenta"]))
    faces = {"score": 1, "box": 4, "points": 10}
    landmarks = (FRAME - FRAME[2]) / 32
    values = {"box": np.full(4, _HALF_FACE), "points": landmarks.reshape(-1)}
    for stride in _STRIDES:
        nodes.append(
            helper.make_node(
                "AveragePool", ["magenta"], [f"mean{stride}"], kernel_shape=[stride] * 2, strides=[stride] * 2
            )
        )
        cells = (_SIDE // stride) ** 2 * 2
        for name, width in faces.items():
            slope, offset = np.zeros(2 * width), np.zeros(2 * width)
            if name != "score":
                offset = np.tile(values[name], 2)
            elif stride == 32:
                slope[:] = 0.5  # magenta is 2
            constants.append(_constant(f"{name}{stride}w", slope.reshape(-1, 1, 1, 1).astype(np.float32)))
            constants.append(_constant(f"{name}{stride}b", offset.astype(np.float32)))
            constants.append(_constant(f"{name}{stride}s", np.array([cells, width], np.int64)))
            nodes += [
                helper.make_node(
                    "Conv", [f"mean{stride}", f"{name}{stride}w", f"{name}{stride}b"], [f"{name}{stride}c"]
                ),
                helper.make_node("Transpose", [f"{name}{stride}c"], [f"{name}{stride}t"], perm=[0, 2, 3, 1]),
                helper.make_node("Reshape", [f"{name}{stride}t", f"{name}{stride}s"], [f"{name}{stride}"]),
            ]
    for name, width in faces.items():
        outputs += [_tensor(f"{name}{stride}", [(_SIDE // stride) ** 2 * 2, width]) for stride in _STRIDES]
    return _model(nodes, [_tensor("input", [1, 3, _SIDE, _SIDE])], outputs, constants)


def recogniser() -> onnx.ModelProto:
    """112 x 112 pixels in, a description out: the mean colour, spread over `NUMBERS` numbers."""
    nodes = [
        helper.make_node("GlobalAveragePool", ["input"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["colour"]),
        helper.make_node("MatMul", ["colour", "spread"], ["output"]),
    ]
    return _model(
        nodes,
        [_tensor("input", [1, 3, 112, 112])],
        [_tensor("output", [1, NUMBERS])],
        [_constant("spread", _orthonormal(NUMBERS)[:3])],
    )


def generator(numbers: int) -> onnx.ModelProto:
    """inswapper's two inputs and its output; `emap`, the last constant, is what the loader reads."""
    nodes = [
        helper.make_node("MatMul", ["source", "gather"], ["direction"]),  # -1 to 1
        helper.make_node("Mul", ["direction", "half"], ["scaled"]),
        helper.make_node("Add", ["scaled", "half"], ["colour"]),
        helper.make_node("Reshape", ["colour", "shape"], ["plane"]),
        helper.make_node("Add", ["target", "plane"], ["sum"]),
        helper.make_node("Mul", ["sum", "half"], ["output"]),
    ]
    constants = [
        _constant("half", np.array([0.5], np.float32)),
        _constant("shape", np.array([1, 3, 1, 1], np.int64)),
        _constant("gather", np.ascontiguousarray(_orthonormal(numbers)[:3].T)),
        _constant("emap", np.eye(numbers, dtype=np.float32)),
    ]
    inputs = [_tensor("target", [1, 3, 128, 128]), _tensor("source", [1, numbers])]
    return _model(nodes, inputs, [_tensor("output", [1, 3, 128, 128])], constants)


def _orthonormal(numbers: int) -> NDArray[np.float32]:
    square = np.random.default_rng(0).normal(size=(numbers, numbers))
    return np.linalg.qr(square)[0].astype(np.float32)


def _constant(name: str, values: NDArray[np.generic]) -> TensorProto:
    return numpy_helper.from_array(values, name)


def _tensor(name: str, shape: list[int]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def _model(
    nodes: list[onnx.NodeProto],
    inputs: list[onnx.ValueInfoProto],
    outputs: list[onnx.ValueInfoProto],
    constants: list[TensorProto],
) -> onnx.ModelProto:
    graph = helper.make_graph(nodes, "made", inputs, outputs, constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def _save(model: onnx.ModelProto, file: Path) -> None:
    onnx.checker.check_model(model)
    onnx.save(model, file)
