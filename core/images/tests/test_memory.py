"""What a request held goes with it: a picture may be 150 MB, and a full garbage collection is rare."""

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
    return [each for each in gc.get_objects() if type(each) is Picture]  # isinstance wakes lazy objects


@pytest.mark.parametrize(
    ("more", "status"), [({}, 201), ({"prepare": "no such thing"}, 400), ({"unknown": 1}, 400)]
)
def test_no_picture_outlives_its_request(client: Any, more: dict[str, Any], status: int) -> None:
    body = {"image": base64.b64encode(file_of(corners())).decode(), **more}
    before = pictures()  # what other tests keep
    response = client.post("/api/v1/images/", body, content_type="application/json")
    assert response.status_code == status
    assert not [each for each in pictures() if all(each is not other for other in before)]
