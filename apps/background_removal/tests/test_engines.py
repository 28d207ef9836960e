"""The engines by themselves: what HTTP would take too long to show, and what it would hide."""

import time

import numpy as np
import pytest
from PIL import Image, ImageDraw

from apps.background_removal.backgrounds import named
from apps.background_removal.engines import backdrop, guided_filter, matting
from apps.background_removal.engines.grabcut import GrabCutSegmenter
from apps.background_removal.tests.pictures import SUBJECT, iou, pixels, scene


def disc(size: tuple[int, int], radius: int) -> Image.Image:
    mask = Image.new("L", size)
    middle = (size[0] // 2, size[1] // 2)
    ImageDraw.Draw(mask).circle(middle, radius, fill=255)
    return mask


def test_a_mask_that_is_soft_all_over_is_matted_on_a_smaller_copy() -> None:
    photo = Image.effect_noise((1024, 1024), 60).convert("RGB")
    soft = Image.new("L", photo.size, 128)
    soft.paste(255, (400, 400, 500, 500))
    soft.paste(0, (0, 0, 1024, 60))
    started = time.process_time()
    refined = matting.refined(photo, soft)
    assert time.process_time() - started < 30  # uncapped it is minutes
    assert refined is not None
    assert refined.size == photo.size
    assert (pixels(refined)[420:480, 420:480] == 255).all()
    assert (pixels(refined)[:40] == 0).all()


@pytest.mark.parametrize("level", [0, 128, 255])
def test_there_is_nothing_to_mat_without_both_sides(level: int) -> None:
    assert matting.refined(scene(), Image.new("L", scene().size, level)) is None


def test_the_subjects_own_colours_come_back_across_strips() -> None:
    alpha = np.full((2500, 120, 1), 0.5)
    alpha[:, :40], alpha[:, 80:] = 1, 0
    mixed = np.array((200, 100, 50)) * alpha + np.array((0, 0, 250)) * (1 - alpha)
    photo = Image.fromarray(mixed.astype(np.uint8))
    mask = Image.fromarray((alpha[..., 0] * 255).astype(np.uint8))
    own = pixels(matting.without_background(photo, mask))
    error, uncorrected = (np.abs(colours[:, 40:80] - (200, 100, 50)).mean() for colours in (own, mixed))
    assert error < uncorrected / 2
    assert np.abs(np.diff(own[:, 20], axis=0)).max() <= 1  # no seam between strips


def test_a_fitted_mask_follows_the_edge_of_the_full_picture() -> None:
    true = disc((2400, 1600), 600)
    full = Image.composite(Image.new("RGB", true.size, "white"), Image.new("RGB", true.size, "navy"), true)
    coarse = np.asarray(full.resize((300, 200), Image.Resampling.BOX))
    blocky = np.asarray(true.resize((300, 200), Image.Resampling.BOX)) > 127
    fitted = pixels(guided_filter.fit(blocky.astype(np.float32), coarse, full)) > 127
    enlarged = pixels(Image.fromarray(blocky).resize(full.size)) > 0
    assert iou(fitted, pixels(true) > 127) > 0.998 > iou(enlarged, pixels(true) > 127)


@pytest.mark.parametrize("bars", [(0, 0), (30, 0), (0, 40)])
def test_grabcut_looks_between_the_bars(bars: tuple[int, int]) -> None:
    ground = Image.effect_noise((400, 300), 30).convert("RGB")
    photo = Image.composite(Image.new("RGB", ground.size, (220, 60, 40)), ground, disc(ground.size, 80))
    framed = Image.new("RGB", (400 + 2 * bars[0], 300 + 2 * bars[1]))
    framed.paste(photo, bars)
    found = pixels(GrabCutSegmenter().segment(framed).crop((*bars, 400 + bars[0], 300 + bars[1]))) > 127
    assert iou(found, pixels(disc(ground.size, 80)) > 127) > 0.95


def test_a_cut_out_keeps_no_trace_of_the_background() -> None:
    photo, mask = scene(), disc(scene().size, 10)
    cutout = pixels(backdrop.cut_out(photo, mask))
    away = pixels(mask) == 0
    assert (cutout[away] == 0).all()
    assert (cutout[~away][:, :3] == SUBJECT).all()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (" Transparent ", "transparent"),
        ("BLUR", "blur"),
        ("#FFF", "#ffffff"),
        ("#12abEF", "#12abef"),
        ("rebeccapurple", "#663399"),
        ("#12345678", None),
        ("#12345g", None),
        ("rgb(1,2,3)", None),
        ("", None),
        ("iVBORw0KGgo=", None),
    ],
)
def test_names_of_backgrounds(text: str, name: str | None) -> None:
    assert named(text) == name
