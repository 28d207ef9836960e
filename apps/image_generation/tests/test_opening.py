"""Every family from a folder, taken up by `models add` and opened by the loader, with tiny random weights."""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers.pipelines.qwenimage import pipeline_qwenimage_edit as qwen_edit
from diffusers.pipelines.qwenimage import pipeline_qwenimage_edit_inpaint as qwen_inpaint
from diffusers.pipelines.qwenimage import pipeline_qwenimage_edit_plus as qwen_plus
from torch.nn.modules.module import register_module_forward_pre_hook

from apps.image_generation import loading
from apps.image_generation.engines.opening import open_pipeline
from apps.image_generation.painting import Painted, Painter, Painting
from apps.image_generation.tests import tiny, whole
from core.exceptions import InsufficientMemory, NoEngine, OperationFailed
from core.model_manager import additions
from core.model_manager.additions import Known
from core.model_manager.catalogue import EDITING_TASK
from core.model_manager.devices import Device
from core.model_manager.entries import ModelEntry

SIDE = 64
EDITORS = ("flux-kontext", "qwen-image-edit", "qwen-image-edit-plus")
INPAINTER = "sd-1.5-inpainting"
PAINTERS = tuple(name for name in whole.MODELS if name not in (*EDITORS, INPAINTER))


@pytest.fixture(scope="module", autouse=True)
def small_and_single() -> Iterator[None]:
    """Qwen's editors look at pictures of a million pixels, whatever size is asked for: here at fewer."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    area = SIDE * SIDE
    with pytest.MonkeyPatch.context() as patch:
        for module in (qwen_edit, qwen_inpaint):
            patch.setattr(module, "calculate_dimensions", _scaled(module.calculate_dimensions, area))
        patch.setattr(qwen_plus, "VAE_IMAGE_SIZE", area)
        patch.setattr(qwen_plus, "CONDITION_IMAGE_SIZE", area)
        yield
    torch.set_num_threads(before)


def _scaled(real: Callable[[int, float], Any], area: int) -> Callable[[int, float], Any]:
    return lambda target, ratio: real(min(target, area), ratio)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    root, made = tmp_path_factory.mktemp("families"), dict[str, Path]()

    def folder(name: str) -> Path:
        if name not in made:
            made[name] = whole.save(name, root / name)
        return made[name]

    return folder


@pytest.fixture
def added(folders: Callable[[str], Path], tmp_path: Path, settings: Any) -> Callable[[str], ModelEntry]:
    """The entry that `models add` makes of a family's folder."""
    settings.STUDIO_MODELS_ROOT = tmp_path / "models"
    settings.STUDIO_BATCH_CAP = 2

    def add(name: str) -> ModelEntry:
        known = Known(size=SIDE, dtype="float32", commercial_use=True)
        return additions.add_folder(model_id="theirs", folder=folders(name), known=known)

    return add


def loaded(entry: ModelEntry) -> Painter:
    painter: Painter = loading.load(entry, "cpu").model
    return painter


def paint(painter: Painter, **changes: Any) -> Painted:
    asked: dict[str, Any] = {
        "prompt": "a red ball",
        "negative_prompt": "",
        "width": SIDE,
        "height": SIDE,
        "steps": 2,
        "guidance_scale": 3.0,
        "seed": 1,
    }
    return painter.paint(Painting(**asked | changes), on_step=lambda step, steps: None, check=lambda: None)


def pixels(painted: Painted) -> np.ndarray[Any, Any]:
    return np.asarray(painted.image).astype(int)


@pytest.mark.parametrize("name", PAINTERS)
def test_a_folder_paints_from_words_from_a_picture_and_inside_a_mask(
    added: Callable[[str], ModelEntry], name: str
) -> None:
    entry = added(name)
    painter = loaded(entry)
    picture, mask = tiny.picture(1, SIDE), tiny.mask(1, SIDE)

    assert entry.family != ""
    first, again, other = (paint(painter, seed=seed) for seed in (1, 1, 2))
    assert first.image.size == (SIDE, SIDE)
    assert np.array_equal(pixels(first), pixels(again))
    assert not np.array_equal(pixels(first), pixels(other))
    worded = paint(painter, prompt="a blue fish under the sea")
    assert not np.array_equal(pixels(first), pixels(worded)), "the prompt is read"
    over = paint(painter, picture=picture, strength=0.5)
    inside = paint(painter, picture=picture, mask=mask)
    assert not np.array_equal(pixels(over), pixels(first))
    assert not np.array_equal(pixels(inside), pixels(over))


