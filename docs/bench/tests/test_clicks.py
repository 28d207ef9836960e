"""The benchmark of clicks does what it says, on pictures small enough not to wait for."""

import io

import pytest
from PIL import Image

from docs.bench import clicks


@pytest.mark.parametrize("size", [(96, 64), (150, 100)])
def test_its_photo_has_the_size_and_differs_by_seed(size: tuple[int, int]) -> None:
    first, other = clicks.photo(size), clicks.photo(size, seed=1)
    assert Image.open(io.BytesIO(first)).size == size
    assert first == clicks.photo(size) != other


@pytest.mark.bench
def test_it_runs() -> None:
    models, grabcut = clicks.measure(1, kinds=("sam2.1-tiny",), small=(96, 64), large=(192, 128))
    assert [row[0] for row in models.rows] == ["sam2.1-tiny"]
    assert len(grabcut.rows) == 2
    assert all("to" in cell for row in (*models.rows, *grabcut.rows) for cell in row[1:])
