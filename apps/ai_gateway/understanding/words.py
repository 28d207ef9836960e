"""A message as a row of words that know what they may mean."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.ai_gateway.understanding.lexicon import Match, Script, Sense, matches
from apps.ai_gateway.understanding.tokens import Token

_NO_CONTENT = ("word", "thing", "mark", "number", "factor", "format")
# Words that are listed for what they are not.
_CONTENT_WORDS = ("ordinary", "foreign")
# What it costs to read some tokens as a phrase, as one that was mended, and as one that is not known.
_KNOWN, _ORDINARY, _MENDED, _MENDED_WORD, _UNKNOWN = 1.0, 1.4, 1.3, 0.75, 1.6


@dataclass(frozen=True)
class Word:
    """One phrase of the lexicon, or one token that is in none. `text[start:end]` is what was typed.

    `kind` is the token's: word, number, quote or mark. `exact` is False where a slip was mended.
    """

    start: int
    end: int
    kind: str
    plain: str
    senses: tuple[Sense, ...] = ()
    inflected: bool = False
    exact: bool = True
    with_marks: bool = False  # typed with diacritics

    def concept(self, role: str) -> str:
        """The concept it has in `role`, "" for none."""
        return next((sense.concept for sense in self.senses if sense.role == role), "")

    def value(self, role: str) -> str:
        """The value it has in `role` (a colour's code, a style's name), "" for none."""
        return next((sense.value for sense in self.senses if sense.role == role), "")

    def is_word(self, *concepts: str) -> bool:
        """Whether it may be one of these words that hold a sentence together."""
        return any(sense.role == "word" and sense.concept in concepts for sense in self.senses)

    @property
    def is_content(self) -> bool:
        """Whether it names or describes something of its own: a prompt is made of such words."""
        if self.kind == "quote":
            return True
        if any(sense.role == "visual" for sense in self.senses):
            return True
        if not self.senses and self.plain.endswith("ly"):
            return False  # "exactly", "completely"
        return self.kind == "word" and not any(
            sense.role in _NO_CONTENT and sense.concept not in _CONTENT_WORDS for sense in self.senses
        )

    @property
    def is_separator(self) -> bool:
        return self.kind == "mark" or self.is_word("and", "then")


def read_words(tokens: Sequence[Token], script: Script) -> list[Word]:
    """The words of a sentence in `script`, in order; nothing is left out.

    Of all ways to part the tokens into phrases the one with the fewest and best known: "đổi | mật khẩu" and
    not "đổi mặt | khẩu", though both begin with "doi mat".
    """
    cost = [0.0] * (len(tokens) + 1)
    chosen: list[Match | None] = [None] * len(tokens)
    for at in reversed(range(len(tokens))):
        cost[at] = (_UNKNOWN if tokens[at].kind == "word" else _KNOWN) + cost[at + 1]
        for found in matches(tokens, at, script) if tokens[at].kind == "word" else ():
            mended = _MENDED + _MENDED_WORD * (found.length - 1)
            ordinary = all(sense.concept == "ordinary" for sense in found.senses)
            price = (mended if not found.exact else _ORDINARY if ordinary else _KNOWN) + cost[
                at + found.length
            ]
            if price < cost[at]:
                cost[at], chosen[at] = price, found
    words: list[Word] = []
    at = 0
    while at < len(tokens):
        match = chosen[at]
        length = match.length if match else 1
        words.append(_word(tokens[at : at + length], match))
        at += length
    return words


def _word(tokens: Sequence[Token], found: Match | None) -> Word:
    return Word(
        start=tokens[0].start,
        end=tokens[-1].end,
        kind=tokens[0].kind,
        plain=" ".join(token.plain for token in tokens),
        senses=found.senses if found else (),
        inflected=found.inflected if found else False,
        exact=found.exact if found else True,
        with_marks=any(token.word != token.plain for token in tokens),
    )
