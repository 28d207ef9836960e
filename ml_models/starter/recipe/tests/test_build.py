"""The whole recipe, from nothing to a model that paints."""

import math
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from diffusers import AutoencoderTiny

from ml_models.starter import recipe
from ml_models.starter.recipe.build import OtherBeginningError, build, plan

ROOT = Path(recipe.__file__).parents[3]


def test_a_session_that_is_over_stops_before_it_trains(tmp_path):
    todo = plan(2, "cpu", 1, scenes=24, shape="fine", crowd="paired")
    assert not build(tmp_path / "work", tmp_path / "model", todo, jobs=1, until=time.monotonic())
    assert (tmp_path / "work" / "vae.checkpoint.pt").exists()
    assert not (tmp_path / "model").exists()
    assert todo.decoder.learned_encoder
    assert math.isinf(plan(20, "cuda", 1).decoder.steps)


def test_a_plan_can_go_on_from_a_finished_model(tmp_path):
    model = ROOT / "ml_models" / "starter" / "model"
    todo = plan(2, "cpu", 1, scenes=24, start=model)
    assert not build(tmp_path / "work", tmp_path / "model", todo, jobs=1, until=time.monotonic())
    kept, own = (
        AutoencoderTiny.from_pretrained(folder) for folder in (tmp_path / "work" / "vae", model / "vae")
    )
    weights = own.state_dict()
    assert all(torch.equal(weight, weights[name]) for name, weight in kept.state_dict().items())


def test_a_long_plan_is_compiled_where_there_is_a_compiler(monkeypatch):
    assert not plan(20, "cpu", 1).unet.compiled
    assert plan(20, "cuda", 1).unet.compiled
    monkeypatch.setenv("CXX", sys.executable)  # any program will do
    assert plan(120, "cpu", 1).unet.compiled
    monkeypatch.setenv("CXX", "no-such-compiler")
    assert not plan(120, "cpu", 1).unet.compiled


def test_what_cannot_be_built_is_refused_in_a_line(tmp_path):
    model = str(ROOT / "ml_models" / "starter" / "model")
    command = [sys.executable, "-m", "ml_models.starter.recipe.build", "--work", str(tmp_path / "work")]
    said = subprocess.run(
        [*command, "--start-from", model, "--shape", "coarse"], cwd=ROOT, capture_output=True, text=True
    )
    assert said.returncode == 2
    assert "error: A fine model cannot become coarse." in said.stderr
    assert "Traceback" not in said.stderr
    assert not (tmp_path / "work").exists()


def test_a_work_folder_serves_one_beginning(tmp_path):
    model = ROOT / "ml_models" / "starter" / "model"
    once = plan(2, "cpu", 1, scenes=24)
    build(tmp_path / "work", tmp_path / "model", once, jobs=1, until=time.monotonic())
    other = plan(2, "cpu", 1, scenes=24, start=model)
    with pytest.raises(OtherBeginningError, match="begun with nothing"):
        build(tmp_path / "work", tmp_path / "model", other, jobs=1)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("shape", ["coarse", "fine"])
def test_two_minutes_make_a_model_from_nothing(tmp_path, shape):
    """What `make starter STARTER_MINUTES=2` runs; the command fails unless its own check passes."""
    command = [sys.executable, "-m", "ml_models.starter.recipe.build", "--minutes", "2", "--shape", shape]
    command += ["--work", tmp_path / "work", "--out", tmp_path / "model"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "checked: denoising error" in done.stderr
    assert (tmp_path / "model" / "model_index.json").exists()
    assert (tmp_path / "model-samples.png").exists()
