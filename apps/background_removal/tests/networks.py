"""Tiny ONNX networks in the shape of rembg's: each takes what is bright for the subject."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

# One for each family of rembg's, by the catalogue's ids.
IDS = ("birefnet-general-lite", "isnet-general-use", "u2net", "u2netp", "isnet-anime")


def install(models_root: Path, *ids: str) -> None:
    """Puts a network where `models pull` would put the real one."""
    for model_id in ids:
        file = models_root / "rembg" / "models" / model_id / f"{model_id}.onnx"
        file.parent.mkdir(parents=True)
        onnx.save(brightness(), file)


def brightness() -> onnx.ModelProto:
    """1 x 3 x H x W to 1 x 1 x H x W: 1 where the channels' sum is above 0, after any family's scaling."""
    shape = [1, 3, "height", "width"]
    weights = numpy_helper.from_array(np.full((1, 3, 1, 1), 100, np.float32), "weights")
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["picture", "weights"], ["sum"]),
            helper.make_node("Sigmoid", ["sum"], ["mask"]),
        ],
        "brightness",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("mask", TensorProto.FLOAT, [1, 1, "height", "width"])],
        [weights],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
