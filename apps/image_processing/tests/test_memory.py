"""Pictures in a pipeline's steps go with their request, too: a full garbage collection is rare."""

import base64
import gc
from collections.abc import Iterator
from typing import Any

import pytest

from core.images.picture import Picture
from core.images.tests.pictures import corners, file_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_collection() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def pictures() -> list[Picture]:
    return [each for each in gc.get_objects() if type(each) is Picture]


def test_no_picture_of_a_step_outlives_its_request(client: Any, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    encoded = base64.b64encode(file_of(corners())).decode()
    step = {"op": "composite", "foreground": encoded}
    before = pictures()
    answer = client.post(
        "/api/v1/image-processing/pipeline/async/",
        {"image": encoded, "steps": [step]},
        content_type="application/json",
    )
    assert answer.status_code == 202
    assert not [each for each in pictures() if all(each is not other for other in before)]
