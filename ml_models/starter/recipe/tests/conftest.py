"""One small training set for all tests of the training."""

import pytest
import torch

from ml_models.starter.recipe.painter.shards import paint_shards
from ml_models.starter.recipe.pca_vae import fit


@pytest.fixture(scope="session")
def scenes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scenes")
    paint_shards(folder, count=24, shard=12)
    return folder


@pytest.fixture(scope="session")
def fitted(scenes, tmp_path_factory):
    folder = tmp_path_factory.mktemp("autoencoder") / "fitted"
    fit(scenes, folder)
    return folder


@pytest.fixture(autouse=True, scope="session")
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
