"""Has a language model rewrite a prompt, and believes only an answer that keeps what the writer said."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec

from apps.prompt_refinement.negation import extract
from apps.prompt_refinement.phrases import folded
from apps.prompt_refinement.tokens import Reader
from core import llm
from core.api.fields import LONGEST_PROMPT
from core.language import detect

# So many of the writer's words have to come back: an inflected or joined one is no loss.
_LEAST_KEPT = 0.8
_STEM = 4
_WORD = re.compile(r"[^\W_]+")
_QUOTED = re.compile(r"\"([^\"\n]+)\"|“([^”\n]+)”")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

_INSTRUCTIONS = (Path(__file__).parent / "rules" / "rewriting.txt").read_text(encoding="utf-8")


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the language model is asked for."""

    refined_prompt: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_PROMPT)]
    negative_prompt: Annotated[str, msgspec.Meta(max_length=LONGEST_PROMPT)]


@dataclass(frozen=True)
class Rewritten:
    """`kept` is the share of the writer's words that are still there; 1 for a translation."""

    prompt: str
    negative_prompt: str
    kept: float


def rewrite(prompt: str, *, style: str, reader: Reader) -> Rewritten:
    """The prompt in the words of the language model.

    Raises `llm.LanguageModelError`, also (llm_answer_invalid) for an answer that lost what the writer said.
    """
    asked = {"prompt": prompt, "style": style, "max_words": min(200, int(reader.limit / 1.3))}
    said = llm.ask(system=_INSTRUCTIONS, user=json.dumps(asked, ensure_ascii=False), answer=Answer)
    kept = _kept(prompt, said)
    if kept < _LEAST_KEPT:
        raise llm.LanguageModelError(
            "The language model's answer lost what the prompt said.", code="llm_answer_invalid"
        )
    return Rewritten(said.refined_prompt.strip(), said.negative_prompt.strip(), round(kept, 2))


def _kept(prompt: str, said: Answer) -> float:
    """0 where an answer is unusable or a quoted text or number is gone; else the share of words kept."""
    answer = folded(f"{said.refined_prompt} {said.negative_prompt}")
    if _CONTROL.search(answer) or not _WORD.search(said.refined_prompt):
        return 0.0
    exact = [first or second for first, second in _QUOTED.findall(prompt)]
    if any(folded(text) not in answer for text in exact):
        return 0.0
    if detect(prompt).language != "en":
        return 1.0  # translated: the words cannot be compared
    found = extract(prompt)
    words = {
        word
        for word in _WORD.findall(folded(f"{found.text} {' '.join(found.excluded)}"))
        if len(word) >= _STEM
    }
    return sum(word[:_STEM] in answer for word in words) / len(words) if words else 1.0
