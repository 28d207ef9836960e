"""How a clause begins, before it comes to its verb: politely, with a "don't", or as a question."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.ai_gateway.understanding.lexicon import Script
from apps.ai_gateway.understanding.words import Word

_PASSED_OVER = ("polite", "and", "then")
# At the end of a Vietnamese clause they make it a question.
_QUESTION_ENDS = {"khong", "ko", "chua", "ha", "nhi"}
_NO = {"dung", "don't", "do not", "dont", "never", "khong duoc"}


@dataclass
class Opening:
    """`at` is where the request itself begins.

    `question`: how it is done is asked; `asks_else`: who, where, when.
    """

    at: int = 0
    person: bool = False
    negated: bool = False
    question: bool = False
    asks_else: bool = False


def read_opening(words: Sequence[Word]) -> Opening:
    """Passes over what comes before the request itself."""
    opening = Opening()
    for at, word in enumerate(words):
        opening.at = at
        is_verb = is_verb_here(words, at)
        if word.is_word("how") and not is_verb:
            opening.question = True
        elif word.is_word("ask") and not is_verb:
            opening.asks_else = True
        elif word.is_word("person"):
            opening.person = True
        elif _is_negation(words, at):
            opening.negated = True
        elif is_verb or not (word.kind == "mark" or word.is_word(*_PASSED_OVER)):
            return opening
    opening.at = len(words)
    return opening


def is_verb_here(words: Sequence[Word], at: int) -> bool:
    """Whether the word at `at` is a verb; "cho tôi" and "cần" are only with something to give behind them."""
    word = words[at]
    if not word.concept("verb") or word.is_word("then", "and"):
        return False
    if not word.is_word("polite", "negation", "how"):
        return True
    following = next(
        (other for other in words[at + 1 :] if other.kind != "mark" and not other.is_word("polite")), None
    )
    if following is None or following.concept("verb"):  # "dung": đừng before a verb, otherwise dựng
        return False
    return word.is_word("negation") or not following.is_word("how", "person")


def asks_how(words: Sequence[Word], script: Script) -> bool:
    """A question word at the end of a Vietnamese clause, "xoá nền thế nào?", or a long one anywhere in it."""
    said = [word for word in words if word.kind != "mark" and not word.is_word("polite")]
    asking = [word for word in said if word.is_word("how") and not word.concept("verb")]
    return script == "vi" and any(" " in word.plain or word in said[-2:] for word in asking)


def asks_else(words: Sequence[Word], opening: Opening, verb: str, script: Script) -> bool:
    """Who, where, when; in Vietnamese also "có ... không?" without a verb of ours."""
    said = [word for word in words if word.kind != "mark"]
    asking = said if script == "vi" else words[opening.at : opening.at + 1]
    if opening.asks_else or any(word.is_word("ask") for word in asking):
        return True
    return script == "vi" and not verb and len(said) > 1 and said[-1].plain in _QUESTION_ENDS


def asks_what_we_can(words: Sequence[Word]) -> bool:
    """ "What can you do?", "trợ giúp"."""
    return any(word.is_word("capability") for word in words) and not any(word.plain in _NO for word in words)


def is_statement(words: Sequence[Word], opening: Opening, verb_at: int) -> bool:
    """Something that was done or is so, not something that is asked for: "I removed the background
    yesterday".
    """
    before = words[: verb_at if verb_at >= 0 else len(words)]
    if any(word.is_word("past") for word in before):
        return True
    return opening.person and (verb_at < 0 or words[verb_at].concept("verb") != "wish")


def _is_negation(words: Sequence[Word], at: int) -> bool:
    if not words[at].is_word("negation"):
        return False
    following = next((other for other in words[at + 1 :] if not other.is_word("polite", "definite")), None)
    return following is not None and bool(following.concept("verb")) and not following.concept("thing")
