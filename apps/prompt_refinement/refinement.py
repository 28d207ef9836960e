"""Refines a prompt by rules: negations go into the negative prompt, style and quality terms are added.

What the writer wrote stays as it is, in its place. A prompt that already says how well the picture is to be
made gets nothing; so refining twice changes nothing.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from apps.prompt_refinement.negation import Extraction, extract
from apps.prompt_refinement.negation_grammar import glossary
from apps.prompt_refinement.phrases import folded, pattern
from apps.prompt_refinement.rulebook import Rulebook, Style, rulebook
from apps.prompt_refinement.tokens import Reader
from core.language import Detected, detect

_WORD = re.compile(r"\w+")
_ADDED_STYLE = "{} style"


@dataclass(frozen=True)
class Refined:
    """`confidence` (0 to 1) says how likely the text means what the writer meant; see `_confidence`."""

    prompt: str
    negative_prompt: str
    language: str
    confidence: float


def refine(prompt: str, *, style: str, reader: Reader) -> Refined:
    """`prompt` refined for a model that reads like `reader`; `style`: a style's name, any words, or ""."""
    found = extract(prompt)
    # A prompt of nothing but negations is kept: there has to be something to paint.
    is_empty = not any(map(str.isalnum, found.text))
    text = unicodedata.normalize("NFC", prompt).strip() if is_empty else found.text
    detected = detect(prompt)
    language = "vi" if detected.language == "vi" else "en"
    rules = rulebook()
    known = rules.style(style) if style else None
    terms: Iterable[str] = () if is_empty else _terms(text, style, known, language, rules, reader)
    refined = reader.extended(text, terms)
    fits = refined != text or reader.fits(text)  # what was added, fits
    return Refined(
        prompt=refined,
        negative_prompt=_negative(found.excluded, text, known, rules, reader),
        language=detected.language,
        confidence=_confidence(found, detected, is_empty=is_empty, fits=fits),
    )


def already_refined(prompt: str) -> bool:
    """Whether the rules would leave the words of `prompt` alone: nothing is denied, quality is mentioned."""
    return not extract(prompt).excluded and rulebook().refined.search(folded(prompt)) is not None


def _terms(
    text: str, style: str, known: Style | None, language: str, rules: Rulebook, reader: Reader
) -> Iterator[str]:
    """What is to be added, the most important first."""
    plain = folded(text)
    if known and not known.present.search(plain):
        yield from known.terms[language]
    elif style and not known and not pattern([style]).search(plain):
        yield style if language == "vi" else _ADDED_STYLE.format(style)
    if reader.quality and not rules.refined.search(plain):
        named = [known] if known else rules.styles_named_in(plain)
        quality = rules.quality[language]
        yield from quality[:1] if any(each.plain for each in named) else quality


def _negative(
    excluded: Sequence[str], text: str, known: Style | None, rules: Rulebook, reader: Reader
) -> str:
    """What the writer denied, in their words and in those that models know, then what nobody wants.

    Nothing is added that the prompt itself asks for.
    """
    plain = folded(text)
    styles = [known] if known else rules.styles_named_in(plain)
    terms = list(excluded)
    for thing in excluded:
        terms += [english for english in glossary().translated(folded(thing)) if english not in terms]
    asked_for = set(_WORD.findall(plain))
    said = set(map(folded, terms))
    flaws = dict.fromkeys((*(term for style in styles for term in style.negative), *rules.negative))
    return reader.extended(
        ", ".join(terms),
        (term for term in flaws if term not in said and asked_for.isdisjoint(term.split())),
    )


def _confidence(found: Extraction, detected: Detected, *, is_empty: bool, fits: bool) -> float:
    """Starts at 1, less what had to be guessed.

    0.2 of it is for the language, 0.2 goes where a negation was cut out of the middle of a sentence, 0.3
    where the model will not read to the end, 0.4 where nothing but negations was there.
    """
    guessed = 0.2 * (1 - detected.certainty)
    guessed += 0.2 * found.from_within + 0.3 * (not fits) + 0.4 * is_empty
    return round(max(0.0, 1 - guessed), 2)
