"""The painter: the shipped weights know its pictures and captions, so it must never drift."""

import hashlib
import random

import numpy as np
import pytest
from PIL import Image

from ml_models.starter.recipe.painter import scene
from ml_models.starter.recipe.painter.captions import caption
from ml_models.starter.recipe.painter.colours import COLOURS
from ml_models.starter.recipe.painter.pen import Pen, outline, smooth
from ml_models.starter.recipe.painter.scenery import LANDSCAPES
from ml_models.starter.recipe.painter.sheet import portrait, sheet
from ml_models.starter.recipe.painter.subject import subject
from ml_models.starter.recipe.painter.thing import REGISTERED
from ml_models.starter.recipe.painter.things import CATALOGUE

# sha256 of pixels and caption: between them these seeds show every thing and every setting
GOLDEN = {
    0: "2643bf55fc5ef8c5fe6ace4f2f7743562a3ec59effbd92d454435167cbb11e7a",
    1: "cb2018cf8fb198496d577c1031f3adac70f87698044e22b96a617dc6b565ff44",
    2: "29eecd0a843a2ce7e4caca164145d6ba1a6658a6681e1975a0c35e567e15dee9",
    4: "d764a4a7559e3f3d3fefb109d6cfb9caae2411cfd437f5050737e7522f8e2906",
    5: "9971ddc00d786dfeba982c6678521ea5733753f8ca54319dc541ae8d1a3d3626",
    6: "6e98c0df35ccb311589fdba912faffc6d415019996d9b0f4792c1f32dcfabc3e",
    7: "7119c0433480a0f01c6555f109ffd23cd4de6ded243e862e4c2a30c9ca78fec9",
    8: "a507dd2c51a09bc0dec2a4e0dc5c821e18f294152a7f927db006cf7814ef81e0",
    9: "8bdf3c29b120aceacf224beecb7f322ea0650250cca47b08ea2f63cd03ee07b8",
    10: "5c693a1764e49cf7b9d81808e384d0206e8b519d47f505d00750b906270128f6",
    12: "0d59dc9d7b4b11708c5c54e16d7b51322abbefb4d47372d95f56681d282d17c3",
    13: "94c7bef8595f1a96dd99ef8e47106b7ffa7e1e12878dba9784cd24e77b749a00",
    14: "e7e6b5856acf0acfa909d9ed0039124db38c560487cd6667978d612af055a9dc",
    15: "d99f531cc5f9416b51c0948019acd7f8048f27a98a4436c32f6c60398ca59eb2",
    16: "a3b6255c2aa00bf66b8c814a1387f32b972f0d18dbbe2bddcd301205295d897d",
    17: "900c77e55178e73f65583bca34c04e0ff53934fa33a719561ba1955a2bb468ad",
    18: "4f94c70d46fd1f6ed40a46da62b94912136afeece37a04885bd67d4bc2e50144",
    20: "1d6dfd5bbd2ed5552460dd0dbbc1eec1654b484c03392a300f9d59900682005c",
    22: "ea18b75cd49a3698f79cdf9f17e9e44ec0748ec29a3c28bcf3ba56052c44b515",
    26: "5c11d7416f6d45deeda3c9893f0d21538e1530fda86f4f822328ce0357c5e7ad",
    30: "d53fea46c87bc66ab56b11a23284a54d06a9e5b535019a735afad5f09872bfab",
    31: "c9e6a0d109ec6cd588e482e9370c06362b39f1109a0bbf90189fd84cd70fc084",
    37: "220334cdd0411b71786cfa14a6bc03f1e900ca0e6e2c9583e821bf5f2feb307a",
    39: "dee2f84f44d224e8d345566d09688b2f3c3bb4324677852957880ed26787ee95",
    41: "d3d5040d23e2f36c4b0c3c3d77ee8e639a54c13cb4a9dfba15e9e44fe01d8bc4",
    42: "3b96f3ed1453502bcf2daeb21bd6f019d469f4574b9232025204d8e9e895eda8",
    44: "88631f4ab9b0d11cb466d1c1d6556a1b5000788f92e998b6538c7b44babbbab0",
    46: "1c83f408c14b79263e6da32f2ea8c55e1e7c377469b29961c4492d63fecb31e4",
    48: "b9deaf64d234c682a51729c04542dfc6413750a6a1377b7dd97d7818369063b3",
    49: "e06d953d84ed1337ae7ab4d8a48b78a89e6f0d1104990d29216e9b72c2c68c9b",
    52: "609f81c8cfe28807d1de79706255c7b5429fa77a247031b0ff505cfaebc1ff3d",
    57: "5bfa4dc78992571686c906c58a3cf64b0115f885ccd8f712770901331e12485c",
    59: "f17cedce4d9d8366d87cc65f56e4b6948c783bad552c6b57d95c27b177a569bd",
    61: "85267be0dd3e2fda7658e34bdf29f4e2fe0807cc869c10a732295d9a43563e34",
    63: "e5366c9bb7f5edb4b83464a9c9cdec7e56290d1ace0e0364000c22a1a83de16a",
    80: "d6a91eacc46240501a533d2d253b00a2d9345ba023bc8c7e41172a2684b7c4c4",
    113: "085c7600d397585758d8604b5e98e34e595c62b4ac48320d6bb9bfb4f84ff1b8",
    115: "65ccf332b34480d5620b60cd7e45fafaf447c9c72ff2b7491bf6032feddc168f",
    142: "12f7ce51215d0a2e7b779c3988b87b9fbfbe8ed90d3528ff210df77b558bc0ee",
}


