"""Mask models with random weights, small enough to answer in milliseconds, built from nothing."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from transformers import Sam2Config, Sam2Model, SamConfig, SamModel

SIDE = 128  # of the square that the tiny torch models see
# The fabricated decoder's masks are discs around the first point, with these radii in the encoder's pixels
# (of 1024); the first is its answer to a clear prompt, and of the others the third scores best.
RADII = (200.0, 60.0, 120.0, 90.0)
SCORES = (0.9, 0.2, 0.4, 0.8)


def sam() -> SamModel:
    """SAM, 128 px, two layers."""
    config = SamConfig(
        vision_config={
            "hidden_size": 32,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "image_size": SIDE,
            "patch_size": 16,
            "output_channels": 32,
            "window_size": 4,
            "global_attn_indexes": [1],
            "mlp_dim": 64,
            "num_pos_feats": 16,
        },
        prompt_encoder_config={
            "hidden_size": 32,
            "image_size": SIDE,
            "patch_size": 16,
            "image_embedding_size": SIDE // 16,
        },
        mask_decoder_config=_DECODER,
    )
    return _drawn(SamModel(config))


def sam2() -> Sam2Model:
    """SAM 2, 128 px, five layers."""
    backbone = {
        "model_type": "sam2_hiera_det_model",
        "hidden_size": 8,
        "num_attention_heads": 1,
        "image_size": [SIDE, SIDE],
        "blocks_per_stage": [1, 1, 2, 1],
        "embed_dim_per_stage": [8, 16, 32, 64],
        "num_attention_heads_per_stage": [1, 1, 2, 2],
        "window_size_per_stage": [4, 4, 4, 4],
        "global_attention_blocks": [3],
        "window_positional_embedding_background_size": [4, 4],
    }
    config = Sam2Config(
        vision_config={
            "backbone_config": backbone,
            "backbone_channel_list": [64, 32, 16, 8],
            "backbone_feature_sizes": [[32, 32], [16, 16], [8, 8]],
            "fpn_hidden_size": 32,
        },
        prompt_encoder_config={"hidden_size": 32, "image_size": SIDE, "patch_size": 16},
        mask_decoder_config=_DECODER,
    )
    return _drawn(Sam2Model(config))


def save_sam(folder: Path) -> None:
    sam().save_pretrained(folder)


def save_sam2(folder: Path) -> None:
    sam2().save_pretrained(folder)


def save_mobile_sam(folder: Path, *, preprocessing: bool = True, masks: int = 4) -> None:
    """Two ONNX files that take and give what MobileSAM's do, with or without preprocessing in the encoder.

    The embedding is the picture as the encoder sees it, reduced; the masks are discs: see `RADII`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(_encoder(preprocessing), folder / "tiny_image_encoder.onnx")
    onnx.save(_decoder(masks), folder / "tiny_mask_decoder.onnx")


SAVED: Mapping[str, Callable[[Path], None]] = {
    "transformers.sam": save_sam,
    "transformers.sam2": save_sam2,
    "onnx.mobile-sam": save_mobile_sam,
}

_DECODER = {
    "hidden_size": 32,
    "mlp_dim": 64,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "iou_head_hidden_dim": 32,
}


