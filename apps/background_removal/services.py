"""The face of background_removal: fill in a request, and fetch what a batch made."""

from collections.abc import Sequence
from uuid import UUID

from apps.background_removal.backgrounds import named
from apps.background_removal.operations import (
    BATCH,
    GRABCUT,
    PICTURE,
    REMOVE,
    TASK,
    TRANSPARENT,
    Accepted,
    BatchInput,
    Rejected,
    RemoveInput,
)
from core.accounts.owners import Owner
from core.exceptions import InvalidInput, NotFound, StudioError
from core.images import store
from core.images.encoding import Format
from core.images.picture import Picture
from core.jobs import services as jobs
from core.jobs.models import Job
from core.model_manager.choosing import AUTO, choose

MOST_PICTURES = 32


def prepare_remove(
    *,
    owner: str,
    image: Picture,
    model: str = AUTO,
    alpha_matting: bool = False,
    only_mask: bool = False,
    background: str | Picture = TRANSPARENT,
    crop_to_subject: bool = False,
    output_format: Format = "png",
    keep_mask: bool = True,
) -> RemoveInput:
    """`owner`'s request with nothing left open, its pictures stored.

    `background` is `transparent`, `blur`, a colour or another picture. Raises InvalidInput for a model or a
    background that there is not, LicenceNotAccepted and ModelMissing for a model that cannot be used here.
    """
    chosen = _chosen(model)
    name, picture = _background(background)
    return RemoveInput(
        image=store.take(owner=owner, picture=image),
        model=chosen,
        alpha_matting=alpha_matting,
        only_mask=only_mask,
        background=name,
        background_image=None if picture is None else store.take(owner=owner, picture=picture),
        crop_to_subject=crop_to_subject,
        output_format=output_format,
        keep_mask=keep_mask,
    )


def prepare_batch(
    *,
    owner: str,
    images: Sequence[Picture | UUID],
    model: str = AUTO,
    alpha_matting: bool = False,
    only_mask: bool = False,
    background: str | Picture = TRANSPARENT,
    crop_to_subject: bool = False,
    output_format: Format = "png",
) -> BatchInput:
    """The same for several pictures, or ids of `owner`'s own. A picture that cannot be used is only noted.

    Raises InvalidInput when none can be used, otherwise what `prepare_remove` raises.
    """
    chosen = _chosen(model)
    _background(background)
    accepted: list[Accepted] = []
    rejected: list[Rejected] = []
    for index, given in enumerate(images):
        try:
            work = prepare_remove(
                owner=owner,
                image=_unopened(given, owner),
                model=chosen,
                alpha_matting=alpha_matting,
                only_mask=only_mask,
                background=background,
                crop_to_subject=crop_to_subject,
                output_format=output_format,
                keep_mask=False,
            )
        except StudioError as error:
            rejected.append(Rejected(index, error.error_code, error.message))
        else:
            accepted.append(Accepted(index, work))
    if not accepted:
        raise _none_usable(rejected)
    return BatchInput(accepted=tuple(accepted), rejected=tuple(rejected))


def finished_batch(*, task_id: UUID, owner: Owner) -> Job:
    """`owner`'s batch, which is done. Raises NotFound, or what `check_done` does."""
    job = jobs.get(job_id=task_id, owner=owner)
    if job.kind != BATCH:
        raise NotFound("There is no such batch.")
    jobs.check_done(job)
    return job


def _chosen(model: str) -> str:
    return choose(model, task=TASK, operation=REMOVE, techniques=(GRABCUT,))


def _none_usable(rejected: Sequence[Rejected]) -> InvalidInput:
    return InvalidInput(
        "None of the pictures can be used.",
        code="no_usable_picture",
        errors={f"images[{each.index}]": [each.detail] for each in rejected},
    )


def _background(background: str | Picture) -> tuple[str, Picture | None]:
    if isinstance(background, Picture):
        return PICTURE, background
    name = named(background)
    if name is None:
        raise InvalidInput.for_field(
            "background", "A background is transparent, blur, a colour such as #ff8800, or a picture."
        )
    return name, None


def _unopened(given: Picture | UUID, owner: str) -> Picture:
    """A picture that nobody holds on to: it keeps its pixels once they are decoded, and there are 32."""
    if isinstance(given, UUID):
        return store.picture(image_id=given, owner=owner)
    return Picture(given.data, given.image_id)
