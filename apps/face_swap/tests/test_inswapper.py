"""inswapper's path: what its folder must hold, what it paints, and whom its licence lets in."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from apps.face_swap.engines.inswapper import FILE, InSwapper
from apps.face_swap.tests import fabricated
from apps.face_swap.tests.pictures import (
    MOBILEFACENET,
    SCRFD,
    astronaut,
    b64,
    needs_weights,
    photo,
    pixels_of,
)
from core.exceptions import ModelMissing
from core.images.tests.pictures import opened
from core.jobs.tests.studio import Studio

BROKEN = """
[[model]]
id = "broken"
task = "face-swap"
family = "inswapper"
loader = "face-swap.inswapper"
source = {{ path = "{folder}" }}
licence = "MIT"
licence_url = ""
commercial_use = true
description = "Made for a test, and not whole."
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return fabricated.folder(tmp_path / "inswapper-128")


def test_it_paints_what_the_generator_says_and_prints_nothing(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The made generator paints half the target's colour and half the source face's."""
    engine = InSwapper(folder, name="inswapper-128")
    source, target = fabricated.picture((320, 320), background=200), fabricated.picture((256, 320))
    canvas = target.copy()
    engine.swap(source, engine.find(source)[0], canvas, engine.find(target)[0], blend=1.0)
    assert capfd.readouterr().out == ""
    # Her face is seen as a magenta square in a quarter of grey: so is its mean colour, and so it is painted.
    old, new = target[310, 250].astype(float), canvas[310, 250].astype(float)
    red, green, blue = 2 * new - old - 127.5
    assert red > green
    assert blue > green
    assert abs(red - blue) < 4
    assert 118 < np.sqrt(red**2 + green**2 + blue**2) < 137  # a direction, of length one half of 255


@pytest.mark.parametrize(
    ("missing", "says"),
    [
        (FILE, f"there is no {FILE}"),
        ("pack", "one folder"),
        ("pack/rec.onnx", "no recognition model"),
        ("pack/det.onnx", "no detection model"),
    ],
)
def test_an_incomplete_folder_says_what_is_missing(folder: Path, missing: str, says: str) -> None:
    path = folder / missing
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(ModelMissing, match=says):
        InSwapper(folder, name="inswapper-128")


def test_a_generator_for_another_recogniser_is_refused(tmp_path: Path) -> None:
    folder = fabricated.folder(tmp_path / "other", numbers=fabricated.NUMBERS * 2)
    with pytest.raises(ModelMissing, match="wants faces described by 32 numbers, the pack gives 16"):
        InSwapper(folder, name="inswapper-128")


@pytest.mark.weights
@needs_weights
def test_the_real_detector_and_recogniser(tmp_path: Path) -> None:
    """SCRFD finds both faces, and nothing in the objects; the recogniser tells the two apart."""
    folder = fabricated.folder(tmp_path / "real", numbers=128)
    shutil.rmtree(folder / "pack")
    (folder / "pack").mkdir()
    shutil.copy(SCRFD, folder / "pack" / "det.onnx")
    shutil.copy(MOBILEFACENET, folder / "pack" / "rec.onnx")
    engine = InSwapper(folder, name="inswapper-128")
    for name, box in (("astronaut", (178, 63, 269, 176)), ("newton", (332, 88, 439, 238))):
        [face] = engine.find(photo(f"faces/{name}.png"))
        assert np.abs(np.array(face.box) - box).max() < 15, name
    for name in ("truck.jpg", "dog.jpg", "coffee.png", "chelsea.png"):
        assert engine.find(photo(f"objects/{name}")) == [], name
    source, target = photo("faces/newton.png"), photo("faces/astronaut.png")
    canvas = target.copy()
    engine.swap(source, engine.find(source)[0], canvas, engine.find(target)[0], blend=1.0)
    assert (canvas != target).any()


@pytest.fixture(scope="module")
def accepting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio whose owner has put the model into its folder and accepted its licence."""
    root = tmp_path_factory.mktemp("accepting")
    fabricated.folder(root / "models" / "inswapper-128")
    broken = fabricated.folder(root / "broken")
    (broken / "pack" / "rec.onnx").unlink()
    (root / "models" / "catalogue.toml").write_text(BROKEN.format(folder=broken))
    environment = {
        "STUDIO_MODELS_ROOT": str(root / "models"),
        "STUDIO_ACCEPT_LICENCES": "LicenseRef-InsightFace-non-commercial",
    }
    studio = Studio(root, environment).start()
    yield studio
    studio.close()


def test_where_it_is_here_and_accepted_it_is_the_best(accepting: Studio) -> None:
    target = fabricated.picture((160, 320), (480, 320))
    body = {
        "source_image": b64(fabricated.picture((320, 320), background=200)),
        "target_image": b64(target),
        "target_face_index": 1,
        "consent": True,
    }
    with accepting.client() as client:
        found = client.post("/face-swap/detect/", json={"image": b64(target)}).json()
        said = client.post("/face-swap/swap/", json=body).json()
        by_hand = client.post("/face-swap/detect/", json={"image": b64(astronaut()), "model": "haar"}).json()
    assert (found["model_used"], found["count"]) == ("inswapper-128", 2)
    assert said["model_used"] == "inswapper-128"
    assert said["metadata"]["digital_source_type"] == "compositeWithTrainedAlgorithmicMedia"
    changed = (pixels_of(said["image_bytes"]) != target).any(axis=-1)
    assert not changed[:, :320].any()
    assert changed[:, 320:].any()
    assert (by_hand["model_used"], by_hand["count"]) == ("haar", 1)


def test_what_is_kept_says_who_made_it(accepting: Studio) -> None:
    squares = b64(fabricated.picture((320, 320)))
    body = {"source_image": squares, "target_image": squares, "consent": True}
    with accepting.client(headers={"Accept": "image/png"}) as client:
        response = client.post("/face-swap/swap/", json=body)
    assert response.headers["X-Model"] == "inswapper-128"
    studio = json.loads(opened(response.content).info["studio"])
    assert studio["digital_source_type"] == "compositeWithTrainedAlgorithmicMedia"


def test_an_incomplete_folder_is_told_to_the_caller(accepting: Studio) -> None:
    with accepting.client() as client:
        response = client.post("/face-swap/detect/", json={"image": b64(astronaut()), "model": "broken"})
    assert (response.status_code, response.json()["code"]) == (503, "model_missing")
    assert "no recognition model" in response.json()["detail"]
