"""Muon for matrices and convolution kernels, Adam for everything else, in one optimiser.

Muon: Keller Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024.
Adam: Kingma and Ba, 2015.
"""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter

ADAM_BETAS = 0.9, 0.98
ADAM_EPSILON = 1e-8
MOMENTUM = 0.95


def orthogonalise(matrices: Tensor) -> Tensor:
    """The nearest semi-orthogonal matrix to each of a batch (n, rows, columns), roughly.

    Five steps of the quintic Newton-Schulz iteration in bf16, with the coefficients of the Muon paper.
    """
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrices.bfloat16()
    x = x / (torch.linalg.vector_norm(x, dim=(-2, -1), keepdim=True) + 1e-7)
    tall = x.size(-2) > x.size(-1)
    if tall:
        x = x.mT
    for _ in range(5):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    nearest: Tensor = x.mT if tall else x
    return nearest.to(matrices.dtype)


class MuonAndAdam(torch.optim.Optimizer):
    """Steps its Muon group with orthogonalised momentum and its Adam group as usual.

    Muon's updates have a root mean square of 0.2, so one learning rate serves both.
    """

    def __init__(
        self, muon: list[Parameter], adam: list[Parameter], learning_rate: float, weight_decay: float
    ) -> None:
        groups = [
            {"params": muon, "muon": True, "weight_decay": weight_decay},
            {"params": adam, "muon": False, "weight_decay": 0.0},
        ]
        super().__init__(groups, {"lr": learning_rate})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """One step along the gradients; parameters without one stay as they are."""
        for group in self.param_groups:
            parameters = [p for p in group["params"] if p.grad is not None]
            if group["muon"]:
                self._step_muon(parameters, group["lr"], group["weight_decay"])
            else:
                self._step_adam(parameters, group["lr"])

    def set_learning_rate(self, learning_rate: float) -> None:
        """The learning rate of the steps from here on."""
        for group in self.param_groups:
            group["lr"] = learning_rate

    def _step_muon(self, parameters: list[Parameter], rate: float, weight_decay: float) -> None:
        # matrices of the same shape go through the iteration as one batch
        by_shape: dict[torch.Size, list[tuple[Parameter, Tensor]]] = {}
        for p in parameters:
            gradient, state = _gradient(p), self.state[p]
            momentum = state.setdefault("m", torch.zeros_like(p))
            momentum.lerp_(gradient, 1 - MOMENTUM)
            update = gradient.lerp(momentum, MOMENTUM).reshape(p.shape[0], -1)
            by_shape.setdefault(update.shape, []).append((p, update))
        for shape, pairs in by_shape.items():
            directions = orthogonalise(torch.stack([update for _, update in pairs]))
            size = rate * 0.2 * max(shape) ** 0.5
            for (p, _), direction in zip(pairs, directions, strict=True):
                p.mul_(1 - rate * weight_decay)
                p.add_(direction.reshape(p.shape), alpha=-size)

    def _step_adam(self, parameters: list[Parameter], rate: float) -> None:
        beta1, beta2 = ADAM_BETAS
        for p in parameters:
            gradient, state = _gradient(p), self.state[p]
            if not state:
                state.update(m=torch.zeros_like(p), v=torch.zeros_like(p), t=0)
            state["t"] += 1
            state["m"].lerp_(gradient, 1 - beta1)
            state["v"].mul_(beta2).addcmul_(gradient, gradient, value=1 - beta2)
            mean = state["m"] / (1 - beta1 ** state["t"])
            deviation = (state["v"] / (1 - beta2 ** state["t"])).sqrt_().add_(ADAM_EPSILON)
            p.addcdiv_(mean, deviation, value=-rate)


def _gradient(parameter: Parameter) -> Tensor:
    assert parameter.grad is not None
    return parameter.grad


def optimiser_for(
    named: Iterable[tuple[str, Parameter]], learning_rate: float, weight_decay: float, ends: tuple[str, ...]
) -> MuonAndAdam:
    """An optimiser for the named parameters.

    Hidden matrices and kernels go to Muon. Biases, norms, and whatever has one of `ends` in its name (the
    embeddings and the first and last layers) go to Adam.
    """
    muon: list[Parameter] = []
    adam: list[Parameter] = []
    for name, parameter in named:
        hidden = parameter.ndim >= 2 and not any(end in name for end in ends)
        (muon if hidden else adam).append(parameter)
    return MuonAndAdam(muon, adam, learning_rate, weight_decay)
