"""The two operations run in this process, where the encoder's runs can be counted."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from torch import nn
from transformers.models.sam.modeling_sam import SamVisionEncoder
from transformers.models.sam2.modeling_sam2 import Sam2VisionModel

from apps.smart_mask import embeddings
from apps.smart_mask.operations import CREATE, PREPARE
from apps.smart_mask.tests import tiny
from apps.smart_mask.tests.pictures import ball, png
from core import operations
from core.exceptions import Cancelled, NotFound
from core.images import store
from core.images.picture import Picture
from core.model_manager import leasing
from core.operations.inline import InlineContext

pytestmark = pytest.mark.django_db(transaction=True)

ENCODERS = {"tiny-sam": SamVisionEncoder, "tiny-sam2": Sam2VisionModel}
Counted = Callable[[], int]


@pytest.fixture(autouse=True)
def worker(settings: Any, tmp_path: Path) -> Iterator[None]:
    """What a worker has: models, a manager for them, and an empty memory."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.STUDIO_MODELS_ROOT = tmp_path / "models"
    settings.STUDIO_DEVICE = "cpu"
    tables = []
    for model_id, loader in (("tiny-sam", "transformers.sam"), ("tiny-sam2", "transformers.sam2")):
        folder = tmp_path / "models" / "folders" / model_id
        tiny.SAVED[loader](folder)
        tables.append(
            {
                "id": model_id,
                "task": "mask-generation",
                "family": "tiny",
                "loader": loader,
                "source": {"path": str(folder)},
                "licence": "MIT",
                "licence_url": "",
                "commercial_use": True,
                "description": "Random weights.",
            }
        )
    (tmp_path / "models" / "catalogue.toml").write_text(tomli_w.dumps({"model": tables}))
    manager = leasing.from_settings()
    leasing.configure(manager)
    embeddings.shared.cache_clear()
    yield
    leasing.configure(None)
    manager.close()
    embeddings.shared.cache_clear()


@pytest.fixture
def encoder_runs() -> Iterator[Counted]:
    """How often an encoder has run since the test began."""
    runs: list[nn.Module] = []

    def count(module: nn.Module, *arguments: Any) -> None:
        if isinstance(module, tuple(ENCODERS.values())):
            runs.append(module)

    hook = nn.modules.module.register_module_forward_hook(count)
    yield lambda: len(runs)
    hook.remove()


class Watched(InlineContext):
    """Remembers the steps it was told, and can be cancelled at one of them."""

    def __init__(self, owner: str, *, stop_at: int | None = None) -> None:
        super().__init__(owner=owner, share=owner)
        self.steps: list[tuple[int, int]] = []
        self._stop_at = stop_at

    def progress(self, step: int, total: int, *, index: int | None = None) -> None:
        self.steps.append((step, total))
        if self._stop_at == step:
            raise Cancelled


def click(owner: str, data: bytes, model: str, context: Watched | None = None, **fields: Any) -> Any:
    given = fields or {"points": [[60, 50]]}
    work = operations.prepare(CREATE, owner=owner, image=Picture(data), model=model, **given)
    return operations.run(CREATE, work, context or Watched(owner))


@pytest.mark.parametrize("model", ENCODERS)
def test_three_clicks_and_one_run_of_the_encoder(model: str, encoder_runs: Counted) -> None:
    for expected, point in ((False, [60, 50]), (True, [60, 50]), (True, [5, 5])):
        assert click("ann", png(ball()), model, points=[point]).metadata["cached"] is expected
    assert encoder_runs() == 1


def test_every_owner_picture_and_model_has_its_own(encoder_runs: Counted) -> None:
    for owner, image, model in (
        ("ann", ball(), "tiny-sam"),
        ("bob", ball(), "tiny-sam"),
        ("ann", ball(radius=20), "tiny-sam"),
        ("ann", ball(), "tiny-sam2"),
    ):
        assert click(owner, png(image), model).metadata["cached"] is False
    assert encoder_runs() == 4


def test_prepare_runs_it_before_the_first_click(encoder_runs: Counted) -> None:
    work = operations.prepare(PREPARE, owner="ann", image=Picture(png(ball())), model="tiny-sam")
    assert operations.run(PREPARE, work, Watched("ann")).metadata["cached"] is False
    assert click("ann", png(ball()), "tiny-sam").metadata["cached"] is True
    assert operations.run(PREPARE, work, Watched("ann")).metadata["cached"] is True
    assert encoder_runs() == 1


def test_who_clicks_at_the_same_time_shares_one_run(encoder_runs: Counted) -> None:
    work = operations.prepare(
        CREATE, owner="ann", image=Picture(png(ball())), model="tiny-sam", points=[[60, 50]]
    )
    with ThreadPoolExecutor(4) as pool:
        outputs = list(pool.map(lambda _: operations.run(CREATE, work, Watched("ann")), range(4)))
    assert encoder_runs() == 1
    assert sorted(output.metadata["cached"] for output in outputs) == [False, True, True, True]


def test_too_small_a_memory_encodes_every_time(settings: Any, encoder_runs: Counted) -> None:
    settings.STUDIO_MASK_CACHE_BYTES = 0
    for _ in range(2):
        assert click("ann", png(ball()), "tiny-sam").metadata["cached"] is False
    assert encoder_runs() == 2


def test_a_cancel_stops_between_two_layers(encoder_runs: Counted) -> None:
    stopped = Watched("ann", stop_at=1)
    with pytest.raises(Cancelled):
        click("ann", png(ball()), "tiny-sam", stopped)
    assert stopped.steps == [(0, 2), (1, 2)]
    assert encoder_runs() == 0, "it never came to its end"
    assert click("ann", png(ball()), "tiny-sam").metadata["cached"] is False


def test_the_model_may_be_unloaded_between_clicks(encoder_runs: Counted) -> None:
    first = click("ann", png(ball()), "tiny-sam")
    assert leasing.manager().unload("tiny-sam")
    second = click("ann", png(ball()), "tiny-sam")
    assert second.metadata["cached"] is True
    assert encoder_runs() == 1
    masks = [store.read_by_id(output.images[0].image_id) for output in (first, second)]
    assert masks[0] == masks[1]


def test_a_deleted_picture_is_not_answered_from_memory() -> None:
    first = click("ann", png(ball()), "tiny-sam")
    image_id = first.metadata["image_id"]
    work = operations.prepare(
        CREATE,
        owner="ann",
        image=store.picture(image_id=image_id, owner="ann"),
        model="tiny-sam",
        auto_detect=True,
    )
    store.delete(image_id=image_id, owner="ann")
    with pytest.raises(NotFound):
        operations.run(CREATE, work, Watched("ann"))
