"""What the gateway says, in English or Vietnamese: sentences of `replies.toml` and the declarations."""

import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from apps.ai_gateway.declarations import Intent
from apps.ai_gateway.intents import all_intents
from apps.ai_gateway.planning import Plan
from core.language import detect

_REPLIES = tomllib.loads((Path(__file__).parent / "replies.toml").read_text(encoding="utf-8"))
_SHOWN = ("generate", "remove_background", "resize", "adjust", "style_transfer")
_COMPOUND = {
    "en": "Generate a cute orange cat and remove the background",
    "vi": "vẽ hoàng hôn trên núi rồi xoá phông nền",
}


def unknown(language: str) -> str:
    """An honest answer, with examples."""
    return _say(language, "unknown", *(_examples(all_intents()[name], language)[0] for name in _SHOWN[:3]))


def negated(language: str) -> str:
    return _say(language, "negated")


def help_with(language: str, topic: str) -> str:
    """What can be asked for; or how one thing is, with what it needs."""
    if not topic:
        named = [_does(all_intents()[name], language) for name in _SHOWN]
        return _say(language, "help", _listed(language, named), _COMPOUND[language])
    intent = all_intents()[topic]
    examples = _examples(intent, language)
    missing = intent.needs({}, frozenset())
    needed = _say(language, "topic_needs", _missing(language, missing)) if missing else ""
    return _say(language, "topic", _does(intent, language), examples[0], examples[-1], needed)


def needs(language: str, plan: Plan) -> str:
    """What is missing, and for what."""
    return _say(language, "needs", _steps(language, plan), _missing(language, plan.needs))


def planned(language: str, plan: Plan) -> str:
    return _say(language, "plan", _steps(language, plan))


def running(language: str, plan: Plan) -> str:
    return _say(language, "running", _steps(language, plan))


def done(language: str, plan: Plan, told: Sequence[Mapping[str, Any]]) -> str:
    """What was done, step by step; `told` is what the steps' outputs say."""
    number = _number(language)
    sentences = []
    for step, facts in zip(plan.steps, told, strict=True):
        known = {**step.parameters, **step.said, **facts}
        sentences.append(step.intent.done[number].format_map(_Known(known)))
    return " ".join(sentences)


class _Known(defaultdict[str, Any]):
    """A sentence whose parameter was not said goes without it."""

    def __init__(self, known: Mapping[str, Any]) -> None:
        super().__init__(str, known)


def _say(language: str, sentence: str, *parts: str) -> str:
    text: str = _REPLIES[language][sentence]
    return text.format(*parts)


def _number(language: str) -> int:
    return 1 if language == "vi" else 0


def _does(intent: Intent, language: str) -> str:
    return intent.does[_number(language)]


def _steps(language: str, plan: Plan) -> str:
    return str(_REPLIES[language]["then"]).join(_does(step.intent, language) for step in plan.steps)


def _missing(language: str, names: Sequence[str]) -> str:
    return _listed(language, [_REPLIES[language]["missing"][name] for name in names])


def _listed(language: str, items: Sequence[str]) -> str:
    joined: str = _REPLIES[language]["and"]
    return ", ".join(items[:-1]) + joined + items[-1] if len(items) > 1 else "".join(items)


def _examples(intent: Intent, language: str) -> list[str]:
    own = [one for one in intent.examples if (detect(one).language == "vi") == (language == "vi")]
    return own or list(intent.examples)
