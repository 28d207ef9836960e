"""Makes a set, picture by picture, so that what is made survives a crash or a cancel. Runs in the worker."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing

import numpy as np
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from PIL import Image

from apps.datasets import files
from apps.datasets.engines.noise import add_noise
from apps.datasets.models import Dataset, DatasetPicture
from apps.datasets.operations import GenerateInput, GenerateOutput
from core import operations
from core.exceptions import Cancelled, NotFound, StudioError
from core.images import codec
from core.images.encoding import encode
from core.images.provenance import Provenance
from core.model_manager import catalogue, leasing
from core.operations import Context, SavedImage

PAINTING = "image_generation.generate"
# Pictures under way at a time: what the device can batch of them, it does.
_SIDE_BY_SIDE = 8


def begin(input: GenerateInput, *, owner: str, request_id: str = "") -> Dataset:  # noqa: A002
    """The set's row; made by whoever comes first, the request or its run."""
    entry = catalogue.current()[input.model]
    dataset, _ = Dataset.objects.get_or_create(
        id=input.dataset_id,
        defaults={
            "owner": owner,
            "request_id": request_id,
            "class_label": input.class_label,
            "noise_level": input.noise_level,
            "output_size": len(input.seeds),
            "seed": input.seed,
            "model": input.model,
            "licence": entry.licence,
            "output_directory": files.folder(input.dataset_id),
        },
    )
    return dataset


def generate(input: GenerateInput, context: Context) -> GenerateOutput:  # noqa: A002
    """Paints what is missing of the set. What raises, a cancel too, leaves the finished pictures in it."""
    started = time.perf_counter()
    dataset = begin(input, owner=context.owner, request_id=context.request_id)
    _note(dataset, run_id=context.run_id, device_used=_device(input.model), error_message="")
    try:
        made = _made_before(dataset, context)
        _make(input, context, made)
    except BaseException as error:
        _note(dataset, error_message=_reason(error), **_spent(started))
        raise
    _note(dataset, is_successful=True, **_spent(started))
    dataset.refresh_from_db()
    return GenerateOutput(
        dataset_id=dataset.pk,
        class_label=dataset.class_label,
        noise_level=dataset.noise_level,
        output_size=dataset.output_size,
        file_count=dataset.file_count,
        generation_time=round(dataset.generation_time, 4),
        images=tuple(made[index] for index in range(len(input.seeds))),
        model=input.model,
    )


def _made_before(dataset: Dataset, context: Context) -> dict[int, SavedImage]:
    """The pictures of an earlier attempt. One that it wrote but could no longer tell of is told of now."""
    told = context.finished()
    return {
        picture.index: told.get(picture.index) or _tell(picture, files.read(picture), context)
        for picture in dataset.pictures.all()
    }


def _make(input: GenerateInput, context: Context, made: dict[int, SavedImage]) -> None:  # noqa: A002
    """Adds every missing picture to `made`, several at a time. What one raises ends them all."""
    missing = [index for index in range(len(input.seeds)) if index not in made]
    failed = threading.Event()
    with ThreadPoolExecutor(max_workers=_SIDE_BY_SIDE, thread_name_prefix="dataset") as pool:
        paintings = {pool.submit(_paint, input, index, context, failed): index for index in missing}
        try:
            for finished in as_completed(paintings):
                made[paintings[finished]] = finished.result()
        except BaseException:
            failed.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _paint(
    input: GenerateInput,  # noqa: A002
    index: int,
    context: Context,
    failed: threading.Event,
) -> SavedImage:
    with closing(connection):  # this thread's own
        work = operations.prepare(
            PAINTING,
            owner=context.owner,
            prompt=input.prompts[index],
            seed=input.seeds[index],
            model=input.model,
            num_inference_steps=input.steps,
            width=input.width,
            height=input.height,
        )
        kept = _Keeping(input, index, context, failed)
        image: SavedImage = operations.run(PAINTING, work, kept).images[0]
        return SavedImage(index, image.image_id, image.seed)


class _Keeping:
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

    def check(self) -> None:
        if self._failed.is_set():
            raise Cancelled
        self._context.check()

    def loading(self, message: str) -> None:
        self._context.loading(message)

    def progress(self, step: int, total: int, *, index: int | None = None, **details: float) -> None:
        self._context.progress(step, total, index=self._index)
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
        data = noisy(data, self._input, self._index)
        picture = _keep(self._input, self._index, data, width, height)
        return _tell(picture, data, self._context)


def noisy(png: bytes, input: GenerateInput, index: int) -> bytes:  # noqa: A002
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
        prompt=input.prompts[index],
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
                    "prompt": input.prompts[index],
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


def _tell(picture: DatasetPicture, data: bytes, context: Context) -> SavedImage:
    return context.save(
        picture.index, data, format="png", width=picture.width, height=picture.height, seed=picture.seed
    )


def _note(dataset: Dataset, **fields: object) -> None:
    """Writes to the row, if it is still there."""
    for row in Dataset.objects.filter(pk=dataset.pk):
        for name, value in fields.items():
            setattr(row, name, value)
        row.save(update_fields=[*fields, "updated_at"])


def _spent(started: float) -> dict[str, object]:
    return {"generation_time": F("generation_time") + round(time.perf_counter() - started, 4)}


def _device(model: str) -> str:
    """Where the pictures are painted."""
    return "replicate.com" if catalogue.current()[model].source.remote else leasing.manager().device.name


def _reason(error: BaseException) -> str:
    return error.message if isinstance(error, StudioError) else "The server's log says why."
