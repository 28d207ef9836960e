"""SAM and SAM 2 against transformers' own way from picture to mask; MobileSAM against discs."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import SamImageProcessorPil, SamProcessor

from apps.smart_mask.engines.frames import Letterbox, Stretched
from apps.smart_mask.engines.mobile_sam import MobileSam
from apps.smart_mask.engines.sam import Sam
from apps.smart_mask.engines.sam2 import Sam2
from apps.smart_mask.segmenting import Flags, Prompts
from apps.smart_mask.tests import tiny
from apps.smart_mask.tests.pictures import ball, iou
from core.exceptions import OperationFailed

SIZES = [(160, 120), (90, 200), (128, 128), (240, 70)]


def nothing(step: int, steps: int) -> None:
    """For who does not follow."""


@pytest.fixture(scope="module")
def processor() -> SamProcessor:
    return SamProcessor(
        SamImageProcessorPil(
            size={"longest_edge": tiny.SIDE},
            pad_size={"height": tiny.SIDE, "width": tiny.SIDE},
            mask_size={"longest_edge": tiny.SIDE // 4},
            mask_pad_size={"height": tiny.SIDE // 4, "width": tiny.SIDE // 4},
        )
    )


def their_masks(
    model: Any, processor: SamProcessor, image: Image.Image, multimask: bool, **prompts: Any
) -> Any:
    """Masks and scores as the library's manual says one gets them."""
    inputs = processor(image, return_tensors="pt", **prompts)
    with torch.no_grad():
        output = model(**_wanted(inputs), multimask_output=multimask)
    masks = processor.image_processor.post_process_masks(
        output.pred_masks,
        inputs["original_sizes"],
        inputs["reshaped_input_sizes"],
        pad_size=processor.image_processor.pad_size,
    )
    return masks[0][0].numpy(), output.iou_scores[0, 0].numpy()


def _wanted(inputs: Any) -> dict[str, Any]:
    return {
        name: value.float() if value.is_floating_point() else value
        for name, value in inputs.items()
        if name in {"pixel_values", "input_points", "input_labels", "input_boxes"}
    }


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_sam_sees_what_its_own_processor_shows(processor: SamProcessor, width: int, height: int) -> None:
    image = ball(width, height)
    theirs = processor(Image.fromarray(image), return_tensors="np")["pixel_values"]
    ours = Letterbox(width, height, tiny.SIDE).tensor(image)
    assert ours.shape == theirs.shape == (1, 3, tiny.SIDE, tiny.SIDE)
    assert np.abs(ours - theirs).max() < 1e-5


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_click_on_sam_is_what_the_library_makes_of_it(
    processor: SamProcessor, width: int, height: int
) -> None:
    model, image = tiny.sam(), ball(width, height)
    x, y = width * 0.6, height * 0.3
    masks, scores = their_masks(
        model, processor, Image.fromarray(image), True, input_points=[[[x, y]]], input_labels=[[1]]
    )
    engine = Sam(model)
    segmented = engine.segment(engine.encode(image, on_step=nothing), Prompts(((x, y),), (1,)))
    best = int(scores.argmax())
    assert_same_mask(segmented.mask >= 0.5, masks[best])
    assert segmented.score == pytest.approx(float(np.clip(scores[best], 0, 1)), abs=1e-5)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_box_and_clicks_on_sam_are_what_the_library_makes_of_them(
    processor: SamProcessor, width: int, height: int
) -> None:
    model, image = tiny.sam(), ball(width, height)
    box = (width * 0.1, height * 0.2, width * 0.8, height * 0.9)
    points = ((width * 0.5, height * 0.5), (width * 0.05, height * 0.05))
    masks, _ = their_masks(
        model,
        processor,
        Image.fromarray(image),
        False,
        input_boxes=[[list(box)]],
        input_points=[[[list(point) for point in points]]],
        input_labels=[[[1, 0]]],
    )
    engine = Sam(model)
    segmented = engine.segment(engine.encode(image, on_step=nothing), Prompts(points, (1, 0), box))
    assert_same_mask(segmented.mask >= 0.5, masks[0])


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_click_on_sam2_is_what_the_whole_model_makes_of_it(width: int, height: int) -> None:
    """The library's own processor needs torchvision: the whole forward pass at once, and torch's resizing."""
    model, image = tiny.sam2(), ball(width, height)
    x, y = width * 0.6, height * 0.3
    pixels = torch.from_numpy(Stretched(width, height, tiny.SIDE).tensor(image))
    point = torch.tensor([[[[x * tiny.SIDE / width, y * tiny.SIDE / height]]]])
    with torch.no_grad():
        output = model(
            pixel_values=pixels, input_points=point, input_labels=torch.ones(1, 1, 1, dtype=torch.int64)
        )
        masks = torch.nn.functional.interpolate(
            output.pred_masks[0], (height, width), mode="bilinear", align_corners=False
        )[0]
    engine = Sam2(model)
    segmented = engine.segment(engine.encode(image, on_step=nothing), Prompts(((x, y),), (1,)))
    best = int(output.iou_scores.argmax())
    assert_same_mask(segmented.mask >= 0.5, (masks[best] > 0).numpy(), at_least=0.97)


def test_sam2s_square_is_the_whole_picture() -> None:
    image = np.zeros((40, 300, 3), np.uint8)
    image[:, 150:] = 255
    square = Stretched(300, 40, 64).tensor(image)[0]
    assert square.shape == (3, 64, 64)
    assert np.ptp(square[:, :, :30], axis=2).max() < 1e-5, "the left half is black from top to bottom"
    assert (square[:, :, 34:] > 2).all(), "the right half is white, in ImageNet's units"


