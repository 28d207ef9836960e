"""How much a clause resembles examples, by its letters: what the rules do not know may still look familiar.

A linear classifier on character n-grams: ridge regression on TF-IDF vectors, solved in closed form, so that
the same examples always give the same answers. It is trained when it is first asked, in a fraction of a
second.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from core.language import fold

_LENGTHS = (3, 4, 5)
# Of the ridge; and what an example counts for the labels it does not have.
_PENALTY = 0.3
_OTHERWISE = -0.05
_LONGEST = 200  # characters that are looked at


@dataclass(frozen=True)
class Classifier:
    """Gives each label a score for a text: about 1 for an example of it, about 0 for a strange one."""

    labels: tuple[str, ...]
    columns: dict[str, int]
    weights: NDArray[np.float64]  # n-grams x labels
    rarity: NDArray[np.float64]

    def scores(self, text: str) -> dict[str, float]:
        """The score of every label."""
        found = _vector(Counter(_ngrams(text)), self.columns, self.rarity)
        if not found:
            return dict.fromkeys(self.labels, 0.0)
        rows = self.weights[list(found)]
        return dict(zip(self.labels, (np.array(list(found.values())) @ rows).tolist(), strict=True))


def train(examples: Sequence[tuple[str, str]]) -> Classifier:
    """A classifier of these (text, label) pairs."""
    counts = [Counter(_ngrams(text)) for text, _ in examples]
    appears = Counter(ngram for count in counts for ngram in count)
    columns = {ngram: column for column, ngram in enumerate(appears)}
    rarity = np.array([math.log(len(examples) / appears[ngram]) for ngram in columns])
    vectors = [_vector(count, columns, rarity) for count in counts]
    labels = tuple(sorted({label for _, label in examples}))
    matrix = sparse.csr_matrix(
        (
            np.concatenate([list(vector.values()) for vector in vectors]),
            np.concatenate([list(vector) for vector in vectors]).astype(int),
            np.cumsum([0, *(len(vector) for vector in vectors)]),
        ),
        shape=(len(examples), len(columns)),
    )
    wanted = np.where(
        np.array([[label == known for known in labels] for _, label in examples]), 1.0, _OTHERWISE
    )
    kernel = (matrix @ matrix.T).toarray()
    weights = matrix.T @ np.linalg.solve(kernel + _PENALTY * np.eye(len(examples)), wanted)
    return Classifier(labels, columns, np.asarray(weights), rarity)


def _ngrams(text: str) -> list[str]:
    plain = f" {' '.join(fold(text[:_LONGEST]).split())} "
    return [plain[at : at + length] for length in _LENGTHS for at in range(len(plain) - length + 1)]


def _vector(count: Counter[str], columns: dict[str, int], rarity: NDArray[np.float64]) -> dict[int, float]:
    """The text's TF-IDF vector of length 1, without its zeros."""
    raw = {
        columns[ngram]: math.log1p(times) * rarity[columns[ngram]]
        for ngram, times in count.items()
        if ngram in columns
    }
    length = math.sqrt(sum(value * value for value in raw.values()))
    return {column: float(value / length) for column, value in raw.items()} if length else {}
