"""What one clause says: the verb, what it is done to, and the telling words around them."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.ai_gateway.understanding import openings, verbs
from apps.ai_gateway.understanding.features import features
from apps.ai_gateway.understanding.lexicon import Script
from apps.ai_gateway.understanding.nouns import find_target
from apps.ai_gateway.understanding.quantities import Quantities
from apps.ai_gateway.understanding.words import Word


@dataclass(frozen=True)
class Frame:
    """`verb` is a concept or "", at `verb_at` (or -1); `target` as in `nouns.Target`, named by the words of
    `target_span`. `has` are the clause's `features`, the target's marks, the names of its quantities, and its
    script. `foreign` and `slips` count words that are not about pictures, and that were mended.
    """

    words: tuple[Word, ...]
    script: Script
    quantities: Quantities
    text: str
    verb: str = ""
    verb_at: int = -1
    target: str = "none"
    target_span: tuple[int, int] = (0, 0)
    has: frozenset[str] = frozenset()
    question: bool = False
    asks_else: bool = False
    capability: bool = False
    negated: bool = False
    statement: bool = False
    foreign: int = 0
    slips: int = 0


def frame(words: Sequence[Word], script: Script, quantities: Quantities, text: str) -> Frame:
    """The frame of one clause of the message `text`."""
    opening = openings.read_opening(words)
    verb_at = verbs.find_verb(words, opening.at)
    verb = verbs.full_verb(words, verb_at)
    target = find_target(words, verb_at, opening.at, script)
    has = features(words, verb_at, script) | target.marks | set(quantities.values) | {script}
    if verb == "cause":
        verb = "make"
        has.add("causative")
    return Frame(
        words=tuple(words),
        script=script,
        quantities=quantities,
        text=text,
        verb=verb,
        verb_at=verb_at,
        target=target.name,
        target_span=(target.start, target.end),
        has=frozenset(has),
        question=opening.question or openings.asks_how(words, script),
        asks_else=openings.asks_else(words, opening, verb, script),
        capability=openings.asks_what_we_can(words),
        negated=opening.negated,
        statement=openings.is_statement(words, opening, verb_at),
        foreign=sum(word.is_word("foreign") for word in words),
        slips=sum(not word.exact for word in words),
    )
