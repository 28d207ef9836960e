"""Captions: what a person might type to get the scene, in English or Vietnamese."""

import random

from ml_models.starter.recipe.painter.captions.english import ENGLISH
from ml_models.starter.recipe.painter.captions.language import Language
from ml_models.starter.recipe.painter.captions.noise import with_noise
from ml_models.starter.recipe.painter.captions.vietnamese import VIETNAMESE, without_accents
from ml_models.starter.recipe.painter.subject import Subject

# Both shares are higher than people's own, because what is rare among the captions is learned badly.
VIETNAMESE_SHARE = 0.22
SURROUNDINGS_FIRST = 0.2


def caption(
    subjects: list[Subject], setting: str, time: str | None, background: str | None, r: random.Random
) -> str:
    """A caption for the scene; "" one time in ten, which is what guidance needs as its unconditional half.

    `background` is a colour and set exactly when the setting is "plain".
    """
    if r.random() < 0.10:
        return ""
    language = VIETNAMESE if r.random() < VIETNAMESE_SHARE else ENGLISH
    says_setting = r.random() < 0.86
    says_time = time is not None and r.random() < (0.5 if time == "day" else 0.97)
    time_phrase = r.choice(language.times[time]) if time and says_time else ""
    if not subjects:
        text = language.scenery(setting, time, time_phrase, r)
    elif background:
        around = language.background(background, r) if says_setting else ""
        text = _in_order(_enumeration(subjects, language, r), around, r)
    else:
        around = _surroundings(language, setting if says_setting else None, time_phrase, r)
        text = _in_order(_enumeration(subjects, language, r), around, r)
    return " ".join(_as_typed(text, language, r).split())


def _enumeration(subjects: list[Subject], language: Language, r: random.Random) -> str:
    return language.join([language.subject(s, r) for s in subjects], r)


def _in_order(things: str, around: str, r: random.Random) -> str:
    """The surroundings behind the things, as most people write, or before them: "in the desert, a star"."""
    if around and r.random() < SURROUNDINGS_FIRST:
        return around.strip(" ,") + ", " + things
    return things + around


def _surroundings(language: Language, setting: str | None, time_phrase: str, r: random.Random) -> str:
    text = ""
    if setting:
        text += (", " if r.random() < 0.12 else " ") + r.choice(language.around[setting])
    if time_phrase:
        text += r.choice([" ", " ", ", "]) + time_phrase
    return text


def _as_typed(text: str, language: Language, r: random.Random) -> str:
    """The caption with the habits of people who write prompts."""
    if r.random() < 0.12:
        text = r.choice(language.openings) + " " + text
    if r.random() < 0.22:
        for _ in range(r.choice([1, 2, 3])):
            text += ", " + r.choice(language.qualities)
    if r.random() < 0.08:
        text = with_noise(text, r)
    if language is VIETNAMESE and r.random() < 0.18:
        text = without_accents(text)
    if r.random() < 0.1:
        text = text[:1].upper() + text[1:]
    if r.random() < 0.06:
        text += "."
    return text
