"""The tokenizer: the shipped text encoder knows its ids, so they must never change."""

from pathlib import Path

import pytest
from transformers import CLIPTokenizer

from ml_models.starter import recipe
from ml_models.starter.recipe.tokenizer import save_tokenizer, train_tokenizer

SHIPPED = Path(recipe.__file__).parents[1] / "model" / "tokenizer"
GOLDEN = {
    "": [2043, 2044],
    "a cute orange cat on a green hill at sunset": [
        *(2043, 320, 669, 584, 776, 512, 320, 568, 799, 522, 600, 2044),
    ],
    "A RED ball, white background!": [2043, 320, 558, 767, 267, 571, 535, 256, 2044],
    "một con mèo cam dễ thương": [2043, 590, 763, 1175, 920, 1259, 1257, 2044],
    "hoàng hôn trên núi": [2043, 986, 985, 640, 1204, 2044],
    "zyxel 日本": [2043, 89, 88, 1609, 162, 245, 98, 162, 250, 361, 2044],
}


@pytest.mark.parametrize("prompt", GOLDEN)
def test_the_shipped_tokenizer_gives_the_ids_that_the_model_learned(prompt):
    assert CLIPTokenizer.from_pretrained(SHIPPED)(prompt).input_ids == GOLDEN[prompt]


def test_the_shipped_tokenizer_has_2045_tokens_and_takes_40():
    tokenizer = CLIPTokenizer.from_pretrained(SHIPPED)
    assert (len(tokenizer), tokenizer.model_max_length) == (2045, 40)


def test_a_trained_tokenizer_knows_its_captions_and_every_other_word():
    tokenizer = train_tokenizer(["a red cat", "một con mèo"] * 5, size=700)
    assert tokenizer.tokenize("red cat") == ["red</w>", "cat</w>"]
    assert tokenizer.decode(tokenizer("Zyxel mèo").input_ids, skip_special_tokens=True) == "zyxel mèo"


def test_a_saved_tokenizer_gives_the_same_ids(tmp_path):
    tokenizer = train_tokenizer(["a red cat on a hill"] * 5, size=700)
    save_tokenizer(tokenizer, tmp_path)
    prompt = "a red house on a hill"
    assert CLIPTokenizer.from_pretrained(tmp_path)(prompt).input_ids == tokenizer(prompt).input_ids
    assert (tmp_path / "merges.txt").read_text().startswith("#version: 0.2\n")
