"""Words that mean nothing to the painter: the model learns to pass over what it does not know."""

import random

WORDS = """
    amazing fantasy peaceful quiet warm cool gentle modern old classic magic dreamy sweet soft bold
    fresh calm elegant retro wonderful style scene art background view please make show me generate one
    single some very really 3d hd ultra cinematic lighting mood concept studio watercolor oil pixel
    anime realistic render pastel
"""


def with_noise(caption: str, r: random.Random) -> str:
    """The caption with one or two words put in anywhere, real ones or made up."""
    words = caption.split(" ")
    for _ in range(r.choice([1, 1, 2])):
        word = r.choice(WORDS.split()) if r.random() < 0.5 else _made_up(r)
        words.insert(r.randrange(len(words) + 1), word)
    return " ".join(words)


def _made_up(r: random.Random) -> str:
    syllables = []
    for _ in range(r.choice([1, 2, 2, 3])):
        onset, vowel = r.choice("bcdfghklmnprstvz"), r.choice("aeiou")
        syllables.append(onset + vowel + r.choice(["", "n", "r", "s", "t", "x"]))
    return "".join(syllables)
