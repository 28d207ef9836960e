"""The face of smart_mask for the web process: fill in a request, choose a model, cancel by request id."""

from collections.abc import Sequence

from apps.smart_mask.coordinates import Number, Units, box_in, points_in
from apps.smart_mask.operations import CREATE, GRABCUT, PREPARE, TASK, CreateInput, PrepareInput
from core.accounts.owners import Owner
from core.exceptions import InvalidInput, NotFound
from core.images import store
from core.images.encoding import Format
from core.images.masks import check_mask
from core.images.picture import Picture
from core.jobs import services as jobs
from core.jobs.models import FINISHED, Job
from core.model_manager.choosing import AUTO, choose


def prepare_create(
    *,
    owner: str,
    image: Picture,
    bbox: Sequence[Number] | None = None,
    points: Sequence[Sequence[Number]] = (),
    point_labels: Sequence[int] | None = None,
    mask: Picture | None = None,
    auto_detect: bool = False,
    units: Units = "auto",
    border_adjustment: int = 0,
    use_blur: bool = False,
    model: str = AUTO,
    output_format: Format = "png",
) -> CreateInput:
    """`owner`'s click with nothing left open. Labels left out are all 1; hints decide over `auto_detect`.

    Raises InvalidInput for hints that say nothing or do not fit the picture, and for an unknown model;
    LicenceNotAccepted and ModelMissing for a model that cannot be used here.
    """
    chosen = _chosen(model)
    width, height = _size(image, owner)
    labels = _labels(points, point_labels)
    if not (points or bbox or mask or auto_detect):
        raise InvalidInput("Say what is meant with points, bbox or mask, or set auto_detect.", code="no_hint")
    if points and not any(labels) and not (bbox or mask):
        raise InvalidInput.for_field("point_labels", "At least one point must be inside (1).")
    if mask:
        check_mask(mask.image, (width, height))
    return CreateInput(
        points=points_in(points, units=units, width=width, height=height),
        labels=labels,
        box=box_in(bbox, units=units, width=width, height=height) if bbox else None,
        # Kept for long, unlike what only one job needs: there will be a second click.
        image_id=store.put(owner=owner, picture=image).pk,
        guidance_id=store.take(owner=owner, picture=mask) if mask else None,
        model=chosen,
        border=border_adjustment,
        blur=use_blur,
        output_format=output_format,
    )


def prepare_embedding(*, owner: str, image: Picture, model: str = AUTO) -> PrepareInput:
    """What `owner`'s first click on `image` would have to wait for, to be done before. Raises as above."""
    return PrepareInput(image_id=store.take(owner=owner, picture=image), model=_chosen(model))


def cancel(*, owner: Owner, request_id: str) -> bool:
    """Cancels what `owner` asked for under `request_id`; False when all of it had ended.

    Raises NotFound when there is nothing of that name, or it is another owner's.
    """
    jobs.release_answered()
    asked = list(Job.objects.filter(owner=owner.id, kind__in=(CREATE, PREPARE), request_id=request_id))
    if not asked:
        raise NotFound("You have no mask under way with this request_id (an answered call is forgotten).")
    stopped = [jobs.cancel(job) for job in asked if job.status not in FINISHED]
    return any(stopped)


def _size(image: Picture, owner: str) -> tuple[int, int]:
    """Width and height, without decoding a picture that is stored already."""
    if image.image_id is None:
        return image.image.size
    stored = store.get(image_id=image.image_id, owner=owner)
    return stored.width, stored.height


def _labels(points: Sequence[Sequence[Number]], labels: Sequence[int] | None) -> tuple[int, ...]:
    if labels is None:
        return (1,) * len(points)
    if len(labels) != len(points):
        raise InvalidInput.for_field(
            "point_labels", f"There are {len(points)} points and {len(labels)} labels: give one each."
        )
    return tuple(labels)


def _chosen(model: str) -> str:
    return choose(model, task=TASK, operation=CREATE, techniques=(GRABCUT,))
