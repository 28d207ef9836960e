"""Five hundred pictures of five hundred sizes leave the worker as large as twenty did."""

import random

import httpx2
import pytest

from apps.background_removal.tests.pictures import file_of, scene
from core.jobs.tests.studio import Studio

REMOVE = "/background-removal/remove/"
PICTURES, WARM = 500, 50
# What the allocator may keep of the largest pictures; one picture of this size alone is a tenth of it.
MOST_GROWTH = 60 * 2**20


@pytest.mark.slow
@pytest.mark.parametrize("model", ["u2netp", "grabcut"])
def test_memory_does_not_grow(removal_studio: Studio, client: httpx2.Client, model: str) -> None:
    sizes = random.Random(5)
    resident = []
    for _ in range(PICTURES):
        photo = file_of(scene((sizes.randint(40, 1200), sizes.randint(40, 1200))), "JPEG")
        response = client.post(REMOVE, files={"image": ("p", photo)}, data={"model": model})
        assert response.status_code == 200, response.text
        client.delete(f"/background-removal/history/{response.json()['history_id']}/")
        resident.append(removal_studio.worker().memory_info().rss)
    assert max(resident[-WARM:]) - max(resident[:WARM]) < MOST_GROWTH
