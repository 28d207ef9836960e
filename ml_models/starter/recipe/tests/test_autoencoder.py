"""The autoencoder: an encoder fitted in closed form and a decoder that grows."""

import pytest
import torch
from diffusers import AutoencoderTiny

from ml_models.starter.recipe.autoencoder import SHAPES, GrowingDecoder, new_autoencoder, to_unit
from ml_models.starter.recipe.latents import cache_latents, latents_of
from ml_models.starter.recipe.painter.shards import shards
from ml_models.starter.recipe.pca_vae import fit, pictures_from
from ml_models.starter.recipe.train_vae import DecoderTrainer, DecoderTraining, crops, picture_loss


def test_fitted_latents_are_centred_and_have_a_mean_variance_of_one(scenes, fitted):
    pictures = torch.from_numpy(pictures_from(scenes, 24)).permute(0, 3, 1, 2) * 2 - 1
    with torch.no_grad():
        latents = AutoencoderTiny.from_pretrained(fitted).encoder(pictures)
    assert latents.shape == (24, 12, 16, 16)
    assert latents.mean((0, 2, 3)).abs().max() < 0.01
    deviations = latents.std((0, 2, 3))
    assert abs(deviations.square().mean() - 1) < 0.01
    assert (deviations.diff() < 1e-3).all()


def test_the_linear_encoder_keeps_most_of_a_picture(scenes, fitted):
    pictures = torch.from_numpy(pictures_from(scenes, 24)).permute(0, 3, 1, 2)
    with torch.no_grad():
        latents = AutoencoderTiny.from_pretrained(fitted).encoder(pictures * 2 - 1)
    rows = latents.permute(0, 2, 3, 1).reshape(-1, 12)
    patches = pictures.unfold(2, 16, 16).unfold(3, 16, 16).permute(0, 2, 3, 1, 4, 5).reshape(len(rows), -1)
    rows, patches = rows - rows.mean(0), patches - patches.mean(0)
    explained = rows @ torch.linalg.lstsq(rows, patches).solution
    assert (patches - explained).square().mean() < 0.15 * patches.square().mean()


@pytest.mark.parametrize(("name", "shape"), [("coarse", (12, 16, 16)), ("fine", (4, 32, 32))])
def test_the_decoder_grows_from_64_to_256_pixels(name, shape):
    vae = new_autoencoder(SHAPES[name])
    decoder, latents = GrowingDecoder(vae), torch.randn(1, *shape)
    with torch.no_grad():
        assert [decoder(latents, level).shape[-1] for level in (64, 128, 256)] == [64, 128, 256]
        assert torch.equal(decoder(latents, 256), vae.decoder(latents))


def test_crops_are_pieces_of_the_pictures_and_follow_their_seed(scenes):
    first, again = next(crops(scenes, 3, 64, seed=7)), next(crops(scenes, 3, 64, seed=7))
    assert first.shape == (3, 64, 64, 3)
    assert torch.equal(first, again)
    assert -1 <= to_unit(first).min() < to_unit(first).max() <= 1


def test_a_perfect_picture_has_no_loss():
    picture = torch.rand(1, 3, 16, 16)
    assert picture_loss(picture, picture) == 0
    assert picture_loss(picture + 0.1, picture) > 0


def test_decoder_training_goes_on_where_it_stopped_and_leaves_the_encoder_alone(scenes, fitted, tmp_path):
    def trained(steps):
        training = DecoderTraining(steps=steps, batch=2, crop=64)
        trainer = DecoderTrainer(scenes, fitted, tmp_path / "vae", training)
        begun_at = trainer.budget.step
        trainer.run()
        return begun_at, AutoencoderTiny.from_pretrained(tmp_path / "vae").state_dict()

    (start, before), (resumed, after) = trained(2), trained(3)
    assert (start, resumed) == (0, 2)
    same = {name for name in before if torch.equal(before[name], after[name])}
    assert same == {name for name in before if name.startswith("encoder")}


def test_a_learned_encoder_trains_with_its_decoder_and_goes_on_where_it_stopped(scenes, tmp_path):
    fit(scenes, tmp_path / "fitted", SHAPES["fine"], pictures=24)
    states = []
    for steps in (2, 3):
        training = DecoderTraining(steps=steps, batch=2, crop=64, learned_encoder=True, shape="fine")
        trainer = DecoderTrainer(scenes, tmp_path / "fitted", tmp_path / "vae", training)
        assert trainer.budget.step == (0 if steps == 2 else 2)
        assert trainer.run()
        states.append(AutoencoderTiny.from_pretrained(tmp_path / "vae").state_dict())
    assert any(not torch.equal(states[0][name], states[1][name]) for name in states[0] if "encoder" in name)


def test_latents_are_cached_once_beside_their_shard(scenes, fitted):
    cache_latents(scenes, fitted, "cpu")
    times = [latents_of(shard).stat().st_mtime_ns for shard in shards(scenes)]
    cache_latents(scenes, fitted, "cpu")
    assert [latents_of(shard).stat().st_mtime_ns for shard in shards(scenes)] == times
