from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    """Where this test's files lie; nothing is there yet."""
    settings.MEDIA_ROOT = tmp_path / "media"
    cache.clear()  # the throttles count there
    return tmp_path / "media"
