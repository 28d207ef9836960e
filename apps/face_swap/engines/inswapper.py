"""Swaps faces with InsightFace's inswapper: a generator of 128 x 128 pixels that keeps pose, gaze and light.

Wants a folder with `inswapper_128.onnx` and, in a folder in it, a pack of InsightFace with a detection and a
recognition model (`buffalo_l` is the one it was trained with). The code is MIT, all these weights are for
non-commercial research only, and none comes with the studio. Nothing is downloaded.
"""

import contextlib
import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from insightface import model_zoo
from insightface.app import FaceAnalysis
from insightface.app.common import Face as InsightFace
from numpy.typing import NDArray

from apps.face_swap.engines import geometry, pasting
from apps.face_swap.faces import Face, Pixels, Points, ordered
from core import onnx
from core.exceptions import ModelMissing

FILE = "inswapper_128.onnx"
# insightface's own: the small one is for faces that fill the picture.
_DETECTION_SIZES = [(128, 128), (640, 640)]
_LARGEST_RATIO = 64  # of the sides of a picture
# The generator's 128 pixels are placed at up to this size and enlarged from there: more shows no more.
_LONGEST_SIDE = 512


class InSwapper:
    """A `Swapper`. Raises ModelMissing when the folder lacks what it needs."""

    generates = True

    def __init__(self, folder: Path, *, name: str, device: str = "cpu") -> None:
        self.name = name
        how = {"providers": onnx.providers(device), "sess_options": onnx.session_options(arena=True)}
        self._detection, self._recognition = _analysis(_pack(folder), how)
        with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):  # it prints
            self._generator = model_zoo.get_model(str(folder / FILE), **how)
        known, wanted = self._recognition.output_shape[-1], len(self._generator.emap)
        if known != wanted:
            raise _incomplete(f"{FILE} wants faces described by {wanted} numbers, the pack gives {known}")

    def find(self, image: Pixels) -> list[Face]:
        boxes, landmarks = self._detection.detect(cv2.cvtColor(_no_thread(image), cv2.COLOR_RGB2BGR))
        return ordered(
            Face(
                (float(box[0]), float(box[1]), float(box[2]), float(box[3])),
                np.asarray(points, np.float64),
                float(box[4]),
            )
            for box, points in zip(boxes, landmarks, strict=True)
        )

    def landmarks(self, image: Pixels, face: Face) -> Points:
        return face.landmarks

    def swap(self, source: Pixels, source_face: Face, canvas: Pixels, face: Face, *, blend: float) -> None:
        giver = _insight(source_face)
        giver.embedding = self._recognition.get(cv2.cvtColor(source, cv2.COLOR_RGB2BGR), giver)
        painted, matrix = self._generator.get(
            cv2.cvtColor(canvas, cv2.COLOR_RGB2BGR), _insight(face), giver, paste_back=False
        )
        box = pasting.box_within(canvas, face.landmarks)
        size = min(box[2] - box[0], _LONGEST_SIDE), min(box[3] - box[1], _LONGEST_SIDE)
        points = pasting.grid(box, size)
        where = (
            geometry.Similarity(np.asarray(matrix))(points).reshape(size[1], size[0], 2).astype(np.float32)
        )
        placed = cv2.remap(
            np.ascontiguousarray(painted[:, :, ::-1]),
            where,
            None,
            cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REPLICATE,
        )
        mask = geometry.coverage(face.landmarks, points).reshape(size[1], size[0])
        pasting.paste(canvas, box, placed, mask, blend=blend)


def _no_thread(image: Pixels) -> Pixels:
    """The picture, made wider if it is all length: insightface scales it down to nothing, and fails."""
    height, width = image.shape[:2]
    least = max(height, width) // _LARGEST_RATIO + 1
    below, right = max(0, least - height), max(0, least - width)
    if not below and not right:
        return image
    wider: Pixels = cv2.copyMakeBorder(image, 0, below, 0, right, cv2.BORDER_REPLICATE)
    return wider


def _pack(folder: Path) -> Path:
    """The folder of the pack: FaceAnalysis would try to download one that is not there."""
    if not (folder / FILE).is_file():
        raise _incomplete(f"there is no {FILE}")
    packs = sorted({file.parent for file in folder.glob("*/*.onnx")})
    if len(packs) != 1:
        raise _incomplete(
            f"beside {FILE} there must be one folder, such as buffalo_l, with the ONNX files of a "
            f"detection and a recognition model; there are {len(packs)}"
        )
    return packs[0]


def _analysis(pack: Path, how: dict[str, Any]) -> tuple[Any, Any]:
    """(detection model, recognition model), ready for use."""
    try:
        analysis = FaceAnalysis(name=str(pack), allowed_modules=["detection", "recognition"], **how)
    except AssertionError:  # how it says that there is none
        raise _incomplete(f"{pack.name} has no detection model") from None
    if "recognition" not in analysis.models:
        raise _incomplete(f"{pack.name} has no recognition model")
    if not analysis.det_model.use_kps:
        raise _incomplete(f"the detection model in {pack.name} finds no landmarks")
    # It picks no device: below 0 it would fall back to the CPU, else the providers stay as they are.
    analysis.prepare(ctx_id=0, det_size=_DETECTION_SIZES)
    return analysis.det_model, analysis.models["recognition"]


def _insight(face: Face) -> InsightFace:
    landmarks: NDArray[np.float32] = face.landmarks.astype(np.float32)
    return InsightFace(bbox=np.array(face.box, np.float32), kps=landmarks, det_score=face.score)


def _incomplete(why: str) -> ModelMissing:
    return ModelMissing(f"The folder of this model is not complete: {why}.")
