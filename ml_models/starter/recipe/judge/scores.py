"""From what a judge saw to shares of prompts that were followed."""

from collections.abc import Callable, Sequence

from ml_models.starter.recipe.judge.labels import setting_name
from ml_models.starter.recipe.judge.looking import Sight
from ml_models.starter.recipe.judge.prompts import Prompt

Question = Callable[[Prompt, Sight], bool | None]
# a share for each language and for all; None where no prompt asks for it
Scores = dict[str, dict[str, float | None]]


def thing_seen(prompt: Prompt, sight: Sight) -> bool | None:
    """Whether the one thing of a plain prompt is what the judge sees first."""
    return prompt.things[0][0] == sight.things[0] if prompt.kind == "single" else None


def thing_despite_unknown_words(prompt: Prompt, sight: Sight) -> bool | None:
    """The same for prompts with words that no caption has."""
    return prompt.things[0][0] == sight.things[0] if prompt.kind == "unknown" else None


def colour_seen(prompt: Prompt, sight: Sight) -> bool | None:
    """Whether the one thing has the colour that the prompt names."""
    if len(prompt.things) != 1 or prompt.things[0][1] is None:
        return None
    name, colour = prompt.things[0]
    return sight.colours[name] == colour


def setting_seen(prompt: Prompt, sight: Sight) -> bool:
    """Whether the setting, or the plain background's colour, is the one asked for."""
    return sight.setting == setting_name(prompt.setting, prompt.background)


def light_seen(prompt: Prompt, sight: Sight) -> bool | None:
    """Whether the time of day is the one that the prompt names."""
    return sight.light == prompt.time if prompt.time else None


def both_seen(prompt: Prompt, sight: Sight) -> bool | None:
    """Whether the two things of a pair are the two that the judge is surest of."""
    if prompt.kind != "pair":
        return None
    return {name for name, _ in prompt.things} == set(sight.things[:2])


def both_in_their_colours(prompt: Prompt, sight: Sight) -> bool | None:
    """Whether both are there, and each has the colour that the prompt names for it."""
    both = both_seen(prompt, sight)
    return both and all(sight.colours[name] == colour for name, colour in prompt.things if colour)


QUESTIONS: dict[str, Question] = {
    "things": thing_seen,
    "colours": colour_seen,
    "settings": setting_seen,
    "lights": light_seen,
    "both of two": both_seen,
    "both in their colours": both_in_their_colours,
    "things despite unknown words": thing_despite_unknown_words,
}


def score(prompts: Sequence[Prompt], sights: Sequence[Sight]) -> Scores:
    """The share of prompts with a yes to each question, in English, in Vietnamese and in all."""
    scores: Scores = {}
    for name, question in QUESTIONS.items():
        answers = [(p.language, question(p, s)) for p, s in zip(prompts, sights, strict=True)]
        scores[name] = {
            language: _share([a for spoken, a in answers if language in (spoken, "all")])
            for language in ("en", "vi", "all")
        }
    return scores


def _share(answers: list[bool | None]) -> float | None:
    given = [answer for answer in answers if answer is not None]
    return sum(given) / len(given) if given else None
