"""Clicks over HTTP, on a real server, with the engine that needs no weights."""

import io
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx2
import numpy as np
import pytest
from PIL import Image

from apps.smart_mask.tests.pictures import b64, ball, ball_flags, iou, opened, png
from core.jobs.tests.studio import Studio, wait_until

MASK = "/smart-mask/"
PICTURE = png(ball())
CLICK = {"points": [[60, 50]]}


@pytest.fixture(scope="module")
def client(studio: Studio) -> Iterator[httpx2.Client]:
    with studio.client() as client:
        yield client


@pytest.fixture(scope="module")
def image_id(client: httpx2.Client) -> str:
    return upload(client, PICTURE)


def upload(client: httpx2.Client, data: bytes, **fields: str) -> str:
    answer = client.post("/images/", files={"file": data}, data=fields)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["image_id"])


def ask(client: httpx2.Client, path: str = MASK, **fields: Any) -> dict[str, Any]:
    answer = client.post(path, json={"model": "grabcut", **fields})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def inside(answer: dict[str, Any]) -> Any:
    return np.asarray(opened(answer["mask_base64"])) >= 128


def refused(client: httpx2.Client, field: str | None, status: int = 400, **fields: Any) -> dict[str, Any]:
    answer = client.post(MASK, json={"model": "grabcut", **fields})
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    assert field is None or field in body.get("errors", {}), body
    return body


class TestAnswers:
    def test_a_click_and_what_is_said_of_it(self, client: httpx2.Client) -> None:
        answer = ask(client, image=b64(PICTURE), **CLICK)
        assert set(answer) == {
            "success", "request_id", "mask_base64", "image_id", "score", "model_used", "cached", "error",
        }  # fmt: skip
        assert (answer["success"], answer["error"], answer["model_used"]) == (True, None, "grabcut")
        assert 0 < answer["score"] <= 1
        mask = opened(answer["mask_base64"])
        assert (mask.format, mask.mode, mask.size) == ("PNG", "L", (160, 120))
        assert set(np.unique(np.asarray(mask))) == {0, 255}
        assert iou(inside(answer), ball_flags()) > 0.98

    def test_the_picture_is_kept_for_the_next_click(self, client: httpx2.Client) -> None:
        picture = png(ball(140, 110, centre=(40, 40), radius=25))
        first = ask(client, image=b64(picture), points=[[40, 40]])
        assert first["cached"] is False
        second = ask(client, image_id=first["image_id"], points=[[100, 100]])
        assert second["cached"] is True
        assert second["image_id"] == first["image_id"]
        assert inside(first)[40, 40]
        assert not inside(second)[40, 40]

    def test_both_paths_and_a_form(self, client: httpx2.Client, image_id: str) -> None:
        for path in ("/smart-mask", "/smart-mask/"):
            fields = {"image_id": image_id, "points": "[[60, 50], [5, 5]]", "point_labels": "[1, 0]"}
            answer = client.post(path, data={**fields, "model": "grabcut", "use_blur": "false"})
            assert answer.status_code == 200, answer.text
            assert iou(inside(answer.json()), ball_flags()) > 0.98
        answer = client.post(MASK, data={"bbox": "[25, 15, 95, 85]"}, files={"image": PICTURE})
        assert answer.status_code == 200, answer.text
        assert iou(inside(answer.json()), ball_flags()) > 0.98

    @pytest.mark.parametrize(
        "hint",
        [
            {"points": [[0.375, 0.4167]]},
            {"bbox": [25, 15, 95, 85]},
            {"bbox": [0.15, 0.12, 0.6, 0.72]},
            {"bbox": [0, 0, 1, 0.8], "units": "fractions"},
            {"auto_detect": True},
            {"mask": b64(png(np.uint8(ball_flags(radius=20)) * np.uint8(255)))},
            {"points": [[60, 50], [140, 100]], "point_labels": [1, 0], "bbox": [20, 10, 150, 110]},
            {"mask": b64(png(np.uint8(ball_flags(radius=20)) * np.uint8(255))), "bbox": [25, 15, 95, 85]},
        ],
    )
    def test_every_kind_of_hint_finds_the_ball(
        self, client: httpx2.Client, image_id: str, hint: dict[str, Any]
    ) -> None:
        assert iou(inside(ask(client, image_id=image_id, **hint)), ball_flags()) > 0.98

    def test_a_hint_decides_over_auto_detect(self, client: httpx2.Client, image_id: str) -> None:
        answer = ask(client, image_id=image_id, points=[[150, 5]], auto_detect=True)
        assert inside(answer)[5, 150]
        assert not inside(answer)[50, 60]

    def test_a_guidance_mask_by_id_with_transparency(self, client: httpx2.Client, image_id: str) -> None:
        """As a canvas gives it: a white stroke on nothing."""
        stroke = np.zeros((120, 160, 4), np.uint8)
        stroke[..., :3] = 255
        stroke[40:60, 45:75, 3] = 255
        answer = ask(client, image_id=image_id, mask_id=upload(client, png(stroke)))
        assert iou(inside(answer), ball_flags()) > 0.98

    def test_kinds_of_pictures(self, client: httpx2.Client) -> None:
        grey = png(ball(), "L")
        assert inside(ask(client, image=b64(grey), **CLICK))[50, 60]
        cut_out = np.dstack([ball(), np.uint8(ball_flags()) * np.uint8(255)])
        assert iou(inside(ask(client, image=b64(png(cut_out)), **CLICK)), ball_flags()) > 0.98

    @pytest.mark.parametrize("size", [(1, 1), (2, 3), (500, 2)])
    def test_tiny_and_narrow_pictures(self, client: httpx2.Client, size: tuple[int, int]) -> None:
        picture = png(np.full((size[1], size[0], 3), 90, np.uint8))
        answer = ask(client, image=b64(picture), points=[[0, 0]])
        assert opened(answer["mask_base64"]).size == size
        assert inside(answer)[0, 0]


