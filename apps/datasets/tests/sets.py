"""Sets that a test makes itself, row and files, without a worker."""

from typing import Any

from PIL import Image

from apps.datasets import files
from apps.datasets.models import Dataset, DatasetPicture
from core.images.encoding import encode


def stored_set(*, owner: str = "anonymous", count: int = 3, **fields: Any) -> Dataset:
    """A finished set of `count` small pictures of different greys."""
    dataset = Dataset.objects.create(
        **{
            "owner": owner,
            "class_label": "a cup",
            "noise_level": 0.0,
            "output_size": count,
            "file_count": count,
            "seed": 1,
            "model": "starter",
            "licence": "Apache-2.0",
            "is_successful": True,
            **fields,
        }
    )
    for index in range(count):
        data = encode(Image.new("RGB", (300, 200), (index, index, index)), "png")
        DatasetPicture.objects.create(
            dataset=dataset,
            index=index,
            seed=100 + index,
            prompt=f"a cup, number {index}",
            file=files.write(dataset.pk, index, data),
            width=300,
            height=200,
            bytes=len(data),
        )
    return dataset