@pytest.mark.parametrize("name", EDITORS)
def test_an_editor_looks_at_its_pictures_and_needs_one(added: Callable[[str], ModelEntry], name: str) -> None:
    entry = added(name)
    painter = loaded(entry)
    picture, other = tiny.picture(1, SIDE), tiny.picture(2, SIDE)

    assert entry.task == EDITING_TASK
    edited = paint(painter, picture=picture, true_cfg_scale=4.0)
    assert edited.image.size == (SIDE, SIDE)
    assert "strength" in edited.ignored
    for changed in ({"picture": other}, {"guides": (other,)}, {"prompt": "make it winter"}):
        again = paint(painter, **{"picture": picture, "true_cfg_scale": 4.0} | changed)
        assert not np.array_equal(pixels(edited), pixels(again)), changed
        assert "guides" not in again.ignored
    masked = paint(painter, picture=picture, mask=tiny.mask(1, SIDE), true_cfg_scale=4.0)
    assert masked.image.size
    if name != "flux-kontext":  # which was trained on words alone, too
        with pytest.raises(NoEngine, match="needs one"):
            paint(painter)


def test_a_model_that_was_trained_with_masks_needs_one(added: Callable[[str], ModelEntry]) -> None:
    painter = loaded(added(INPAINTER))
    picture = tiny.picture(1, SIDE)

    assert paint(painter, picture=picture, mask=tiny.mask(1, SIDE)).image.size == (SIDE, SIDE)
    for asked in ({}, {"picture": picture}):
        with pytest.raises(NoEngine, match="needs a picture and a mask"):
            paint(painter, **asked)


@pytest.mark.parametrize(
    ("name", "asked", "ignored"),
    [
        ("sd-1.5", {"true_cfg_scale": 4.0}, {"true_cfg_scale"}),
        ("sd-1.5", {"negative_prompt": "blurry", "guidance_scale": 0.0}, {"negative_prompt"}),
        ("sd-1.5", {"guides": (tiny.picture(1, SIDE),), "picture": tiny.picture(2, SIDE)}, {"guides"}),
        ("flux-dev", {"negative_prompt": "blurry"}, {"negative_prompt"}),
        ("flux-dev", {"negative_prompt": "blurry", "true_cfg_scale": 2.0}, set()),
        ("qwen-image", {"true_cfg_scale": 4.0, "negative_prompt": "blurry"}, {"guidance_scale"}),
        ("qwen-image", {"negative_prompt": "blurry"}, set()),
        ("z-image-turbo", {"guidance_scale": 0.0, "true_cfg_scale": 3.0}, {"true_cfg_scale"}),
    ],
)
def test_what_a_model_has_no_use_for_is_named(
    added: Callable[[str], ModelEntry], name: str, asked: dict[str, Any], ignored: set[str]
) -> None:
    assert paint(loaded(added(name)), **asked).ignored == ignored


def test_a_turbo_model_takes_at_least_one_step_however_little_may_change(
    added: Callable[[str], ModelEntry],
) -> None:
    painter = loaded(added("sdxl-base"))
    seen: list[tuple[int, int]] = []
    painting = Painting("x", "", SIDE, SIDE, 1, 0.0, seed=1, picture=tiny.picture(1, SIDE), strength=0.3)

    painter.paint(painting, on_step=lambda step, steps: seen.append((step, steps)), check=lambda: None)

    assert seen == [(1, 1)]


def test_foreign_code_is_not_a_pipeline(folders: Callable[[str], Path], tmp_path: Path) -> None:
    index = json.loads((folders("sd-1.5") / "model_index.json").read_text())
    for name in ("os.system", "UNet2DConditionModel", ["pipeline", "MyPipeline"], None):
        (tmp_path / "model_index.json").write_text(json.dumps({**index, "_class_name": name}))
        with pytest.raises(OperationFailed, match="no pipeline"):
            open_pipeline(tmp_path, dtype="float32", variant="", device="cpu")


def test_a_model_larger_than_the_machine_is_refused_before_it_is_loaded(
    added: Callable[[str], ModelEntry], monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = added("sd-1.5")
    small = Device("cpu", "cpu", entry.memory_bytes - 1, lambda error: False, lambda: None)
    monkeypatch.setattr("core.model_manager.devices.probe", lambda wanted: small)

    with pytest.raises(InsufficientMemory, match="needs"):
        loading.load(entry, "cpu")


def test_what_batches_pay_is_measured_on_the_thread_that_paints(
    added: Callable[[str], ModelEntry], settings: Any, tmp_path: Path
) -> None:
    entry = added("sd-1.5")
    settings.STUDIO_BATCH_CAP = 0
    settings.STUDIO_STATE_ROOT = tmp_path / "state"
    threads: set[str] = set()
    hook = register_module_forward_pre_hook(lambda *_: threads.add(threading.current_thread().name))
    try:
        loaded(entry)
    finally:
        hook.remove()
    assert threads == {"denoiser"}
    assert (tmp_path / "state" / "batching.json").exists()