class TestBorder:
    def test_it_moves_by_pixels(self, client: httpx2.Client, image_id: str) -> None:
        plain, grown, shrunk = (
            inside(ask(client, image_id=image_id, border_adjustment=pixels, **CLICK)) for pixels in (0, 7, -7)
        )
        row = 50
        ends = [np.flatnonzero(mask[row])[[0, -1]] for mask in (plain, grown, shrunk)]
        assert list(ends[1] - ends[0]) == [-7, 7]
        assert list(ends[2] - ends[0]) == [7, -7]

    def test_blur_makes_it_soft(self, client: httpx2.Client, image_id: str) -> None:
        soft = np.asarray(opened(ask(client, image_id=image_id, use_blur=True, **CLICK)["mask_base64"]))
        assert len(np.unique(soft)) > 4
        assert soft[50, 60] == 255
        assert soft[5, 5] == 0


class TestForms:
    @pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
    def test_the_bare_mask(self, client: httpx2.Client, image_id: str, kind: str) -> None:
        answer = client.post(
            MASK,
            json={"image_id": image_id, "model": "grabcut", **CLICK},
            headers={"Accept": f"image/{kind}"},
        )
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"] == f"image/{kind}"
        assert answer.headers["X-Model"] == "grabcut"
        mask = opened(answer.content)
        assert mask.size == (160, 120)
        assert iou(np.asarray(mask.convert("L")) >= 128, ball_flags()) > 0.97

    def test_a_url(self, client: httpx2.Client, image_id: str) -> None:
        answer = ask(client, image_id=image_id, response_format="url", **CLICK)
        fetched = httpx2.get(answer["mask_base64"])
        assert iou(np.asarray(opened(fetched.content)) >= 128, ball_flags()) > 0.98

    def test_the_schema_tells_of_it(self, client: httpx2.Client) -> None:
        schema = client.get("/schema/", headers={"Accept": "application/json"}).json()
        fields = schema["components"]["schemas"]["SyncMask"]["properties"]
        assert fields["bbox"]["minItems"] == 4
        assert fields["points"]["items"]["type"] == "array"


