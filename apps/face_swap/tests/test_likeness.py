"""With YuNet and real photos: the right faces are found, and after a swap a recogniser sees the source's."""

import shutil
from collections.abc import Iterator
from typing import Any

import cv2
import httpx2
import numpy as np
import onnxruntime
import pytest
from PIL import Image

from apps.face_swap.engines import geometry
from apps.face_swap.engines.haar import Haar
from apps.face_swap.engines.yunet import YuNet
from apps.face_swap.faces import Pixels
from apps.face_swap.tests.pictures import (
    MOBILEFACENET,
    YUNET,
    b64,
    changes,
    needs_weights,
    outside,
    photo,
    pixels_of,
)
from core.jobs.tests.studio import Studio

pytestmark = [pytest.mark.weights, needs_weights]

BOXES = {"astronaut": (178, 63, 269, 176), "newton": (332, 88, 439, 238)}
PAIRS = [("newton", "astronaut"), ("astronaut", "newton")]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    root = tmp_path_factory.mktemp("yunet")
    (root / "models" / "yunet").mkdir(parents=True)
    shutil.copy(YUNET, root / "models" / "yunet")
    studio = Studio(root, {"STUDIO_MODELS_ROOT": str(root / "models")}).start()
    with studio.client() as client:
        yield client
    studio.close()


class Recogniser:
    """MobileFaceNet: what makes a face whose it is, as a direction in 128 dimensions."""

    def __init__(self) -> None:
        self._session = onnxruntime.InferenceSession(MOBILEFACENET, providers=["CPUExecutionProvider"])
        self._yunet = YuNet(YUNET)

    def __call__(self, picture: Pixels) -> "np.ndarray[Any, Any]":
        [face] = self._yunet.find(picture)
        where = geometry.into_frame(self._yunet.landmarks(picture, face))
        crop = Image.fromarray(picture).transform(
            (112, 112), Image.Transform.AFFINE, where.inverse.matrix.ravel(), Image.Resampling.BILINEAR
        )
        scaled = (np.array(crop) / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
        batch = scaled.transpose(2, 0, 1)[None].astype(np.float32)
        [described] = self._session.run(None, {self._session.get_inputs()[0].name: batch})
        return described[0] / np.linalg.norm(described[0])


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return Recogniser()


def test_one_face_in_each_portrait_and_none_in_the_objects(client: httpx2.Client) -> None:
    for name, box in BOXES.items():
        said = client.post("/face-swap/detect/", json={"image": b64(photo(f"faces/{name}.png"))}).json()
        assert (said["model_used"], said["count"]) == ("yunet", 1), name
        assert np.abs(np.array(said["faces"][0]["bbox"]) - box).max() < 8, name
    for name in ("truck.jpg", "dog.jpg", "coffee.png", "chelsea.png"):
        said = client.post("/face-swap/detect/", json={"image": b64(photo(f"objects/{name}"))}).json()
        assert (said["count"], said["faces"]) == (0, []), name


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_the_sources_face_is_where_the_targets_was(
    client: httpx2.Client, recogniser: Recogniser, source: str, target: str
) -> None:
    """The likeness to the source rises, that to the target falls, and the rest stays to the pixel."""
    giver, before = photo(f"faces/{source}.png"), photo(f"faces/{target}.png")
    body = {"source_image": b64(giver), "target_image": b64(before), "consent": True}
    said = client.post("/face-swap/swap/", json=body).json()
    assert said["model_used"] == "yunet+blend"
    after = pixels_of(said["image_bytes"])
    assert outside(changes(before, after), BOXES[target]) == 0
    like_source, like_target = (
        (float(recogniser(picture) @ recogniser(giver)), float(recogniser(picture) @ recogniser(before)))
        for picture in (before, after)
    )
    assert like_target[0] > like_source[0] + 0.4  # to the source
    assert like_target[1] < like_source[1] - 0.5  # to the target
    assert like_target[0] > like_target[1] + 0.2


@pytest.mark.parametrize("scale", [0.25, 0.5, 4])
def test_small_and_large_pictures(scale: float) -> None:
    """YuNet sees faces of 10 to 300 pixels; these are of 22 to 600."""
    yunet = YuNet(YUNET)
    for name, box in BOXES.items():
        image = Image.fromarray(photo(f"faces/{name}.png"))
        resized = image.resize([int(side * scale) for side in image.size], Image.Resampling.BICUBIC)
        [face] = yunet.find(np.array(resized))
        assert np.abs(np.array(face.box) / scale - box).max() < 12, name


@pytest.mark.parametrize("degrees", [-60, -40, -20, 20, 40, 60])
def test_a_tilted_head(degrees: int) -> None:
    """YuNet alone takes tilted faces for nearly upright ones, and is off by up to half a face."""
    yunet = YuNet(YUNET)
    upright = photo("faces/astronaut.png")
    known = yunet.landmarks(upright, yunet.find(upright)[0])
    turn = cv2.getRotationMatrix2D((224, 256), degrees, 1)
    tilted = cv2.warpAffine(upright, turn, (512, 512), borderMode=cv2.BORDER_REPLICATE)
    [face] = yunet.find(tilted)
    off = np.linalg.norm(yunet.landmarks(tilted, face) - geometry.Similarity(turn)(known), axis=1)
    assert off.max() < 4  # the face is 90 pixels wide


def test_a_face_that_fills_the_picture() -> None:
    for name, box in BOXES.items():
        close_up = Image.fromarray(photo(f"faces/{name}.png")).crop(box).resize((900, 1200))
        [face] = YuNet(YUNET).find(np.array(close_up))
        assert face.area > 0.5 * 900 * 1200, name


def test_without_weights_the_cascades_find_the_same_faces_in_about_the_same_place() -> None:
    haar, yunet = Haar(), YuNet(YUNET)
    for name in BOXES:
        picture = photo(f"faces/{name}.png")
        [rough], [exact] = haar.find(picture), yunet.find(picture)
        off = np.linalg.norm(rough.landmarks - yunet.landmarks(picture, exact), axis=1)
        assert off.max() < 0.12 * (exact.box[2] - exact.box[0]), name
    for name in ("truck.jpg", "dog.jpg", "coffee.png", "chelsea.png"):
        assert haar.find(photo(f"objects/{name}")) == [], name
