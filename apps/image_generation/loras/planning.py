"""From a request to train to a `TrainInput`: decides what is left open, refuses what cannot be done."""

import secrets
from collections.abc import Iterator, Sequence
from uuid import UUID

from apps.image_generation.loras import folder
from apps.image_generation.loras.operations import TRAIN, Lesson, TrainInput
from apps.image_generation.loras.services import LOADER
from apps.image_generation.operations import GENERATE
from apps.image_generation.services import model_for
from core import operations
from core.exceptions import InvalidInput, NotFound, WrongState
from core.images import store
from core.images.picture import Picture
from core.jobs.models import UNFINISHED, Job
from core.model_manager.catalogue import EDITING_TASK
from core.model_manager.entries import ModelEntry
from core.operations.inline import InlineContext

DATASET_IMAGES = "datasets.images"  # another app's operation: `dataset_id` to `images` and `captions`

TRAIN_STEPS = 500
RANK = 8
SAMPLES = 4
MOST_SAMPLES = 20
# What is common for models of a gigabyte is too gentle for one of a few megabytes to move in a minute.
SMALL_BYTES = 400_000_000
LEARNING_RATE, LEARNING_RATE_IF_SMALL = 1e-4, 2e-3
BATCH, BATCH_IF_SMALL = 1, 4
# Above this the activations are computed twice rather than kept, unless the request says otherwise.
CHECKPOINTING_BYTES = 1_000_000_000


def prepare_training(
    *,
    owner: str,
    prompt: str,
    negative_prompt: str,
    num_inference_steps: int,
    guidance_scale: float,
    seed: int,
    width: int,
    height: int,
    lora_scale: float,
    images: Sequence[Picture] = (),
    image_ids: Sequence[UUID] = (),
    captions: Sequence[str] = (),
    dataset_id: UUID | None = None,
    name: str | None = None,
    model: str | None = None,
    max_train_steps: int = TRAIN_STEPS,
    rank: int = RANK,
    learning_rate: float | None = None,
    batch_size: int | None = None,
    gradient_accumulation_steps: int = 1,
    gradient_checkpointing: bool | None = None,
    sample_every: int | None = None,
) -> TrainInput:
    """`owner`'s training with nothing left open. Pictures are `images`, stored ones, or those of a dataset;
    one without a caption shows the `prompt`.

    Raises InvalidInput, NotFound (the dataset), WrongState (`name_taken`), LicenceNotAccepted, ModelMissing.
    """
    entry = _model(model)
    name = name or f"lora-{secrets.token_hex(4)}"
    _check_free(name)
    every = _sample_every(max_train_steps, sample_every)
    if dataset_id is not None:
        lessons = _of_dataset(owner, dataset_id, prompt)
    else:
        lessons = _lessons([*_known(owner, image_ids), *_kept(owner, images)], captions, prompt)
    small = entry.memory_bytes < SMALL_BYTES
    if gradient_checkpointing is None:
        gradient_checkpointing = entry.memory_bytes >= CHECKPOINTING_BYTES
    return TrainInput(
        model=entry.id,
        name=name,
        lessons=lessons,
        prompt=prompt,
        negative_prompt=negative_prompt,
        steps=num_inference_steps,
        guidance_scale=guidance_scale,
        seed=seed,
        width=width,
        height=height,
        lora_scale=lora_scale,
        train_steps=max_train_steps,
        rank=rank,
        learning_rate=learning_rate or (LEARNING_RATE_IF_SMALL if small else LEARNING_RATE),
        batch_size=batch_size or (BATCH_IF_SMALL if small else BATCH),
        accumulation=gradient_accumulation_steps,
        checkpointing=gradient_checkpointing,
        sample_every=every,
    )


def _model(model: str | None) -> ModelEntry:
    entry = model_for(GENERATE, model)
    if entry.loader != LOADER or entry.task == EDITING_TASK:
        raise InvalidInput.for_field("model", f"{entry.id} cannot be trained here.", code="not_trainable")
    return entry


def _check_free(name: str) -> None:
    waiting = Job.objects.filter(kind=TRAIN, status__in=UNFINISHED, parameters__name=name)
    if folder.file_of(name).exists() or waiting.exists():
        detail = f"There is a LoRA {name} already, or one in training. Take another name."
        raise WrongState.for_field("name", detail, code="name_taken")


def _sample_every(train_steps: int, wanted: int | None) -> int:
    every = wanted or -(-train_steps // SAMPLES)
    if train_steps > every * MOST_SAMPLES:
        raise InvalidInput.for_field("sample_every", f"That would be more than {MOST_SAMPLES} samples.")
    return every


def _known(owner: str, image_ids: Sequence[UUID]) -> Iterator[UUID]:
    for image_id in image_ids:
        try:
            store.get(image_id=image_id, owner=owner)
        except NotFound:
            detail = f"You have no image with the id {image_id}; it may have expired."
            raise InvalidInput.for_field("image_ids", detail, code="unknown_image") from None
        yield image_id
    store.keep(image_ids)


def _kept(owner: str, images: Sequence[Picture]) -> Iterator[UUID]:
    for picture in images:
        # Another Picture of the same bytes: this one would keep its pixels for as long as the request lives.
        yield store.take(owner=owner, picture=Picture(picture.data, picture.image_id))


def _lessons(image_ids: Sequence[UUID], captions: Sequence[str], prompt: str) -> tuple[Lesson, ...]:
    if not image_ids:
        raise InvalidInput.for_field("images", "Give at least one picture.")
    if captions and len(captions) != len(image_ids):
        raise InvalidInput.for_field(
            "captions", f"There are {len(image_ids)} pictures and {len(captions)} captions."
        )
    return tuple(map(Lesson, image_ids, captions or [prompt] * len(image_ids)))


def _of_dataset(owner: str, dataset_id: UUID, prompt: str) -> tuple[Lesson, ...]:
    asked = operations.prepare(DATASET_IMAGES, owner=owner, dataset_id=dataset_id)
    found = operations.run(DATASET_IMAGES, asked, InlineContext(owner=owner, share=owner))
    if not found.images:
        raise InvalidInput.for_field("dataset_id", "This dataset has no pictures.")
    return tuple(
        Lesson(image.image_id, caption or prompt)
        for image, caption in zip(found.images, found.captions, strict=True)
    )
