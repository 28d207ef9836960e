"""What a request held goes with it: a picture may be 150 MB, and a full garbage collection is rare."""

import base64
from typing import Any

import pytest

from core.images.tests.held import no_picture_stays
from core.images.tests.pictures import corners, file_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("more", "status"), [({}, 201), ({"prepare": "no such thing"}, 400), ({"unknown": 1}, 400)]
)
def test_no_picture_outlives_its_request(client: Any, more: dict[str, Any], status: int) -> None:
    body = {"image": base64.b64encode(file_of(corners())).decode(), **more}
    with no_picture_stays():
        response = client.post("/api/v1/images/", body, content_type="application/json")
    assert response.status_code == status
