"""Processes die; what was asked for is done once, and the history stays."""

from collections.abc import Callable
from pathlib import Path

from apps.image_processing.tests.calls import body, noise
from core.images.tests.pictures import files_under
from core.jobs.tests.studio import Studio, wait_until


def test_a_job_survives_its_worker_and_its_entry_the_server(
    new_studio: Callable[..., Studio], tmp_path: Path
) -> None:
    studio = new_studio()
    with studio.client() as client:
        fields = body(image=noise(1000, 1000, "L"), denoise=1)
        job = client.post("/image-processing/enhance/async/", json=fields).json()
        path = f"/jobs/{job['task_id']}/"
        wait_until(lambda: client.get(path).json()["progress"] > 0.1)
        studio.worker().kill()
        ended = wait_until(lambda: (now := client.get(path).json())["status"] == "done" and now)
        assert ended["attempt"] == 2
        (entry,) = client.get("/image-processing/history/").json()["results"]

    studio.kill()
    studio.start()
    with studio.client() as client:
        assert client.get("/image-processing/history/").json()["results"][0]["id"] == entry["id"]
        content = f"/images/{entry['output_image_id']}/content/"
        assert client.get(content).status_code == 200
        assert client.delete(f"/image-processing/history/{entry['id']}/").status_code == 204
        assert client.get("/image-processing/history/").json()["results"] == []
        assert client.get(content).status_code == 404
        kept = {Path(name).stem for name in files_under(tmp_path / "media")}
        assert kept <= {entry["input_image_id"]}, "which goes a little later"
