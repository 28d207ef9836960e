"""Shards on disk: whole or absent, resumable, the same whoever paints them."""

import json

import numpy as np
import pytest

from ml_models.starter.recipe.atomic import whole_file, whole_folder
from ml_models.starter.recipe.painter import scene
from ml_models.starter.recipe.painter.shards import captions, paint_shards, shards


def test_shards_hold_the_scenes_of_their_seeds(tmp_path):
    paint_shards(tmp_path, count=5, first=30, shard=3)
    assert [path.name for path in shards(tmp_path)] == ["scenes-00000030.npy", "scenes-00000033.npy"]
    last = np.load(shards(tmp_path)[1], allow_pickle=False)
    assert last.shape == (2, 256, 256, 3)
    assert np.array_equal(last[1], np.asarray(scene(34).image))
    assert captions(shards(tmp_path)[1]) == [scene(33).caption, scene(34).caption]
    line = json.loads((tmp_path / "scenes-00000033.jsonl").read_text().splitlines()[0])
    assert line == {"text": scene(33).caption, **scene(33).info}


def test_two_processes_paint_what_one_paints(tmp_path):
    paint_shards(tmp_path / "one", count=4, shard=2)
    paint_shards(tmp_path / "two", count=4, shard=2, jobs=2)
    for one, two in zip(shards(tmp_path / "one"), shards(tmp_path / "two"), strict=True):
        assert one.read_bytes() == two.read_bytes()


def test_finished_shards_are_left_alone(tmp_path):
    paint_shards(tmp_path, count=2, shard=2)
    before = shards(tmp_path)[0].stat().st_mtime_ns
    paint_shards(tmp_path, count=4, shard=2)
    assert shards(tmp_path)[0].stat().st_mtime_ns == before
    assert len(shards(tmp_path)) == 2


def test_a_file_that_fails_half_way_leaves_the_old_one(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt):
        _stopped_while_writing(path)
    assert path.read_text() == "old"


def _stopped_while_writing(path):
    with whole_file(path) as unfinished:
        unfinished.write_text("ne")
        raise KeyboardInterrupt


def test_a_folder_replaces_the_old_one_as_a_whole(tmp_path):
    for text in ("first", "second"):
        with whole_folder(tmp_path / "model") as unfinished:
            (unfinished / text).write_text(text)
    assert [path.name for path in (tmp_path / "model").iterdir()] == ["second"]
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
