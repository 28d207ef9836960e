"""POST /face-swap/swap/ on a real server, with what is there without a download."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import httpx2
import numpy as np
import pytest
from PIL import Image

from apps.face_swap.tests.pictures import (
    FACE,
    astronaut,
    b64,
    changes,
    nobody,
    outside,
    pixels_of,
    stranger,
    two_faces,
)
from core.images.encoding import encode
from core.images.provenance import Provenance
from core.images.tests.pictures import corners, file_of, opened
from core.jobs.tests.studio import Studio, events, wait_until

SWAP = "/face-swap/swap/"
SMALL = (60, 20, 150, 110)  # the smaller face of `two_faces`
LARGE = (421, 60, 541, 190)
SYNTHETIC = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeSynthetic"


@pytest.fixture(scope="module")
def client(studio: Studio) -> Iterator[httpx2.Client]:
    with studio.client() as client:
        yield client


def body(source: Any = None, target: Any = None, **fields: Any) -> dict[str, Any]:
    pictures = {
        "source_image": b64(stranger() if source is None else source),
        "target_image": b64(astronaut() if target is None else target),
    }
    return {**pictures, "consent": True, **fields}


def swap(client: httpx2.Client, **fields: Any) -> dict[str, Any]:
    response = client.post(SWAP, json=body(**fields))
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def test_the_face_changes_and_nothing_else(client: httpx2.Client) -> None:
    said = swap(client)
    assert (said["success"], said["model_used"]) == (True, "haar+blend")
    assert said["request_id"]
    assert said["processing_time"] > 0
    assert said["metadata"]["faces_swapped"] == 1
    changed = changes(astronaut(), pixels_of(said["image_bytes"]))
    assert outside(changed, FACE) == 0
    assert changed.sum() > 3000


def test_which_face_and_all_of_them(client: httpx2.Client) -> None:
    before = two_faces()
    made = {}
    for which, inside, alone in ((0, LARGE, SMALL), (1, SMALL, LARGE)):
        made[which] = pixels_of(swap(client, target=before, target_face_index=which)["image_bytes"])
        assert outside(changes(before, made[which]), inside) == 0
        assert changes(before, made[which]).any()
        assert (before == made[which])[alone[1] : alone[3], alone[0] : alone[2]].all()
    said = swap(client, target=before, target_face_index="all")
    both = np.where(changes(before, made[0])[..., None], made[0], made[1])
    assert (pixels_of(said["image_bytes"]) == both).all()
    assert said["metadata"]["faces_swapped"] == 2


def test_which_face_of_the_source(client: httpx2.Client) -> None:
    first, second = (
        pixels_of(swap(client, source=two_faces(), source_face_index=index)["image_bytes"])
        for index in (0, 1)
    )
    assert np.abs(first.astype(int) - second).max() > 10
    # Face 0 of it is her own, which stays where it was, nearly.
    assert np.abs(first.astype(int) - astronaut()).mean() < np.abs(second.astype(int) - astronaut()).mean()


def test_blend_is_how_far_it_goes(client: httpx2.Client) -> None:
    none, half, all_ = (
        pixels_of(swap(client, blend=blend)["image_bytes"]).astype(int) for blend in (0, 0.5, 1)
    )
    assert (none == astronaut()).all()
    assert np.abs(half - (astronaut() + all_) / 2).max() <= 1
    assert (pixels_of(swap(client)["image_bytes"]) == all_).all()


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_every_format_says_that_it_is_synthetic(client: httpx2.Client, kind: str) -> None:
    said = swap(client, output_format=kind, blend=0.75)
    image = opened(base64.b64decode(said["image_bytes"]))
    assert image.format == kind.upper()
    xmp = image.info.get("xmp") or image.info["XML:com.adobe.xmp"]
    assert SYNTHETIC in (xmp.decode() if isinstance(xmp, bytes) else xmp)
    assert said["metadata"]["digital_source_type"] == "compositeSynthetic"
    if kind == "png":
        studio = json.loads(image.info["studio"])
        assert (studio["operation"], studio["synthetic"], studio["blend"]) == ("face swap", True, 0.75)
        assert studio["model"] == "haar+blend"


def test_a_generated_picture_stays_one(client: httpx2.Client) -> None:
    told = base64.b64encode(encode(Image.fromarray(astronaut()), "png", provenance=Provenance())).decode()
    answer = client.post(SWAP, json={**body(), "source_image": told}).json()
    assert answer["metadata"]["digital_source_type"] == "compositeWithTrainedAlgorithmicMedia"


@pytest.mark.parametrize("mode", ["L", "RGBA"])
def test_the_target_keeps_its_kind_of_pixels(client: httpx2.Client, mode: str) -> None:
    target = Image.fromarray(astronaut()).convert(mode)
    if mode == "RGBA":
        target.putalpha(Image.linear_gradient("L").resize(target.size))
    made = opened(base64.b64decode(swap(client, target=target)["image_bytes"]))
    assert made.mode == mode
    before, after = np.array(target), np.array(made)
    changed = (before != after) if mode == "L" else changes(before, after)
    assert outside(changed, FACE) == 0
    assert changed.any()
    if mode == "RGBA":
        assert (before[..., 3] == after[..., 3]).all()


def test_a_black_and_white_photo_stays_so(client: httpx2.Client) -> None:
    grey = np.repeat(np.array(Image.fromarray(astronaut()).convert("L"))[..., None], 3, axis=-1)
    after = pixels_of(swap(client, target=grey)["image_bytes"]).astype(int)
    assert np.ptp(after, axis=-1).max() <= 3
    assert (after != grey).any()


def test_bare_bytes_and_links(client: httpx2.Client) -> None:
    bare = client.post(SWAP, json=body(), headers={"Accept": "image/webp"})
    assert bare.headers["Content-Type"] == "image/webp"
    assert bare.headers["X-Model"] == "haar+blend"
    assert opened(bare.content).format == "WEBP"
    link = swap(client, response_format="url")["image_bytes"]
    assert (np.array(opened(client.get(link).content)) == pixels_of(swap(client)["image_bytes"])).all()


def test_files_in_a_form(client: httpx2.Client) -> None:
    files = {
        "source_image": ("s.png", file_of(Image.fromarray(stranger()))),
        "target_image": ("t.png", file_of(Image.fromarray(astronaut()))),
    }
    response = client.post(SWAP, files=files, data={"consent": "true", "target_face_index": "all"})
    assert response.status_code == 200, response.text
    assert response.json()["image_bytes"] == swap(client, target_face_index="all")["image_bytes"]


@pytest.mark.parametrize("consent", [None, False, "missing"])
def test_without_consent_nothing_happens(client: httpx2.Client, consent: Any) -> None:
    given = body(consent=consent)
    if consent == "missing":
        del given["consent"]
    for path in (SWAP, SWAP + "async/"):
        response = client.post(path, json=given)
        assert response.status_code == 400
        assert "everybody whose face" in response.json()["errors"]["consent"][0]


@pytest.mark.parametrize("which", ["source", "target"])
def test_no_face_says_in_which_picture(client: httpx2.Client, which: str) -> None:
    response = client.post(SWAP, json=body(**{which: nobody()}))
    assert (response.status_code, response.json()["code"]) == (400, "no_face_found")
    assert list(response.json()["errors"]) == [f"{which}_image"]


@pytest.mark.parametrize("which", ["source", "target"])
def test_an_index_out_of_range_says_how_many_there_are(client: httpx2.Client, which: str) -> None:
    response = client.post(SWAP, json=body(**{which: two_faces(), f"{which}_face_index": 2}))
    assert (response.status_code, response.json()["code"]) == (400, "no_such_face")
    assert "There are 2 faces" in response.json()["errors"][f"{which}_face_index"][0]


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [
        ({"source_face_index": -1}, "source_face_index"),
        ({"source_face_index": "all"}, "source_face_index"),
        ({"source_face_index": 0.5}, "source_face_index"),
        ({"target_face_index": "each"}, "target_face_index"),
        ({"target_face_index": -1}, "target_face_index"),
        ({"target_face_index": True}, "target_face_index"),
        ({"target_face_index": [0]}, "target_face_index"),
        ({"target_face_index": None}, "target_face_index"),
        ({"blend": 1.01}, "blend"),
        ({"blend": -0.01}, "blend"),
        ({"blend": "much"}, "blend"),
        ({"consent": "perhaps"}, "consent"),
        ({"model": "starter"}, "model"),
        ({"output_format": "gif"}, "output_format"),
        ({"source_image": "x"}, "source_image"),
        ({"target_image": 7}, "target_image"),
        ({"target_image": base64.b64encode(b"GIF89a" + b"\0" * 50).decode()}, "target_image"),
        ({"mask": "x"}, "mask"),
    ],
)
def test_rubbish_is_refused_by_name(client: httpx2.Client, fields: dict[str, Any], at_fault: str) -> None:
    response = client.post(SWAP, json={**body(source=np.array(corners())), **fields})
    assert response.status_code == 400, response.text
    assert at_fault in response.json()["errors"]


@pytest.mark.parametrize("missing", ["source_image", "target_image"])
def test_both_pictures_are_needed_and_no_third(client: httpx2.Client, missing: str) -> None:
    given = body(source=np.array(corners()))
    picture = given.pop(missing)
    assert missing in client.post(SWAP, json=given).json()["errors"]
    uploaded = client.post("/images/", json={"image": picture}).json()["image_id"]
    both = client.post(SWAP, json={**given, missing: picture, f"{missing}_id": uploaded})
    assert (both.status_code, missing in both.json()["errors"]) == (400, True)


def test_one_pixel_and_too_many(client: httpx2.Client) -> None:
    dot = client.post(SWAP, json=body(target=np.zeros((1, 1, 3), np.uint8)))
    assert (dot.status_code, dot.json()["code"]) == (400, "no_face_found")
    vast = base64.b64encode(file_of(Image.new("1", (30_000, 30_000)))).decode()
    response = client.post(SWAP, json={**body(), "source_image": vast})
    assert (response.status_code, response.json()["code"]) == (413, "too_many_pixels")


def test_the_async_twin_makes_the_same_picture(client: httpx2.Client) -> None:
    given = body(target=two_faces(), target_face_index="all")
    job = client.post(SWAP + "async/", json=given).json()
    told = list(events(client, job["links"]["stream"]))
    assert [name for _, name, _ in told][-1] == "done"
    shares = [data["progress"] for _, name, data in told if name == "progress" and "progress" in data]
    assert shares == sorted(shares)
    assert {0.5, 1.0} <= set(shares)
    result = client.get(job["links"]["result"]).json()
    assert result["metadata"]["faces_swapped"] == 2
    assert result["image"] == swap(client, target=two_faces(), target_face_index="all")["image_bytes"]


def test_an_async_job_without_a_face_says_so(client: httpx2.Client) -> None:
    job = client.post(SWAP + "async/", json=body(source=nobody())).json()
    ended = wait_until(lambda: now if (now := client.get(job["links"]["self"]).json())["error"] else None)
    assert (ended["status"], ended["error"]["code"]) == ("error", "no_face_found")
    assert "source image" in ended["error"]["detail"]


def test_a_cancelled_job_leaves_no_history(client: httpx2.Client) -> None:
    """Nine faces in as many megapixels: there is time to cancel once it runs."""
    crowd = np.tile(astronaut().repeat(2, axis=0).repeat(2, axis=1), (3, 3, 1))
    answer = client.post(SWAP + "async/", json=body(target=crowd, target_face_index="all"))
    job = answer.json()
    wait_until(lambda: client.get(job["links"]["self"]).json()["status"] != "queued")
    assert client.post(job["links"]["cancel"]).json()["success"]
    assert [name for _, name, _ in events(client, job["links"]["stream"])][-1] == "cancelled"
    known = client.get("/face-swap/history/?limit=100").json()["results"]
    assert answer.headers["X-Request-Id"] not in {entry["request_id"] for entry in known}
