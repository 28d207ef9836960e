"""The judge: it sees what is painted, sees nothing in noise, and counts right."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from ml_models.starter.recipe.judge.exam import examine
from ml_models.starter.recipe.judge.frechet import frechet_distance
from ml_models.starter.recipe.judge.labels import ABSENT, COLOUR_NAMES, SETTINGS, THINGS, encode, setting_name
from ml_models.starter.recipe.judge.lessons import EXAM_SEEDS, lessons
from ml_models.starter.recipe.judge.looking import Sight, look
from ml_models.starter.recipe.judge.prompts import is_judged, prompts
from ml_models.starter.recipe.judge.report import as_table, write
from ml_models.starter.recipe.judge.samples import scenes
from ml_models.starter.recipe.judge.scores import score
from ml_models.starter.recipe.judge.staging import painted
from ml_models.starter.recipe.judge.training import JudgeTraining, judge
from ml_models.starter.recipe.judge.verdict import Entry, Verdict
from ml_models.starter.recipe.painter import scene
from ml_models.starter.recipe.painter.things import CATALOGUE

QUICK = JudgeTraining(scenes=256, epochs=14)


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    return tmp_path_factory.mktemp("judge")


@pytest.fixture(scope="module")
def quick_judge(work):
    return judge("lenient", work, QUICK)


def ideal(prompt):
    """What a judge sees in a perfect picture."""
    asked = [name for name, _ in prompt.things]
    colours = dict.fromkeys(THINGS, COLOUR_NAMES[0])
    colours |= {name: colour for name, colour in prompt.things if colour}
    return Sight(
        things=(*asked, *(name for name in THINGS if name not in asked)),
        colours=colours,
        setting=setting_name(prompt.setting, prompt.background),
        light=prompt.time or "day",
        features=np.zeros(64),
    )


def test_there_are_200_different_prompts_that_the_painter_can_paint():
    assert len({prompt.text.lower() for prompt in prompts()}) == 200
    assert {prompt.language for prompt in prompts()} == {"en", "vi"}
    for prompt in prompts():
        assert setting_name(prompt.setting, prompt.background) in SETTINGS
        assert len(prompt.things) == {"single": 1, "unknown": 1, "pair": 2, "scenery": 0}[prompt.kind]
        for name, colour in prompt.things:
            assert colour is None or colour in CATALOGUE[name].colours


def test_every_thing_is_asked_for():
    assert {name for prompt in prompts() for name, _ in prompt.things} == set(CATALOGUE)


def test_a_caption_that_says_the_same_as_a_prompt_is_known_whatever_its_commas_and_capitals():
    text = prompts()[0].text
    assert is_judged(text)
    assert is_judged(f"{text.upper()}.")
    assert not is_judged(f"{text} indeed")
    assert not is_judged("")


def test_the_painter_paints_what_a_prompt_asks_for_the_same_for_the_same_seed():
    prompt = next(p for p in prompts() if p.background == "black")
    one, again, other = painted(prompt, 1), painted(prompt, 1), painted(prompt, 2)
    assert one.tobytes() == again.tobytes() != other.tobytes()
    assert np.asarray(one)[:8].mean() < 60


def test_labels_say_what_a_scene_shows():
    info = scene(15).info
    row = encode(info)
    assert [name for name, colour in zip(THINGS, row, strict=False) if colour > ABSENT] == sorted(
        set(info["objects"]), key=THINGS.index
    )
    assert SETTINGS[row[-2]] == setting_name(info["kind"], info["background"])


def test_lessons_are_painted_once(work):
    first = lessons(work, EXAM_SEEDS, 3, jobs=1)
    before = {path: path.stat().st_mtime_ns for path in work.glob("lessons-*-3.npz")}
    assert np.array_equal(lessons(work, EXAM_SEEDS, 3, jobs=1).pictures, first.pictures)
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_perfect_pictures_score_one_and_wrong_ones_nothing():
    asked = prompts()
    assert {share for row in score(asked, [ideal(p) for p in asked]).values() for share in row.values()} == {
        1
    }
    wrong = [
        replace(
            ideal(p),
            things=ideal(p).things[::-1],
            colours=dict.fromkeys(THINGS, "none"),
            setting="none",
            light="none",
        )
        for p in asked
    ]
    assert {share for row in score(asked, wrong).values() for share in row.values()} == {0}


def test_a_pair_in_each_others_colours_is_not_right():
    pair = next(p for p in prompts() if p.kind == "pair" and all(colour for _, colour in p.things))
    (one, red), (other, blue) = pair.things
    swapped = replace(ideal(pair), colours=ideal(pair).colours | {one: blue, other: red})
    scores = score([pair], [swapped])
    assert scores["both of two"]["all"] == 1
    assert scores["both in their colours"]["all"] == 0
    assert scores["things"]["all"] is None


def test_the_distance_is_nothing_for_the_same_and_the_square_of_a_shift():
    features = np.random.default_rng(0).normal(size=(200, 8))
    assert frechet_distance(features, features) == pytest.approx(0, abs=1e-6)
    assert frechet_distance(features, features + 0.5) == pytest.approx(8 * 0.25)


def test_a_judge_sees_painted_scenes_and_sees_nothing_in_noise(work, quick_judge):
    marks = examine(quick_judge, work, scenes=160)
    assert marks.settings > 0.3  # by chance 0.04
    assert marks.colours > 0.22  # by chance 0.09
    noise = np.random.default_rng(0).integers(0, 256, (60, 128, 128, 3), np.uint8)
    seen = score(prompts()[:60], look(quick_judge, noise))
    assert seen["settings"]["all"] < 0.2
    assert seen["things"]["all"] < 0.2


def test_the_same_seed_trains_the_same_judge_and_it_is_kept(work, quick_judge, tmp_path):
    path = next(work.glob("lenient-*.pt"))
    kept = path.stat().st_mtime_ns
    judge("lenient", work, QUICK)
    assert path.stat().st_mtime_ns == kept
    tiny = JudgeTraining(scenes=64, epochs=1)
    for folder in ("one", "two"):
        judge("sharp", tmp_path / folder, tiny)
    one, two = (next((tmp_path / folder).glob("*.pt")).read_bytes() for folder in ("one", "two"))
    assert one == two


def test_a_verdict_is_written_for_people_and_programs(work, quick_judge, tmp_path):
    asked = prompts()[:8]
    pictures = {name: list(scenes(asked, seed)) for name, seed in (("model", 1), ("ceiling", 2))}
    sights = [ideal(prompt) for prompt in asked]
    entries = {name: Entry(score(asked, sights), 0.0) for name in pictures}
    verdict = Verdict(
        {"lenient": examine(quick_judge, work, scenes=160)},
        {"lenient": entries},
        pictures,
        {"lenient": sights},
    )
    table = write(verdict, asked, tmp_path)
    assert "| things | 1.000 | 1.000 |  | 1.000 |" in table
    assert as_table(verdict) == (tmp_path / "verdict.md").read_text()
    assert Image.open(tmp_path / "samples.jpg").size == (2560, 270)
    assert {path.name for path in tmp_path.iterdir()} == {
        "verdict.md",
        "verdict.json",
        "samples.jpg",
        "beside-the-painter.jpg",
    }


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_both_judges_know_the_painter(tmp_path):
    for kind in ("lenient", "sharp"):
        marks = examine(judge(kind, tmp_path, JudgeTraining(jobs=2)), tmp_path, jobs=2)
        assert marks.things > 0.9
        assert marks.settings > 0.95
