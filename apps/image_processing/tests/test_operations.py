"""The app's operations as other apps run them: by name, with Pictures, under a context of theirs."""

import os
from contextlib import ExitStack
from typing import Any

import pytest
from PIL import Image

from apps.image_processing import services
from apps.image_processing.models import ProcessedImage
from apps.image_processing.operations import EditInput
from apps.image_processing.tests.calls import noise, pixels
from core import operations
from core.exceptions import Cancelled, InvalidInput, ModelMissing
from core.images import store
from core.images.models import StoredImage
from core.images.picture import Picture
from core.images.tests.pictures import file_of
from core.jobs import execution
from core.operations.inline import InlineContext

pytestmark = pytest.mark.django_db


def picture(image: Image.Image) -> Picture:
    return Picture(file_of(image))


def prepared(tool: str, **fields: Any) -> Any:
    return operations.prepare(f"image_processing.{tool}", owner="ann", **fields)


def test_an_edit_runs_by_name() -> None:
    image = noise(20, 10)
    work = prepared("crop", image=picture(image), box=[2, 3, 12, 9])
    output = operations.run("image_processing.crop", work, InlineContext(owner="ann", share="ann"))
    made = store.open_image(image_id=output.images[0].image_id, owner="ann")
    assert (pixels(made) == pixels(image)[3:9, 2:12]).all()
    assert (output.width, output.height) == made.size


def test_the_same_run_is_recorded_once() -> None:
    work = prepared("flip", image=picture(noise(9, 9)), direction="vertical")
    context = InlineContext(owner="ann", share="ann")
    first = operations.run("image_processing.flip", work, context)
    again = operations.run("image_processing.flip", work, context)
    assert first.history_id == again.history_id
    assert first.images == again.images
    assert ProcessedImage.objects.count() == 1


class Unwanted(InlineContext):
    """Of a job that has been cancelled."""

    def check(self) -> None:
        raise Cancelled


def test_who_waits_for_a_turn_can_be_cancelled() -> None:
    work = prepared("flip", image=picture(noise(9, 9)), direction="vertical")
    with ExitStack() as others:
        for _ in range(os.cpu_count() or 1):
            others.enter_context(services._turns.taken(lambda: None))
        with pytest.raises(Cancelled):
            services.edit(work, Unwanted(owner="ann", share="ann"))


@pytest.mark.parametrize(
    ("tool", "fields"),
    [
        ("crop", {"aspect": "16:9"}),
        ("enhance", {}),
        ("upscale", {"scale": 2}),
        ("remove_object", {"mask": picture(Image.linear_gradient("L").resize((32, 24)))}),
        ("composite", {"foreground": picture(noise(4, 4)), "mask": picture(noise(4, 4, "L"))}),
        (
            "pipeline",
            {"steps": [{"op": "flip", "direction": "vertical"}, {"op": "convert", "output_format": "webp"}]},
        ),
    ],
)
def test_an_input_survives_the_row(tool: str, fields: dict[str, Any]) -> None:
    main = "background" if tool == "composite" else "image"
    work = prepared(tool, **{main: picture(noise(32, 24))}, **fields)
    operation = operations.get(f"image_processing.{tool}")
    stored = execution.encode(operation, work)
    assert execution.decode(operation, operation.version, stored) == work
    assert isinstance(work, EditInput)
    assert set(work.input_images) == set(StoredImage.objects.values_list("pk", flat=True))


def test_nothing_is_left_open() -> None:
    enhance = prepared("enhance", image=picture(noise(9, 9))).edits[0]
    assert (enhance.auto_levels, enhance.denoise, enhance.sharpen) == (True, 0.0, 0.5)
    alone = prepared("enhance", image=picture(noise(9, 9)), denoise=0.2).edits[0]
    assert (alone.auto_levels, alone.denoise, alone.sharpen) == (False, 0.2, 0.0)
    assert prepared("upscale", image=picture(noise(9, 9)), scale=4).edits[0].model == "lanczos"


@pytest.mark.parametrize(
    ("tool", "fields", "field"),
    [
        ("flip", {}, "direction"),
        ("flip", {"direction": "sideways"}, "direction"),
        ("resize", {"width": "wide"}, "width"),
        ("rotate", {"angle": 9, "background": "red"}, "background"),
        ("upscale", {"scale": 3}, "scale"),
        ("remove_object", {}, "mask"),
        ("composite", {}, "background"),
        ("pipeline", {"steps": [{"op": "flip", "direction": "vertical"}, {"op": "teleport"}]}, "steps[1].op"),
    ],
)
def test_what_no_serializer_has_seen_is_still_checked(tool: str, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        prepared(tool, image=picture(noise(9, 9)), **fields)
    assert list(caught.value.errors or {}) == [field]
    assert not StoredImage.objects.exists()


def test_a_missing_model_is_told_before_anything_is_stored() -> None:
    mask = picture(Image.linear_gradient("L").resize((9, 9)))
    with pytest.raises(ModelMissing):
        prepared("remove_object", image=picture(noise(9, 9)), mask=mask, model="lama")
    assert not StoredImage.objects.exists()