class TestBadInput:
    def test_no_hint(self, client: httpx2.Client, image_id: str) -> None:
        assert refused(client, None, image_id=image_id)["code"] == "no_hint"
        assert refused(client, None, image_id=image_id, auto_detect=False)["code"] == "no_hint"

    def test_no_picture_and_two(self, client: httpx2.Client, image_id: str) -> None:
        refused(client, "image", **CLICK)
        refused(client, "image", image=b64(PICTURE), image_id=image_id, **CLICK)

    @pytest.mark.parametrize("image", ["", "nonsense", b64(b"no picture"), 5, None, b64(PICTURE[:200])])
    def test_not_a_picture(self, client: httpx2.Client, image: Any) -> None:
        refused(client, "image", image=image, **CLICK)

    def test_too_large_a_picture(self, client: httpx2.Client) -> None:
        out = io.BytesIO()
        Image.new("1", (20_000, 20_000)).save(out, "PNG")
        refused(client, None, 413, image=b64(out.getvalue()), **CLICK)

    def test_another_id(self, client: httpx2.Client) -> None:
        refused(client, "image_id", image_id=str(uuid4()), **CLICK)

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("points", []),
            ("points", [[1]]),
            ("points", [1, 2]),
            ("points", [[1, 2, 3]]),
            ("points", [["1", "2"]]),
            ("points", [[True, False]]),
            ("points", [[None, 1]]),
            ("points", "[[1, 2"),
            ("points", {"x": 1}),
            ("points", [[1e9, 1]]),
            ("points", [[161, 5]]),
            ("points", [[5, -1]]),
            ("points", [[1, 1]] * 101),
            ("bbox", []),
            ("bbox", [1, 2, 3]),
            ("bbox", [1, 2, 3, "4"]),
            ("bbox", "1,2,3,4"),
            ("bbox", [10, 10, 10, 50]),
            ("bbox", [50, 50, 10, 10]),
            ("bbox", [160, 0, 200, 50]),
            ("bbox", [-20, -20, -1, -1]),
            ("bbox", [0, 0, 1e300, 5]),
            ("auto_detect", "perhaps"),
        ],
    )
    def test_hints_that_mean_nothing(
        self, client: httpx2.Client, image_id: str, field: str, value: Any
    ) -> None:
        refused(client, field, image_id=image_id, **{field: value})

    @pytest.mark.parametrize("labels", [[], [1, 1], [2], [-1], [True], ["1"], [0.5], "1", [0]])
    def test_labels_that_do_not_fit(self, client: httpx2.Client, image_id: str, labels: Any) -> None:
        refused(client, "point_labels", image_id=image_id, point_labels=labels, **CLICK)

    def test_labels_without_points(self, client: httpx2.Client, image_id: str) -> None:
        refused(client, "point_labels", image_id=image_id, point_labels=[1], auto_detect=True)

    def test_only_outside_needs_something_to_be_outside_of(
        self, client: httpx2.Client, image_id: str
    ) -> None:
        hint = {"points": [[140, 100]], "point_labels": [0]}
        refused(client, "point_labels", image_id=image_id, **hint)
        assert inside(ask(client, image_id=image_id, bbox=[25, 15, 150, 110], **hint))[50, 60]

    @pytest.mark.parametrize(
        ("mask", "code"),
        [
            (np.zeros((120, 160), np.uint8), "mask_empty"),
            (np.full((120, 160), 127, np.uint8), "mask_empty"),
            (np.full((120, 161), 255, np.uint8), "mask_size"),
            (np.full((60, 80), 255, np.uint8), "mask_size"),
        ],
    )
    def test_guidance_that_does_not_fit(
        self, client: httpx2.Client, image_id: str, mask: Any, code: str
    ) -> None:
        assert refused(client, "mask", image_id=image_id, mask=b64(png(mask)))["code"] == code

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("border_adjustment", 1001),
            ("border_adjustment", 2.5),
            ("border_adjustment", "much"),
            ("use_blur", 3),
            ("units", "inches"),
            ("output_format", "gif"),
            ("request_id", "a b"),
            ("request_id", "a/b"),
            ("request_id", "x" * 129),
            ("model", "nothing-of-the-kind"),
            ("model", "starter"),
            ("model", "../sam"),
            ("blur", True),
        ],
    )
    def test_options(self, client: httpx2.Client, image_id: str, field: str, value: Any) -> None:
        refused(client, field, **{"image_id": image_id, **CLICK, field: value})

    def test_nothing_is_kept_of_a_refused_picture(self, client: httpx2.Client, studio: Studio) -> None:
        media = studio.root / "media"
        before = {path for path in media.rglob("*") if path.is_file()}
        refused(client, "points", image=b64(png(ball(33, 31))), points=[[34, 5]])
        assert {path for path in media.rglob("*") if path.is_file()} == before

    def test_a_model_that_is_not_installed(self, client: httpx2.Client, image_id: str) -> None:
        body = refused(client, None, 503, image_id=image_id, model="sam2.1-tiny", **CLICK)
        assert body["code"] == "model_missing"
        assert "manage.py models pull sam2.1-tiny" in body["detail"]

    def test_get(self, client: httpx2.Client) -> None:
        assert client.get(MASK).status_code == 405


