"""Where one request ends and the next begins: "draw a cat AND remove the background"."""

from collections.abc import Sequence

from apps.ai_gateway.understanding.words import Word

# What a request may begin with before it comes to its verb.
_LEAD_IN = ("polite", "and", "then", "person", "negation")
# Verbs that are as often something else: they begin a request only with an object of the plain kind.
_WEAK_VERBS = ("create", "wish", "make", "edit", "combine", "enlarge")
# Work on a whole picture that is at times named without any connecting word: "vẽ con mèo xoá nền".
_RUN_ON = ("remove_background",)
_STRONG_MARKS = {".", ";", "!", "?", "\n", "->", "=>", "→"}
MOST_CLAUSES = 16


def split(words: Sequence[Word]) -> list[list[Word]]:
    """The clauses of a message: cut where a new request follows a connecting word, a mark or nothing."""
    clauses: list[list[Word]] = [[]]
    for at, word in enumerate(words):
        current = clauses[-1]
        if len(clauses) < MOST_CLAUSES and _has_content(current) and _begins_here(words, at, current):
            clauses.append([])
        clauses[-1].append(word)
    return [clause for clause in clauses if _has_content(clause)]


def _begins_here(words: Sequence[Word], at: int, current: Sequence[Word]) -> bool:
    word = words[at]
    if word.is_separator:
        if word.kind == "mark" and words[at].plain in _STRONG_MARKS and _is_number(words, at):
            return False
        strong = word.is_word("then") or word.plain in _STRONG_MARKS
        return _separates(word) and begins_request(words, at, paints=_paints(current), strong=strong)
    follows_no = at > 0 and words[at - 1].is_word("negation")
    return word.concept("verb") in _RUN_ON and not (word.inflected or follows_no) and _paints(current)


def _separates(word: Word) -> bool:
    return word.kind != "mark" or word.plain in _STRONG_MARKS or word.plain in {",", "&", "+", ":", "|", "/"}


def _is_number(words: Sequence[Word], at: int) -> bool:
    """Whether the mark at `at` is the full stop of "1." in a list: the list's item goes on."""
    return words[at].plain == "." and at > 0 and words[at - 1].kind == "number" and at == 1


def begins_request(words: Sequence[Word], at: int, *, paints: bool, strong: bool) -> bool:
    """Whether from `at` on something is asked for: past politeness there is a verb in its base form."""
    while at < len(words) and (words[at].kind == "mark" or words[at].is_word(*_LEAD_IN)):
        if words[at].concept("verb") and not words[at].is_word("then", "and"):
            break
        at += 1
    if at >= len(words):
        return False
    verb = words[at].concept("verb")
    if not verb or words[at].inflected:
        return False
    doubtful = verb in _WEAK_VERBS or bool(words[at].concept("thing")) or (paints and not strong)
    return not doubtful or verb in _RUN_ON or _has_object(words, at + 1)


def _has_object(words: Sequence[Word], at: int) -> bool:
    for word in words[at : at + 3]:
        if word.kind == "mark":
            return False
        if word.concept("thing") or word.is_word("definite", "deictic", "indefinite"):
            return True
        if word.kind == "number" or word.concept("mark") or word.concept("format") or word.concept("style"):
            return True
        if word.concept("factor") or word.concept("colour") or word.concept("number"):
            return True
    return False


def _paints(clause: Sequence[Word]) -> bool:
    """Whether `clause` describes a picture to be made, in which other verbs are part of the description."""
    for word in clause:
        if verb := word.concept("verb"):
            return verb in ("draw", "generate", "create", "wish", "make")
        if word.is_word("definite", "deictic"):
            return False
        if word.is_content or word.is_word("indefinite"):
            return True
    return False


def _has_content(clause: Sequence[Word]) -> bool:
    return any(word.kind != "mark" and not word.is_word("and", "then", "polite") for word in clause)
