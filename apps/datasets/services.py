"""The face of datasets: plan a set, look at what there is, delete it, give its pictures to others."""

import base64
import secrets
from collections.abc import Sequence
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet

from apps.datasets import files, planning
from apps.datasets.making import PAINTING
from apps.datasets.models import Dataset, DatasetPicture
from apps.datasets.operations import GenerateInput, ImagesInput, ImagesOutput
from core import operations
from core.api.fields import MAX_SEED
from core.exceptions import NotFound, WrongState
from core.images import codec, store
from core.images.encoding import encode
from core.jobs.models import FINISHED, JobImage, jobs_of_run
from core.model_manager.choosing import named
from core.operations import Context

PREVIEWS = 8
_THUMBNAIL = (256, 256)


def prepare_generation(
    *,
    owner: str,
    class_label: str,
    output_size: int,
    noise_level: float = 0.0,
    seed: int | None = None,
    model: str | None = None,
    prompts: Sequence[str] = (),
    num_inference_steps: int | None = None,
    width: int | None = None,
    height: int | None = None,
    deterministic: bool = False,
) -> GenerateInput:
    """`owner`'s set with nothing left open: prompts and seeds for `output_size` pictures.

    `prompts` replace those that are varied from the label; `{label}` in them becomes the label. Raises what
    the preparation of a picture raises: InvalidInput, LicenceNotAccepted, ModelMissing.
    """
    first = secrets.randbelow(MAX_SEED + 1) if seed is None else seed
    work = GenerateInput(
        dataset_id=uuid4(),
        class_label=class_label,
        noise_level=noise_level,
        seed=first,
        model=named(model, operation=PAINTING).id,
        prompts=planning.prompts(class_label, first, output_size, own=prompts),
        seeds=planning.seeds(first, output_size),
        steps=num_inference_steps,
        width=width,
        height=height,
        deterministic=deterministic,
    )
    operations.prepare(
        PAINTING,
        owner=owner,
        prompt=work.prompt(0),
        seed=work.seeds[0],
        model=work.model,
        num_inference_steps=num_inference_steps,
        width=width,
        height=height,
    )
    return work


def prepare_images(*, owner: str, dataset_id: UUID) -> ImagesInput:
    """A set of `owner`'s, whose pictures somebody wants. Raises NotFound."""
    return ImagesInput(dataset_id=get(dataset_id=dataset_id, owner=owner).pk)


def images(input: ImagesInput, context: Context) -> ImagesOutput:  # noqa: A002
    """The set's pictures, put into the image store for whoever is about to use them."""
    dataset = get(dataset_id=input.dataset_id, owner=context.owner)
    saved, captions = [], []
    for number, picture in enumerate(pictures_of(dataset)):
        context.check()
        data = files.read(picture)
        saved.append(
            context.save(
                number, data, format="png", width=picture.width, height=picture.height, seed=picture.seed
            )
        )
        captions.append(picture.prompt)
    return ImagesOutput(tuple(saved), tuple(captions), dataset.class_label, dataset.model)


def datasets_of(*, owner: str) -> QuerySet[Dataset]:
    """The sets of `owner`, newest first."""
    return Dataset.objects.filter(owner=owner).order_by("-created_at", "id")


def get(*, dataset_id: UUID, owner: str) -> Dataset:
    """One set; NotFound for another owner's as for one that never was."""
    dataset = datasets_of(owner=owner).filter(pk=dataset_id).first()
    if dataset is None:
        raise NotFound("There is no such dataset.")
    return dataset


def pictures_of(dataset: Dataset) -> list[DatasetPicture]:
    """The pictures that there are, in order."""
    return list(dataset.pictures.order_by("index"))


def previews(dataset: Dataset) -> list[str]:
    """Up to eight pictures from all over the set, as base64 of JPEGs of at most 256 x 256 pixels."""
    pictures = pictures_of(dataset)
    count = min(PREVIEWS, len(pictures))
    chosen = [pictures[number * len(pictures) // count] for number in range(count)]
    return [base64.b64encode(thumbnail(picture)).decode("ascii") for picture in chosen]


def thumbnail(picture: DatasetPicture) -> bytes:
    """A JPEG of at most 256 x 256 pixels."""
    image = codec.decode(files.read(picture))
    image.thumbnail(_THUMBNAIL)
    return encode(image, "jpeg")


def delete(dataset: Dataset) -> None:
    """Deletes the set and its pictures, also out of the job that made it, and what other deletions left.

    Raises WrongState (`in_use`) while a job is making it.
    """
    jobs = jobs_of_run(dataset.run_id)
    if jobs.exclude(status__in=FINISHED).exists():
        raise WrongState("The dataset is still being made. Cancel its job first.", code="in_use")
    dataset_id = dataset.pk
    seeds = list(dataset.pictures.values_list("seed", flat=True))  # the job may have made others as well
    told = JobImage.objects.filter(job__in=jobs, role=JobImage.Role.OUTPUT, seed__in=seeds)
    image_ids = list(told.values_list("image_id", flat=True))
    with transaction.atomic():
        told.delete()
        dataset.delete()
        transaction.on_commit(lambda: files.delete_folder(dataset_id), robust=True)
    store.release(image_ids)
    transaction.on_commit(files.sweep_orphans, robust=True)  # the admin's transaction is not over yet