def _drawn(model: Any) -> Any:
    """Weights large enough that masks have insides and outsides."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weights in (*model.parameters(), *model.buffers()):  # a buffer holds the random Fourier features
            weights.copy_(torch.randn(weights.shape, generator=generator) * 0.2)
    return model.eval()


def _encoder(preprocessing: bool) -> onnx.ModelProto:
    """The picture padded to 1024 x 1024, its mean over 16 x 16 pixels in each of 256 channels."""
    mean, deviation = [123.675, 116.28, 103.53], [58.395, 57.12, 57.375]
    weights = np.random.default_rng(0).normal(0, 0.2, (256, 3, 1, 1)).astype(np.float32)
    constants = {
        "mean": np.array(mean, np.float32),
        "deviation": np.array(deviation, np.float32),
        "weights": weights,
        "zeros": np.zeros(6, np.int64),
        "full": np.array([1024, 1024], np.int64),
        "batch": np.array([0], np.int64),
    }
    before = [
        helper.make_node("Sub", ["input_image", "mean"], ["shifted"]),
        helper.make_node("Div", ["shifted", "deviation"], ["scaled"]),
        helper.make_node("Transpose", ["scaled"], ["planes"], perm=[2, 0, 1]),
        helper.make_node("Unsqueeze", ["planes", "batch"], ["one"]),
        helper.make_node("Shape", ["one"], ["size"], start=2),
        helper.make_node("Sub", ["full", "size"], ["missing"]),
        helper.make_node("Concat", ["zeros", "missing"], ["pads"], axis=0),
        helper.make_node("Pad", ["one", "pads"], ["square"]),
    ]
    after = [
        helper.make_node(
            "AveragePool",
            ["square" if preprocessing else "input_image"],
            ["cells"],
            kernel_shape=[16, 16],
            strides=[16, 16],
        ),
        helper.make_node("Conv", ["cells", "weights"], ["image_embeddings"]),
    ]
    shape = ["image_height", "image_width", 3] if preprocessing else [1, 3, 1024, 1024]
    return _model(
        [*(before if preprocessing else []), *after],
        constants,
        {"input_image": shape},
        {"image_embeddings": [1, 256, 64, 64]},
    )


def _decoder(masks: int) -> onnx.ModelProto:
    """Discs around the first point; a mask that is given counts for more."""
    centres = (np.arange(256, dtype=np.float32) + 0.5) * 4
    grid = np.stack(np.meshgrid(centres, centres), axis=-1)[None, None]
    radii = np.array(RADII[:masks], np.float32).reshape(1, masks, 1, 1)
    constants = {
        "grid": grid,
        "reaches": radii**2,
        "softness": np.float32(2000),
        "scores": np.array([SCORES[:masks]], np.float32),
        "first": np.array([0], np.int64),
        "as_one": np.array([1, 1, 1, 1, 2], np.int64),
        "across": np.array([4], np.int64),
        "nothing": np.float32(0),
    }
    nodes = [
        helper.make_node("Gather", ["point_coords", "first"], ["point"], axis=1),
        helper.make_node("Reshape", ["point", "as_one"], ["there"]),
        helper.make_node("Sub", ["grid", "there"], ["apart"]),
        helper.make_node("Mul", ["apart", "apart"], ["squares"]),
        helper.make_node("ReduceSum", ["squares", "across"], ["distances"], keepdims=0),
        helper.make_node("Sub", ["reaches", "distances"], ["inside"]),
        helper.make_node("Div", ["inside", "softness"], ["logits"]),
        helper.make_node("Mul", ["mask_input", "has_mask_input"], ["hint"]),
        helper.make_node("ReduceMean", ["image_embeddings"], ["seen"], keepdims=0),
        helper.make_node("ReduceMean", ["point_labels"], ["said"], keepdims=0),
        helper.make_node("ReduceMean", ["orig_im_size"], ["sized"], keepdims=0),
        helper.make_node("Sum", ["seen", "said", "sized"], ["unused"]),
        helper.make_node("Mul", ["unused", "nothing"], ["naught"]),
        helper.make_node("Add", ["logits", "hint"], ["hinted"]),
        helper.make_node("Add", ["hinted", "naught"], ["low_res_masks"]),
        helper.make_node("Identity", ["low_res_masks"], ["masks"]),
        helper.make_node("Identity", ["scores"], ["iou_predictions"]),
    ]
    takes: dict[str, list[Any]] = {
        "image_embeddings": [1, 256, 64, 64],
        "point_coords": [1, "num_points", 2],
        "point_labels": [1, "num_points"],
        "mask_input": [1, 1, 256, 256],
        "has_mask_input": [1],
        "orig_im_size": [2],
    }
    gives: dict[str, list[Any]] = {
        "masks": [1, masks, 256, 256],
        "iou_predictions": [1, masks],
        "low_res_masks": [1, masks, 256, 256],
    }
    return _model(nodes, constants, takes, gives)


def _model(
    nodes: list[onnx.NodeProto],
    constants: dict[str, Any],
    takes: dict[str, list[Any]],
    gives: dict[str, list[Any]],
) -> onnx.ModelProto:
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in takes.items()],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in gives.items()],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model
