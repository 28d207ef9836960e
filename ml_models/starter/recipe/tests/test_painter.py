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
    0: "7819a0ef1a03fb7c7f247957769acebfcb04d9d6e7202987ae5092cf30e4dcd0",
    1: "cb2018cf8fb198496d577c1031f3adac70f87698044e22b96a617dc6b565ff44",
    2: "6e706664ec0912ef07f084a1c2bc001425c3fb9bce786e99b4df374439615fed",
    4: "c117288f9d66c711f8b9368cbd221a4553aa831590ac31928e2c7139333ed3fc",
    5: "9971ddc00d786dfeba982c6678521ea5733753f8ca54319dc541ae8d1a3d3626",
    6: "2bd08afc6c7d68727eb253b2ab5862c2c23d6b7d4a5177ed6e10a0204d04aaa2",
    7: "50360919fedb1f1a963378e4ebd8e32deeda474a975ef8542a1d10678c21acd1",
    8: "6dedaf9f8ed4c82446991704333f54de5b3d56322e4f8da4ed4c2ae74284b175",
    9: "8bdf3c29b120aceacf224beecb7f322ea0650250cca47b08ea2f63cd03ee07b8",
    10: "5c693a1764e49cf7b9d81808e384d0206e8b519d47f505d00750b906270128f6",
    12: "2f380f06882905b51dff6743548be3f5266c9d2aa30663c1c3a76db6f1251fff",
    13: "dca6cb7eedcfb855d00fd33881801430bc0df090be031cd9d91c504d25bff8a7",
    14: "9d8c44d1cc7b3c732e51cb82736c92fc3e8cd0bc76a93e619c8ecb56a646df06",
    15: "91cddb07a5c54ca4b8c14f8e0fc82a0810df18acf98c7e2e08f8519f55bc90b9",
    16: "7a9ca62def6686c4e3723e9085899d66352a234ede503e4086e06fea936cb061",
    17: "bdb76b0ae22c997bf3ea45a83b4c807264817edb90bd95e9d94a1042fd3f33fb",
    18: "96fca2b52d591f2c3d74734c071e4af0f461ca9a325e57c8c42434475a333c3d",
    20: "a012534edd911aa2ff4c5301bb47ad00cc409a6fbff00ab757ecfec414b1211b",
    22: "83c031a6d43e82afed1159b08909f31af881e0b2c39c14c8dd4bab86392e4210",
    26: "53bad6cc9a0883e640f2a3900d3597841a37e85f92ca1da363a764df83d8237e",
    30: "d53fea46c87bc66ab56b11a23284a54d06a9e5b535019a735afad5f09872bfab",
    31: "c9e6a0d109ec6cd588e482e9370c06362b39f1109a0bbf90189fd84cd70fc084",
    37: "f5e030c7cac5feed5121b25b8bfeade1f00ec9537647a0b28580ba83e867c40c",
    39: "611f032d17b03ad109e51c18d92a36c3f09a9edab0a76cdb051589bbe0a7d113",
    41: "0dccf541e453fc6858fe43ce69a3b3327239cddc3de6c4c349ca04155dbb0551",
    42: "3b96f3ed1453502bcf2daeb21bd6f019d469f4574b9232025204d8e9e895eda8",
    44: "13edfce59625ca6f1795b880e8daa4bcf7d3d65a9120e2f7c3d127ac38fff028",
    46: "940037c80f2378719b07f1a243e1a25731ca3decaac0b4aa05f2cc88278988f8",
    48: "66bdaff81af07eb277374994ec93f3a740b988dc65ad6bf1f134c9b0b50f2394",
    49: "bbdd381224de390d4f347293ad4d640ee461d4251a6a284a125596dd67794711",
    52: "609f81c8cfe28807d1de79706255c7b5429fa77a247031b0ff505cfaebc1ff3d",
    57: "5bfa4dc78992571686c906c58a3cf64b0115f885ccd8f712770901331e12485c",
    59: "faaf0cf2d05032a0dab394c7ab021efbffd137fe8b135756a62cd3e3a4b50ddf",
    61: "85267be0dd3e2fda7658e34bdf29f4e2fe0807cc869c10a732295d9a43563e34",
    63: "d5d7733b1cf1a180499c2a977199420041e8d51b1fa3059811d265bfce99c2a4",
    80: "d6a91eacc46240501a533d2d253b00a2d9345ba023bc8c7e41172a2684b7c4c4",
    113: "085c7600d397585758d8604b5e98e34e595c62b4ac48320d6bb9bfb4f84ff1b8",
    115: "65ccf332b34480d5620b60cd7e45fafaf447c9c72ff2b7491bf6032feddc168f",
    142: "026bff5b72e3dc46aa9af309d59acd2f7afad4c3982bf906020457c29ef6cabe",
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


def test_about_one_caption_in_five_names_the_surroundings_before_the_thing():
    r = random.Random(6)
    texts = [
        caption([subject(CATALOGUE["cactus"], None, r)], "desert", "night", None, r) for _ in range(1000)
    ]
    both = [text for text in texts if "cactus" in text and ("desert" in text or "dunes" in text)]
    before = sum(
        text.index("cactus") > text.index("desert" if "desert" in text else "dunes") for text in both
    )
    assert 0.12 < before / len(both) < 0.28


def test_surroundings_in_front_are_parted_from_the_thing_by_a_comma():
    r = random.Random(7)
    texts = {caption([subject(CATALOGUE["sun"], None, r)], "plain", None, "pink", r) for _ in range(300)}
    assert "on a pink background, the sun" in texts
    assert "trên nền hồng, mặt trời" in texts


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
