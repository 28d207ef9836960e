"""English captions."""

import random

from ml_models.starter.recipe.painter.captions.language import Language, Phrases
from ml_models.starter.recipe.painter.subject import Subject

AROUND: Phrases = {
    "mountains": [
        "in the mountains",
        "in front of mountains",
        "mountains in the background",
        "with mountains",
    ],
    "hill": ["on a green hill", "on a hill", "on the grass", "on green hills", "in a meadow"],
    "field": ["in a field", "in the field", "in the countryside", "on a farm field"],
    "forest": ["in a forest", "in the forest", "in the woods", "pine forest"],
    "snow": ["in the snow", "in a snowy landscape", "in winter", "snow falling"],
    "desert": ["in the desert", "on desert dunes", "on sand dunes", "in a desert"],
    "sea": ["on the sea", "on the ocean", "at sea", "on the waves", "on the water"],
    "beach": ["on the beach", "at the beach", "on a sandy beach", "by the sea"],
    "lake": ["by a lake", "near a lake", "at the lake"],
    "city": ["in the city", "in front of a city skyline", "city skyline", "on a city street"],
    "room": ["in a room", "in the living room", "indoors", "inside a room"],
    "underwater": ["underwater", "under the sea", "in the ocean", "in the sea"],
    "sky": ["in the sky", "floating in the sky", "flying in the sky", "high in the sky"],
}

ALONE: Phrases = {
    "mountains": ["mountains", "snowy mountain peaks", "a mountain landscape", "tall mountains"],
    "hill": ["green hills", "rolling hills", "a green hill", "a meadow"],
    "field": ["a field", "a wide field", "countryside field"],
    "forest": ["a forest", "a pine forest", "the woods", "trees in a forest"],
    "snow": ["snow", "a snowy landscape", "winter landscape", "snowy hills"],
    "desert": ["desert dunes", "a desert", "sand dunes", "desert landscape"],
    "sea": ["the sea", "ocean waves", "sea with waves", "the ocean"],
    "beach": ["a beach", "beach with waves", "a sandy beach", "seaside"],
    "lake": ["a lake", "a calm lake", "lake with pine trees", "mountain lake"],
    "city": ["city skyline", "a city", "skyscrapers", "city street"],
    "room": ["a room", "a living room", "an empty room"],
    "underwater": ["underwater", "under the sea", "ocean floor"],
    "sky": ["the sky", "sky"],
}

TIMES: Phrases = {
    "day": ["", "", "", "on a sunny day", "in daylight", "under a blue sky", "during the day"],
    "sunset": ["at sunset", "at sunset", "sunset", "at dusk", "during sunset"],
    "sunrise": ["at sunrise", "at sunrise", "sunrise", "at dawn"],
    "night": ["at night", "at night", "night", "under the moon", "on a moonlit night"],
    "starry": ["under a starry sky", "starry night", "starry sky", "with many stars"],
}

ADJECTIVES: list[str] = [
    "cute",
    "cute",
    "beautiful",
    "pretty",
    "lovely",
    "happy",
    "nice",
    "adorable",
    "simple",
    "friendly",
    "funny",
]

QUALITIES: list[str] = [
    "highly detailed",
    "8k",
    "4k",
    "masterpiece",
    "best quality",
    "beautiful",
    "digital art",
    "vector art",
    "illustration",
    "poster",
    "trending on artstation",
    "sharp focus",
    "vivid colors",
    "flat design",
    "high resolution",
    "award winning",
    "minimalist",
    "cartoon style",
    "colorful",
    "professional",
]

OPENINGS: list[str] = [
    "a picture of",
    "an illustration of",
    "a painting of",
    "a drawing of",
    "a photo of",
    "an image of",
    "cartoon of",
    "poster of",
    "draw",
    "paint",
    "paint me",
    "show me",
    "I would like",
    "here is",
]

SKIES: Phrases = {
    "sunset": ["sunset", "a beautiful sunset"],
    "sunrise": ["sunrise"],
    "night": ["night sky with stars and a moon", "night"],
    "starry": ["starry sky", "starry night", "a starry night sky"],
}

SIZES: Phrases = {"small": ["small", "little", "tiny"], "big": ["big", "large", "huge"]}

PLACES: Phrases = {
    "left": [" on the left", " at left"],
    "right": [" on the right", " at right"],
    "center": [" in the center", " in the middle"],
}


def subject_phrase(subject: Subject, r: random.Random) -> str:
    """For example "a small cute orange cat on the left"."""
    words = []
    if subject.size:
        words.append(r.choice(SIZES[subject.size]))
    if subject.has_adjective:
        words.append(r.choice(ADJECTIVES))
    if subject.colour and subject.names_colour:
        words.append("grey" if subject.colour == "gray" and r.random() < 0.4 else subject.colour)
    phrase = " ".join([*words, subject.english])
    if r.random() < 0.85:
        phrase = _with_article(phrase, subject, r)
    if subject.place:
        # one for every place is drawn, whichever is used: the seeds of the training set count on it
        places = {place: r.choice(phrases) for place, phrases in PLACES.items()}
        phrase += places[subject.place]
    return phrase


def _with_article(phrase: str, subject: Subject, r: random.Random) -> str:
    if subject.name in ("sun", "moon") and r.random() < 0.6:
        return "the " + phrase if r.random() < 0.5 else phrase
    return ("an " if phrase[0] in "aeiou" else "a ") + phrase


def background_phrase(colour: str, r: random.Random) -> str:
    """For example " on a red background"."""
    return r.choice(
        [
            f" on a {colour} background",
            f" on a {colour} background",
            f", {colour} background",
            f" on plain {colour} background",
            f" against a {colour} background",
        ]
    )


def scenery_phrase(setting: str, time: str | None, time_phrase: str, r: random.Random) -> str:
    """For example "sunset over mountains"."""
    place = r.choice(ALONE[setting])
    sky = SKIES.get(time or "")
    if sky and setting == "sky":
        return r.choice(sky)
    if sky and r.random() < 0.45:
        return r.choice(sky) + r.choice([" over ", " over ", " at "]) + place
    return place + (r.choice([" ", " ", ", "]) + time_phrase if time_phrase else "")


ENGLISH = Language(
    around=AROUND,
    times=TIMES,
    qualities=QUALITIES,
    openings=OPENINGS,
    conjunctions=[" and ", " and ", " and ", ", ", " with ", " next to ", " beside ", " near "],
    last=" and ",
    subject=subject_phrase,
    background=background_phrase,
    scenery=scenery_phrase,
)