class TestAsync:
    def test_the_same_mask_as_a_job(self, client: httpx2.Client, image_id: str) -> None:
        fields = {"image_id": image_id, "model": "grabcut", **CLICK}
        answer = client.post("/smart-mask/async/", json=fields)
        assert answer.status_code == 202, answer.text
        job = answer.json()
        assert (job["kind"], job["image_id"]) == ("smart_mask.create", image_id)
        assert job["request_id"] == answer.headers["X-Request-Id"]
        result = finished(client, job["task_id"])
        assert result["metadata"]["model_used"] == "grabcut"
        assert result["metadata"]["image_id"] == image_id
        assert result["image"] == ask(client, **fields)["mask_base64"]

    def test_it_refuses_the_same(self, client: httpx2.Client, image_id: str) -> None:
        for fields in ({}, {"points": [[900, 1]]}, {"bbox": [1]}, {"response_format": "url", **CLICK}):
            answer = client.post("/smart-mask/async", json={"image_id": image_id, **fields})
            assert answer.status_code == 400, answer.text


class TestRequestId:
    def test_by_header_or_field(self, client: httpx2.Client, image_id: str) -> None:
        fields = {"image_id": image_id, "model": "grabcut", **CLICK}
        by_header = client.post(MASK, json=fields, headers={"X-Request-Id": "mine-1"})
        by_field = client.post(MASK, json={**fields, "request_id": "mine-2"})
        for answer, name in ((by_header, "mine-1"), (by_field, "mine-2")):
            assert answer.json()["request_id"] == answer.headers["X-Request-Id"] == name

    def test_the_log_tells_the_clients_name(
        self, client: httpx2.Client, image_id: str, studio: Studio
    ) -> None:
        name = f"named-{uuid4().hex}"
        ask(client, image_id=image_id, request_id=name, **CLICK)
        line = wait_until(
            lambda: next(
                (
                    line
                    for line in studio.log.read_text().splitlines()
                    if name in line and "status=200" in line
                ),
                None,
            )
        )
        assert "path=/api/v1/smart-mask/" in line

    def test_cancel_what_never_was(self, client: httpx2.Client) -> None:
        answer = client.post("/smart-mask/cancel/no-such-request/")
        assert answer.status_code == 404
        assert answer.json()["code"] == "not_found"

    def test_cancel_what_has_ended(self, client: httpx2.Client, image_id: str) -> None:
        name = f"ended-{uuid4().hex}"
        fields = {"image_id": image_id, "model": "grabcut", "request_id": name, **CLICK}
        job = client.post("/smart-mask/async/", json=fields).json()
        finished(client, job["task_id"])
        for path in (f"/smart-mask/cancel/{name}", f"/smart-mask/cancel/{name}/"):
            answer = client.post(path)
            assert answer.status_code == 200
            assert answer.json() == {
                "success": False,
                "message": "It had already ended.",
                "request_id": name,
            }


class TestPrepare:
    def test_an_upload_may_begin_it(self, client: httpx2.Client) -> None:
        picture = png(ball(150, 100, centre=(70, 50), radius=25))
        answer = client.post("/images/", files={"file": picture}, data={"prepare": "smart-mask"})
        assert answer.status_code == 201
        job = wait_until(lambda: done(client, answer.json()["preparing"]))
        assert (job["kind"], job["status"]) == ("smart_mask.prepare", "done")
        first = client.post(MASK, json={"image_id": answer.json()["image_id"], "points": [[70, 50]]}).json()
        assert first["cached"] is True, "the first click finds it done"

    def test_an_upload_without_it_says_nothing_of_it(self, client: httpx2.Client) -> None:
        answer = client.post("/images/", json={"image": b64(PICTURE)})
        assert "preparing" not in answer.json()

    def test_a_name_that_nobody_registered(self, client: httpx2.Client) -> None:
        answer = client.post("/images/", json={"image": b64(PICTURE), "prepare": "coffee"})
        assert answer.status_code == 400
        assert "smart-mask" in answer.json()["errors"]["prepare"][0]

    def test_the_picture_may_be_deleted_afterwards(self, client: httpx2.Client) -> None:
        answer = client.post(
            "/images/", json={"image": b64(png(ball(90, 80))), "prepare": "smart-mask"}
        ).json()
        wait_until(lambda: done(client, answer["preparing"]))
        assert client.delete(f"/images/{answer['image_id']}/").status_code == 204


def done(client: httpx2.Client, task_id: str) -> dict[str, Any] | None:
    job: dict[str, Any] = client.get(f"/jobs/{task_id}/").json()
    return job if job["completed_at"] else None


def finished(client: httpx2.Client, task_id: str) -> dict[str, Any]:
    wait_until(lambda: done(client, task_id))
    answer = client.get(f"/jobs/{task_id}/result/")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body
