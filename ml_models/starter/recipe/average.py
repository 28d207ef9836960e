"""A moving average of a model's weights, which samples better than the weights of the last step."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor
from torch.nn import Parameter


class Average:
    """The exponential moving average of parameters, short at first and up to `decay` later on."""

    def __init__(self, parameters: Iterable[Parameter], decay: float) -> None:
        self._parameters = list(parameters)
        self._decay = decay
        self.weights: list[Tensor] = [p.detach().clone() for p in self._parameters]

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Takes in the parameters as they are after `step` steps."""
        decay = min(self._decay, (1 + step) / (10 + step))
        torch._foreach_lerp_(self.weights, [p.detach() for p in self._parameters], 1 - decay)

    @torch.no_grad()
    def load(self, weights: list[Tensor]) -> None:
        """Goes on from an earlier average."""
        for own, other in zip(self.weights, weights, strict=True):
            own.copy_(other)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Inside the block the model has the averaged weights."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    def _swap(self) -> None:
        for p, average in zip(self._parameters, self.weights, strict=True):
            p.data, average.data = average.data, p.data
