"""What goes into and comes out of this app's operations."""

from dataclasses import dataclass
from typing import Literal

from core.operations import Input

REFINE = "prompt_refinement.refine"
VALIDATE = "prompt_refinement.validate"
EXTRACT_NEGATIVE = "prompt_refinement.extract_negative"

Method = Literal["auto", "rule_based", "llm"]


@dataclass(frozen=True)
class RefineInput(Input):
    """`style` is a style's name, or any words, or "". `model` is the catalogue id of the model that will read
    the prompt.
    """

    prompt: str
    style: str
    model: str
    method: Method


@dataclass(frozen=True)
class RefineOutput:
    """`method_used` is `rule_based` or `llm`, `note` why it is not the one that was asked for.

    `confidence_score` goes from 0 to 1, `processing_time` is in seconds, `language` is en, vi or und.
    """

    original_prompt: str
    refined_prompt: str
    negative_prompt: str
    confidence_score: float
    method_used: Literal["rule_based", "llm"]
    processing_time: float
    language: str
    note: str


@dataclass(frozen=True)
class ValidateInput(Input):
    """`model` is the catalogue id of the model that will read the prompt."""

    prompt: str
    model: str


@dataclass(frozen=True)
class FoundIssue:
    """`severity` is `error` (the prompt will be refused) or `warning`."""

    code: str
    message: str
    severity: Literal["error", "warning"]


@dataclass(frozen=True)
class ValidateOutput:
    """`length` in characters. The model reads `token_limit` tokens; an estimate is not `tokens_exact`."""

    valid: bool
    issues: tuple[FoundIssue, ...]
    suggestions: tuple[str, ...]
    length: int
    token_estimate: int
    token_limit: int
    tokens_exact: bool
    language: str


@dataclass(frozen=True)
class ExtractNegativeInput(Input):
    """A prompt that may say what it does not want."""

    prompt: str


@dataclass(frozen=True)
class ExtractNegativeOutput:
    """`prompt` without its negations; `extracted`, what they were about; `negative_prompt`, that joined."""

    prompt: str
    negative_prompt: str
    extracted: tuple[str, ...]
