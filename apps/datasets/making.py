"""Makes a set, picture by picture, so that what is made survives a crash or a cancel. Runs in the worker."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing

from django.db import connection
from django.db.models import F
from django.utils import timezone

from apps.datasets import files
from apps.datasets.keeping import Keeping, tell
from apps.datasets.models import Dataset
from apps.datasets.operations import GenerateInput, GenerateOutput
from core import operations
from core.exceptions import StudioError
from core.model_manager import catalogue, leasing
from core.operations import Context, SavedImage

PAINTING = "image_generation.generate"
# Pictures under way at a time: what the device can batch of them, it does.
_SIDE_BY_SIDE = 8


def begin(input: GenerateInput, *, owner: str, run_id: str, request_id: str) -> Dataset:  # noqa: A002
    """The set's row; made by whoever comes first, the request or its run."""
    entry = catalogue.current().named(input.model)
    dataset, _ = Dataset.objects.get_or_create(
        id=input.dataset_id,
        defaults={
            "owner": owner,
            "run_id": run_id,
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
    dataset = begin(input, owner=context.owner, run_id=context.run_id, request_id=context.request_id)
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
        picture.index: told.get(picture.index) or tell(picture, files.read(picture), context)
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
            prompt=input.prompt(index),
            seed=input.seeds[index],
            model=input.model,
            num_inference_steps=input.steps,
            width=input.width,
            height=input.height,
            deterministic=input.deterministic,
        )
        kept = Keeping(input, index, context, failed)
        image: SavedImage = operations.run(PAINTING, work, kept).images[0]
        return SavedImage(index, image.image_id, image.seed)


def _note(dataset: Dataset, **fields: object) -> None:
    """Writes to the row, if it is still there."""
    Dataset.objects.filter(pk=dataset.pk).update(**fields, updated_at=timezone.now())


def _spent(started: float) -> dict[str, object]:
    return {"generation_time": F("generation_time") + round(time.perf_counter() - started, 4)}


def _device(model: str) -> str:
    """Where the pictures are painted."""
    return (
        "replicate.com" if catalogue.current().named(model).source.remote else leasing.manager().device.name
    )


def _reason(error: BaseException) -> str:
    return error.message if isinstance(error, StudioError) else "The server's log says why."
