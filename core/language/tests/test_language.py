"""Which language a prompt is in, however it was typed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.language import detect, fold

VIETNAMESE = [
    "một con mèo màu cam dễ thương",
    "hoàng hôn trên núi",
    "con rồng bay trên biển, chất lượng cao",
    "cô gái mặc áo dài trong vườn hoa",
    "vẽ cho tôi bức tranh phố cổ Hội An",
    "ngôi nhà nhỏ, không có người",
    "đừng mờ",
    "phở bò",
]
ENGLISH = [
    "a cute orange cat",
    "sunset over mountains",
    "a dragon flying over the sea, high quality",
    "portrait of an old man, no hat",
    "a café in Paris, crème brûlée on the table",
    "jalapeño peppers",
    "cat",
    "a man in a van",
    "the moon and the sun",
    "ultra wide shot, 8k, HDR",
]


@pytest.mark.parametrize("text", VIETNAMESE)
@pytest.mark.parametrize("form", ["NFC", "NFD", "folded", "upper"])
def test_vietnamese_is_known_with_and_without_diacritics(text: str, form: str) -> None:
    typed = {"folded": fold(text), "upper": text.upper()}.get(form) or unicodedata.normalize(form, text)  # type: ignore[arg-type]

    assert detect(typed).language == "vi"


@pytest.mark.parametrize("text", ENGLISH)
def test_english_is_known_with_its_borrowed_words(text: str) -> None:
    assert detect(text).language == "en"
    assert detect(text.upper()).language == "en"


@pytest.mark.parametrize("text", ["", "1234, 5 & 6!", "一只橙色的猫", "кошка"])
def test_what_is_neither_is_undetermined(text: str) -> None:
    assert detect(text) == detect("")
    assert detect(text).language == "und"


def test_most_words_decide() -> None:
    assert detect("một con mèo đen trên bàn, highly detailed, 8k").language == "vi"
    assert detect("a bowl of phở on a wooden table in a restaurant").language == "en"


@pytest.mark.parametrize(
    ("text", "folded"), [("Mèo Đen", "meo den"), ("KHÔNG CÓ CHỮ", "khong co chu"), ("Ångström", "angstrom")]
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_folding_keeps_every_position_and_happens_once(text: str) -> None:
    text = unicodedata.normalize("NFC", text)

    assert len(fold(text)) == len(text)
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_any_text_has_an_answer(text: str) -> None:
    found = detect(text)

    assert found.language in {"en", "vi", "und"}
    assert 0 <= found.certainty <= 1