@pytest.mark.parametrize("seed", GOLDEN)
def test_a_seed_always_paints_the_same_scene(seed):
    image, text, _ = scene(seed)
    assert hashlib.sha256(image.tobytes() + text.encode()).hexdigest() == GOLDEN[seed]


def test_the_golden_seeds_show_every_thing_and_every_setting():
    seen = [scene(seed).info for seed in GOLDEN]
    assert {name for info in seen for name in info["objects"]} == set(CATALOGUE)
    assert {info["kind"] for info in seen} == {*LANDSCAPES, "plain", "room", "sky", "underwater"}


def test_a_scene_is_a_picture_a_caption_and_what_it_shows():
    image, text, info = scene(15)
    assert (image.size, image.mode) == ((256, 256), "RGB")
    assert isinstance(text, str)
    assert set(info) == {"kind", "tod", "objects", "colours", "background"}
    assert len(info["colours"]) == len(info["objects"])


def test_every_drawing_is_in_the_catalogue():
    assert set(REGISTERED) == set(CATALOGUE)


def test_every_thing_has_known_colours_and_both_languages():
    for thing in CATALOGUE.values():
        assert set(thing.colours) <= set(COLOURS)
        assert all(thing.english)
        assert all(thing.vietnamese)


def test_a_thing_stands_out_from_its_background():
    r = random.Random(1)
    colours = {subject(CATALOGUE["rabbit"], "white", r).colour for _ in range(50)}
    assert colours == {"gray", "brown", "pink"}


def test_about_one_caption_in_ten_is_empty():
    empty = sum(caption([], "sea", "day", None, random.Random(seed)) == "" for seed in range(2000))
    assert 150 < empty < 250


def test_captions_name_the_things_they_show():
    r = random.Random(5)
    said = " ".join(
        caption([subject(CATALOGUE["cat"], None, r)], "hill", "sunset", None, r).lower() for _ in range(60)
    )
    for word in ("cat", "hill", "sunset", "mèo", "hoàng hôn"):
        assert word in said


def test_an_outline_is_written_as_in_svg_and_can_be_mirrored():
    assert outline(".1,-.2 .3,0").tolist() == [[0.1, -0.2], [0.3, 0.0]]
    assert outline(".1,-.2 .3,0", side=-1).tolist() == [[-0.1, -0.2], [-0.3, 0.0]]


def test_a_smooth_curve_goes_through_its_points():
    points = np.array([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)])
    assert smooth(points)[::8].tolist() == points.tolist()
    assert smooth(points, closed=False)[-1].tolist() == [1.0, 1.0]


def test_a_flipped_pen_draws_the_mirror_image():
    thing = CATALOGUE["bird"]
    straight, flipped = (_drawn(thing, flip) for flip in (False, True))
    assert np.abs(straight[:, ::-1] - flipped).mean() < 2


def _drawn(thing, flip):
    canvas = Image.new("RGB", (768, 768))
    thing.draw(Pen(canvas, 0.5, 0.9, 0.8, flipped=flip), COLOURS["blue"])
    return np.asarray(canvas).astype(int)


def test_a_sheet_holds_its_pictures_row_by_row():
    pictures = [portrait(CATALOGUE[name]) for name in ("cat", "dog", "sun")]
    board = sheet(pictures, columns=2)
    assert board.size == (512, 512)
    assert np.array_equal(np.asarray(board)[256:, :256], np.asarray(pictures[2]))
