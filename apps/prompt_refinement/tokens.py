"""How many tokens of a prompt a model reads: counted by the model's own tokenizer, or estimated without it.

What lies behind a text encoder's limit is cut off without a word, so a prompt had better fit.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Protocol

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

from apps.prompt_refinement.rulebook import limits
from core.model_manager.entries import ModelEntry

# Longer than any text encoder reads: transformers' "no limit" is 1e30.
_LONGEST = 100_000
_PIECE = re.compile(r"[^\W_]+|[^\w\s]|_")
# CLIP's own pattern (openai/CLIP, simple_tokenizer.py).
_UNKNOWN = "<|endoftext|>"
_CLIP_WORDS = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


class Count(Protocol):
    """The number of tokens of a text, without the special ones that the tokenizer adds."""

    def __call__(self, text: str) -> int: ...


@dataclass(frozen=True)
class Reader:
    """What a model reads of a prompt: at most `limit` tokens, special ones left out.

    `exact` is False where the model's tokenizer is not on this disk. `quality` says whether quality terms
    mean anything to the model.
    """

    count: Count
    limit: int
    exact: bool
    quality: bool

    def fits(self, text: str) -> bool:
        """Whether the model reads `text` to its end."""
        return self.count(text) <= self.limit

    @cached_property
    def _cost(self) -> Count:
        """Tokens of a term behind its comma. Terms are few, so they are counted once."""
        return lru_cache(maxsize=1024)(lambda text: self.count(f", {text}"))

    def extended(self, text: str, terms: Iterable[str]) -> str:
        """`text` and, after commas, those of `terms` that the model would still read."""
        spent = self.count(text) if text else 0
        for term in terms:
            longer = f"{text.rstrip(' .,;')}, {term}" if text else term
            cost = spent + self._cost(term)
            if cost > self.limit and not text[-1:].isalnum():
                cost = self.count(longer)  # it may be less: a comma can join the mark before it in one token
            if cost <= self.limit:
                text, spent = longer, cost
        return text


def reader(entry: ModelEntry) -> Reader:
    """How the text encoder of `entry` reads. A tokenizer is loaded once, and again when its file changes."""
    rules = limits()
    family: Mapping[str, Any] = {**rules["default"], **rules["family"].get(entry.family, {})}
    folder = entry.folder() / family["tokenizer"]
    return _reader(folder, _stamp(folder), family["tokens"], family["special"], family["quality"])


@lru_cache(maxsize=32)
def _reader(folder: Path, stamp: object, tokens: int, special: int, quality: bool) -> Reader:
    config = _json(folder / "tokenizer_config.json")
    own_limit = config.get("model_max_length")
    if isinstance(own_limit, int | float) and special < own_limit < _LONGEST:
        tokens = int(own_limit)
    tokenizer = _tokenizer(folder, config) if stamp else None
    count = (lambda text: _counted(tokenizer, text)) if tokenizer else estimate
    return Reader(count=count, limit=tokens - special, exact=tokenizer is not None, quality=quality)


def estimate(text: str) -> int:
    """About how many tokens CLIP makes of `text`: see `estimate` in limits.toml."""
    known = limits()["estimate"]
    pieces = _PIECE.findall(text)
    words = sum(known["ascii_word"] if piece[0].isalnum() else 1 for piece in pieces)
    others = sum(not letter.isascii() for piece in pieces for letter in piece)
    tokens: float = words + known["other_letter"] * others
    return math.ceil(tokens)


def _counted(tokenizer: Tokenizer, text: str) -> int:
    return len(tokenizer.encode(text, add_special_tokens=False))


def _tokenizer(folder: Path, config: Mapping[str, Any]) -> Tokenizer | None:
    """From tokenizer.json, or from the older pair of files that most CLIP models bring."""
    if (folder / "tokenizer.json").is_file():
        try:
            tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception:  # the library has no class of its own for a file that it cannot read
            return None
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer
    vocabulary, merges = folder / "vocab.json", folder / "merges.txt"
    if config.get("tokenizer_class") == "CLIPTokenizer" and vocabulary.is_file() and merges.is_file():
        return _clip(vocabulary, merges)
    return None


def _clip(vocabulary: Path, merges: Path) -> Tokenizer:
    """CLIP's tokenizer as transformers builds it (convert_slow_tokenizer.CLIPConverter)."""
    model = models.BPE.from_file(str(vocabulary), str(merges), end_of_word_suffix="</w>", unk_token=_UNKNOWN)
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_CLIP_WORDS), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def _stamp(folder: Path) -> object:
    """Changes with the tokenizer; None where there is none."""
    for name in ("tokenizer.json", "vocab.json"):
        try:
            status = (folder / name).stat()
        except OSError:
            continue
        return name, status.st_mtime_ns, status.st_size
    return None


def _json(path: Path) -> dict[str, Any]:
    try:
        known = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}
