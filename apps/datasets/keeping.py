"""How a painted picture gets into its set: noise, file, row, and only then the word that it is there."""

import json
import threading

import numpy as np
from django.db import IntegrityError, transaction
from PIL import Image

from apps.datasets import files
from apps.datasets.engines.noise import add_noise
from apps.datasets.models import Dataset, DatasetPicture
from apps.datasets.operations import GenerateInput
from core.exceptions import Cancelled, NotFound
from core.images import codec
from core.images.encoding import encode
from core.images.provenance import Provenance
from core.operations import Context, SavedImage


class Keeping:
    """The Context of one picture: what is saved gets its noise, and is in the set before anybody is told."""

    def __init__(
        self,
        input: GenerateInput,  # noqa: A002
        index: int,
        context: Context,
        failed: threading.Event,
    ) -> None:
        self._input = input
        self._index = index
        self._context = context
        self._failed = failed
        self.owner = context.owner
        self.share = context.share
        self.request_id = context.request_id
        self.run_id = f"{context.run_id}/{index}"
        self.keeps_history = context.keeps_history

    def check(self) -> None:
        if self._failed.is_set():
            raise Cancelled
        self._context.check()

    def loading(self, message: str) -> None:
        self._context.loading(message)

    def progress(self, step: int, total: int, *, index: int | None = None, **details: float) -> None:
        self._context.progress(step, total, index=self._index, **details)
        self.check()

    def preview(self, jpeg: bytes, *, index: int) -> None:
        self._context.preview(jpeg, index=self._index)

    def finished(self) -> dict[int, SavedImage]:
        return {}

    def save(
        self,
        index: int,
        data: bytes,
        *,
        format: str,  # noqa: A002
        width: int,
        height: int,
        seed: int | None = None,
    ) -> SavedImage:
        self.check()
        data = _noisy(data, self._input, self._index)
        picture = _keep(self._input, self._index, data, width, height)
        return tell(picture, data, self._context)


def _noisy(png: bytes, input: GenerateInput, index: int) -> bytes:  # noqa: A002
    """The picture with the set's noise, which it then says of itself; as it was where there is none."""
    if not input.noise_level:
        return png
    image = codec.decode(png)
    pixels = add_noise(np.asarray(image.convert("RGB")), input.noise_level, seed=input.seeds[index])
    return encode(Image.fromarray(pixels), "png", provenance=_provenance(png, input, index))


def _provenance(png: bytes, input: GenerateInput, index: int) -> Provenance:  # noqa: A002
    """What the painter wrote into the picture, and the noise."""
    said = json.loads(codec.load(png).info.get("studio", "{}"))
    fields = ("negative_prompt", "steps", "sampler", "guidance_scale", "width", "height")
    return Provenance(
        prompt=input.prompt(index),
        seed=input.seeds[index],
        model=input.model,
        **{name: said[name] for name in fields if name in said},
        extra={"noise_level": input.noise_level},
    )


def _keep(
    input: GenerateInput,  # noqa: A002
    index: int,
    data: bytes,
    width: int,
    height: int,
) -> DatasetPicture:
    """The file, then its row, then the set's count. NotFound when the set has been deleted meanwhile."""
    name = files.write(input.dataset_id, index, data)
    try:
        with transaction.atomic():
            picture, _ = DatasetPicture.objects.get_or_create(
                dataset_id=input.dataset_id,
                index=index,
                defaults={
                    "seed": input.seeds[index],
                    "prompt": input.prompt(index),
                    "file": name,
                    "width": width,
                    "height": height,
                    "bytes": len(data),
                },
            )
            pictures = DatasetPicture.objects.filter(dataset_id=input.dataset_id)
            Dataset.objects.filter(pk=input.dataset_id).update(file_count=pictures.count())
    except IntegrityError:
        if Dataset.objects.filter(pk=input.dataset_id).exists():
            raise
        files.delete_folder(input.dataset_id)
        raise NotFound("The dataset was deleted while it was made.") from None
    return picture


def tell(picture: DatasetPicture, data: bytes, context: Context) -> SavedImage:
    """Shows a picture that is in the set to whoever watches the run."""
    return context.save(
        picture.index, data, format="png", width=picture.width, height=picture.height, seed=picture.seed
    )
