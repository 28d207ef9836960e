"""A UNet for finer latents goes on from a coarser one."""

import math

import pytest
import torch

from ml_models.starter.recipe.autoencoder import SHAPES, new_autoencoder
from ml_models.starter.recipe.build import plan
from ml_models.starter.recipe.grow import grown_unet, inherited
from ml_models.starter.recipe.latents import cache_latents
from ml_models.starter.recipe.parts import TIMESTEPS, new_unet
from ml_models.starter.recipe.sample import load
from ml_models.starter.recipe.train_unet import UnetTrainer, UnetTraining


@pytest.fixture(scope="module")
def coarse():
    torch.manual_seed(0)
    return new_unet(12, 16)


@pytest.fixture(scope="module")
def fine(coarse):
    return grown_unet(coarse, 4, 32)


def test_the_inner_levels_are_the_coarse_ones(coarse, fine):
    old, new = dict(coarse.named_parameters()), dict(fine.named_parameters())
    names = inherited(coarse, fine)
    assert torch.equal(
        new["down_blocks.2.resnets.0.conv1.weight"], old["down_blocks.1.resnets.0.conv1.weight"]
    )
    assert torch.equal(new["up_blocks.0.resnets.0.conv1.weight"], old["up_blocks.0.resnets.0.conv1.weight"])
    assert sum(new[name].numel() for name in names) > 0.9 * sum(p.numel() for p in new.values())
    assert not [name for name in names if "down_blocks.0" in name or "up_blocks.3" in name]


def test_it_knows_the_time_as_the_coarse_one_does():
    coarse, times = new_unet(12, 16), torch.arange(TIMESTEPS)
    with torch.no_grad():
        coarse.time_embedding.linear_1.weight[:, 1::2] = (
            0  # every other frequency is one that a fine one has not
        )
        fine = grown_unet(coarse, 4, 32)
        old, new = (unet.time_embedding(unet.time_proj(times)) for unet in (coarse, fine))
    assert (old - new).square().mean() < 0.02 * old.var()
    assert fine.time_embedding.linear_1.weight.abs().max() < 10  # float16 ends at 65,504


def test_attention_that_the_coarse_one_has_not_is_silent_at_first(fine):
    cells, words = torch.randn(1, 64, 16, 16), torch.randn(1, 5, 192)
    with torch.no_grad():
        assert torch.equal(fine.down_blocks[1].attentions[0](cells, words).sample, cells)
        assert not torch.equal(
            fine.down_blocks[2].attentions[0](torch.cat([cells, cells], 1), words).sample, cells
        )


def test_it_grows_to_twice_as_many_cells_only(fine):
    with pytest.raises(ValueError, match="32 cells can grow to 64, not to 16"):
        grown_unet(fine, 12, 16)


def test_a_plan_grows_a_coarse_model_and_never_shrinks_one(tmp_path):
    for shape in SHAPES:
        new_autoencoder(SHAPES[shape]).save_pretrained(tmp_path / shape / "vae")
    grown = plan(2, "cpu", 1, shape="fine", start=tmp_path / "coarse")
    kept = plan(2, "cpu", 1, start=tmp_path / "fine")
    assert (grown.shape, grown.decoder.learned_encoder, grown.decoder.grown) == ("fine", True, False)
    assert (kept.shape, kept.decoder.learned_encoder, kept.decoder.grown) == ("fine", False, True)
    with pytest.raises(ValueError, match="fine model cannot become coarse"):
        plan(2, "cpu", 1, shape="coarse", start=tmp_path / "fine")


@pytest.mark.parametrize(("steps", "settled"), [(1, True), (2, False)])
def test_the_new_parts_train_alone_at_first(scenes, fitted, tmp_path, steps, settled):
    cache_latents(scenes, fitted, "cpu")
    one = UnetTraining(steps=1, minutes=math.inf, batch=4)
    UnetTrainer(scenes, fitted, tmp_path / "work", tmp_path / "coarse", one).run()
    linked = tmp_path / "scenes"
    linked.mkdir()
    for path in scenes.glob("scenes-*"):
        (linked / path.name).symlink_to(path)
    vae = tmp_path / "vae"
    new_autoencoder(SHAPES["fine"]).save_pretrained(vae)
    cache_latents(linked, vae, "cpu")
    training = UnetTraining(steps=steps, minutes=math.inf, batch=4)
    UnetTrainer(linked, vae, tmp_path / "further", tmp_path / "fine", training, tmp_path / "coarse").run()
    before, after = (load(tmp_path / name).unet.mid_block.state_dict() for name in ("coarse", "fine"))
    assert all(torch.equal(weight, after[name]) for name, weight in before.items()) == settled
