"""Pictures in a pipeline's steps go with their request, too: a full garbage collection is rare."""

import base64
from typing import Any

import pytest

from core.images.tests.held import no_picture_stays
from core.images.tests.pictures import corners, file_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_no_picture_of_a_step_outlives_its_request(client: Any, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    encoded = base64.b64encode(file_of(corners())).decode()
    body = {"image": encoded, "steps": [{"op": "composite", "foreground": encoded}]}
    with no_picture_stays():
        answer = client.post(
            "/api/v1/image-processing/pipeline/async/", body, content_type="application/json"
        )
    assert answer.status_code == 202