def test_a_rough_mask_reaches_sam_as_its_box_its_middle_and_itself() -> None:
    engine = Sam(tiny.sam())
    embedding = engine.encode(ball(), on_step=nothing)
    rough = np.zeros((120, 160), bool)
    rough[20:60, 30:110] = True
    asked = Prompts(((69.0, 39.0),), (1,), (30.0, 20.0, 110.0, 60.0))
    with_mask = engine.segment(embedding, Prompts(guidance=rough)).mask
    assert not np.array_equal(with_mask, engine.segment(embedding, asked).mask), "the mask itself counts"
    elsewhere = np.roll(rough, 50, axis=0)
    assert not np.array_equal(with_mask, engine.segment(embedding, Prompts(guidance=elsewhere)).mask)


@pytest.mark.parametrize("preprocessing", [True, False])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_click_on_mobile_sam_lies_where_it_was_made(
    tmp_path: Path, width: int, height: int, preprocessing: bool
) -> None:
    """Its masks are discs around the click, so a click that is scaled wrongly is seen."""
    tiny.save_mobile_sam(tmp_path, preprocessing=preprocessing)
    engine = MobileSam.open(tmp_path, device="cpu")
    embedding = engine.encode(ball(width, height), on_step=nothing)
    assert embedding.parts[0].shape == (1, 256, 64, 64)
    x, y = width * 0.7, height * 0.4
    scale = max(width, height) / 1024
    single = engine.segment(embedding, Prompts(((x, y),), (1,)))
    assert iou(single.mask >= 0.5, disc(width, height, x, y, tiny.RADII[3] * scale)) > 0.9
    assert single.score == pytest.approx(tiny.SCORES[3]), "of several masks the best"
    several = engine.segment(embedding, Prompts(((x, y), (1.0, 1.0)), (1, 0)))
    assert iou(several.mask >= 0.5, disc(width, height, x, y, tiny.RADII[0] * scale)) > 0.9
    assert several.score == pytest.approx(tiny.SCORES[0]), "a clear prompt has one answer"


def test_both_kinds_of_encoder_see_the_same(tmp_path: Path) -> None:
    image, seen = ball(300, 170), []
    for preprocessing in (True, False):
        folder = tmp_path / str(preprocessing)
        tiny.save_mobile_sam(folder, preprocessing=preprocessing)
        seen.append(MobileSam.open(folder, device="cpu").encode(image, on_step=nothing).parts[0])
    assert np.abs(seen[0] - seen[1]).max() < 1e-4


def test_a_decoder_of_a_single_mask_will_do(tmp_path: Path) -> None:
    tiny.save_mobile_sam(tmp_path, masks=1)
    engine = MobileSam.open(tmp_path, device="cpu")
    segmented = engine.segment(engine.encode(ball(), on_step=nothing), Prompts(((60.0, 50.0),), (1,)))
    assert segmented.score == pytest.approx(tiny.SCORES[0])


def test_without_a_prompt_the_main_subject_is_in_the_middle(tmp_path: Path) -> None:
    """The fabricated masks all score alike around their points: what decides is where they lie."""
    tiny.save_mobile_sam(tmp_path)
    engine = MobileSam.open(tmp_path, device="cpu")
    mask = engine.segment(engine.encode(ball(800, 600), on_step=nothing), Prompts()).mask >= 0.5
    y, x = np.argwhere(mask).mean(axis=0)
    assert abs(x / 800 - 0.5) < 0.2
    assert abs(y / 600 - 0.5) < 0.2


class TestWrongWeights:
    def test_another_models_folder_is_refused(self, tmp_path: Path) -> None:
        """transformers would draw what is missing, and every mask would be nonsense."""
        tiny.save_sam(tmp_path)
        weights = load_file(tmp_path / "model.safetensors")
        weights.pop("mask_decoder.iou_token.weight")
        save_file(weights, tmp_path / "model.safetensors", metadata={"format": "pt"})
        with pytest.raises(OperationFailed, match="not the weights of a SamModel"):
            Sam.open(tmp_path, dtype="float32", variant="", device="cpu")

    def test_more_than_is_needed_is_no_trouble(self, tmp_path: Path) -> None:
        """The published SAM 2 weights hold the video model's memory, too."""
        tiny.save_sam2(tmp_path)
        weights = load_file(tmp_path / "model.safetensors")
        save_file(
            {**weights, "memory_encoder.x": torch.zeros(2)},
            tmp_path / "model.safetensors",
            metadata={"format": "pt"},
        )
        Sam2.open(tmp_path, dtype="float32", variant="", device="cpu")

    def test_a_mobile_sam_that_is_none(self, tmp_path: Path) -> None:
        with pytest.raises(OperationFailed, match=r"encoder.*needed.*are 0"):
            MobileSam.open(tmp_path, device="cpu")
        tiny.save_mobile_sam(tmp_path)
        (tmp_path / "tiny_mask_decoder.onnx").write_bytes((tmp_path / "tiny_image_encoder.onnx").read_bytes())
        with pytest.raises(OperationFailed, match="the decoder must take"):
            MobileSam.open(tmp_path, device="cpu")


def disc(width: int, height: int, x: float, y: float, radius: float) -> Flags:
    across, down = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    return np.asarray((across - x) ** 2 + (down - y) ** 2 <= radius**2)


def assert_same_mask(ours: Flags, theirs: Flags, at_least: float = 0.99) -> None:
    """Equal but for pixels where a logit is all but 0 and resizing rounds differently."""
    assert ours.shape == theirs.shape
    assert 0 < theirs.mean() < 1, "a mask that is all or nothing proves nothing"
    assert (ours == theirs).mean() >= at_least
