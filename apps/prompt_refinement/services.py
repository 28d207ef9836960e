"""The face of prompt_refinement: refine a prompt, say what is wrong with it, find what it does not want."""

import time
from collections.abc import Mapping
from functools import lru_cache

from apps.prompt_refinement import negation, refinement, validation
from apps.prompt_refinement.operations import (
    ExtractNegativeInput,
    ExtractNegativeOutput,
    FoundIssue,
    Method,
    RefineInput,
    RefineOutput,
    ValidateInput,
    ValidateOutput,
)
from apps.prompt_refinement.rewriting import Rewritten, rewrite
from apps.prompt_refinement.tokens import Reader, reader
from core import llm
from core.language import detect
from core.model_manager.choosing import named
from core.model_manager.entries import ModelEntry
from core.operations import Context

# Whose default model reads a prompt for which no model is named.
_PAINTING = "image_generation.generate"


def prepare_refinement(
    *, owner: str, prompt: str, context: Mapping[str, str] | None = None, method: Method = "auto"
) -> RefineInput:
    """`owner`'s request with nothing left open. `context` may hold a `style` and a `model` (a catalogue id).

    Raises InvalidInput for an unknown model. A style that is unknown is any words; what it denies is dropped.
    """
    wanted = context or {}
    style = negation.extract(wanted.get("style", "")).text.strip(" .,;")
    return RefineInput(
        prompt=prompt,
        style=style if any(map(str.isalnum, style)) else "",
        model=_model(wanted.get("model")),
        method=method,
    )


def prepare_validation(*, owner: str, prompt: str, context: Mapping[str, str] | None = None) -> ValidateInput:
    """Like `prepare_refinement`."""
    return ValidateInput(prompt=prompt, model=_model((context or {}).get("model")))


def prepare_extraction(*, owner: str, prompt: str) -> ExtractNegativeInput:
    """`owner`'s request."""
    return ExtractNegativeInput(prompt=prompt)


def refine(input: RefineInput, context: Context) -> RefineOutput:  # noqa: A002
    """The refined prompt: by the language model where one is wanted and answers, else by rules."""
    started = time.perf_counter()
    reads = _reader(input.model, _now())
    done = refinement.refine(input.prompt, style=input.style, reader=reads)
    rewritten, note = _rewritten(input, reads)
    return RefineOutput(
        original_prompt=input.prompt,
        refined_prompt=rewritten.prompt if rewritten else done.prompt,
        negative_prompt=rewritten.negative_prompt if rewritten else done.negative_prompt,
        confidence_score=min(done.confidence, rewritten.kept) if rewritten else done.confidence,
        method_used="llm" if rewritten else "rule_based",
        processing_time=round(time.perf_counter() - started, 6),
        language=done.language,
        note=note,
    )


def _rewritten(input: RefineInput, reads: Reader) -> tuple[Rewritten | None, str]:  # noqa: A002
    """What the language model makes of the prompt; None, and why, where it is asked for and of no use."""
    if input.method == "rule_based" or (input.method == "auto" and not llm.configured()):
        return None, ""
    if refinement.already_refined(input.prompt):
        return None, "The prompt is refined already, so the language model was not asked."
    try:
        return rewrite(input.prompt, style=input.style, reader=reads), ""
    except llm.LanguageModelError as error:
        return None, f"{error.message} The rules refined the prompt instead."


def validate(input: ValidateInput, context: Context) -> ValidateOutput:  # noqa: A002
    """What is wrong with the prompt, and what to do about it."""
    reads = _reader(input.model, _now())
    found = validation.issues(input.prompt, reader=reads)
    return ValidateOutput(
        valid=all(issue.severity != "error" for issue in found),
        issues=tuple(FoundIssue(issue.code, issue.message, issue.severity) for issue in found),
        suggestions=tuple(issue.suggestion for issue in found),
        length=len(input.prompt),
        token_estimate=reads.count(input.prompt),
        token_limit=reads.limit,
        tokens_exact=reads.exact,
        language=detect(input.prompt).language,
    )


def extract_negative(input: ExtractNegativeInput, context: Context) -> ExtractNegativeOutput:  # noqa: A002
    """The prompt without its negations, and what they were about."""
    found = negation.extract(input.prompt)
    return ExtractNegativeOutput(found.text, ", ".join(found.excluded), found.excluded)


def _model(wanted: str | None) -> str:
    return _entry(wanted, _now()).id


# Files are looked at once a second, not with every request: each look lets another thread go first, and a
# busy server would do little else.
def _now() -> int:
    return int(time.monotonic())


@lru_cache(maxsize=64)
def _entry(wanted: str | None, now: int) -> ModelEntry:
    return named(wanted or None, operation=_PAINTING)


@lru_cache(maxsize=64)
def _reader(model: str, now: int) -> Reader:
    return reader(_entry(model, now))
