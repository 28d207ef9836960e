"""Trains a LoRA for one model while that model goes on painting for others.

The adapter sits in a structure of its own around the shared weights (`engines.lora.clones`), which only it
changes: training costs its activations and an optimizer for the adapter, and no second copy of the model.
Every pass runs on the engine's thread, when its turn comes (`Engine.background`).
"""

import os
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
from safetensors.torch import save_file

from apps.image_generation.engines.batching import merging
from apps.image_generation.engines.batching.engine import Engine
from apps.image_generation.engines.lora.adapters import adapter_name, cloned, scaled
from apps.image_generation.engines.training import latents
from apps.image_generation.engines.training.conditions import Conditions, conditions
from apps.image_generation.engines.training.objectives import objective_of
from apps.image_generation.loras.teaching import Check, Example, Plan
from apps.image_generation.painting import OnStep, Painted, Painter, Painting

ADAPTER = adapter_name(0)
# The attention of every family, which is what LoRAs are usually made for. A small model has so little of it
# that its other layers are adapted as well.
LAYERS = ("to_q", "to_k", "to_v", "to_out.0")
MORE_IF_SMALL = ("proj_in", "proj_out", "ff.net.0.proj", "ff.net.2", "conv1", "conv2")
SMALL_PARAMETERS = 100_000_000
WEIGHT_DECAY = 1e-2  # AdamW's own default, as in diffusers' training scripts
LONGEST_GRADIENT = 1.0


class LoraTrainer:
    """See `Trainer`. `painter(pipeline)` makes a `Painter` of a pipeline on the same engine."""

    def __init__(
        self, pipeline: Any, plan: Plan, *, engine: Engine, denoiser: str, painter: Callable[[Any], Painter]
    ) -> None:
        self._plan = plan
        self._engine = engine
        self._part = denoiser
        self._painter = painter
        self._pipeline = cloned(pipeline)
        self._denoiser = getattr(self._pipeline, denoiser)
        # Where it computes: the weights themselves may wait elsewhere between two passes.
        self._device: torch.device = pipeline._execution_device
        self._weights = _with_adapter(self._denoiser, plan)
        if plan.checkpointing:
            self._denoiser.enable_gradient_checkpointing()
        self._objective = objective_of(pipeline.scheduler)
        self._optimizer = torch.optim.AdamW(
            self._weights.values(), lr=plan.learning_rate, weight_decay=WEIGHT_DECAY
        )
        # Half precision cannot hold small gradients: the loss is scaled up, and they are scaled down again.
        half = self._denoiser.dtype == torch.float16
        self._scaler = torch.amp.GradScaler(self._device.type, enabled=half)
        self._conditions: dict[str, Conditions] = {}
        self._examples: list[tuple[torch.Tensor, str]] = []
        self.done = 0

    def look_at(self, examples: Iterable[Example], check: Check) -> None:
        size = {"width": self._plan.width, "height": self._plan.height}
        for example in examples:
            check()
            if example.caption not in self._conditions:
                look = partial(conditions, self._pipeline, self._part, **size, prompt=example.caption)
                self._conditions[example.caption] = self._engine.background(look)
            like = self._conditions[example.caption].latents
            encode = partial(latents.encode, self._pipeline, example.image, like)
            encoded = self._engine.background(encode)
            self._examples.append((encoded, example.caption))

    def step(self) -> float:
        passes = range(self._plan.accumulation)
        losses = [self._engine.background(partial(self._pass, number)) for number in passes]
        self._engine.background(self._update)
        self.done += 1
        return sum(losses) / len(losses)

    def paint(self, painting: Painting, *, scale: float, on_step: OnStep, check: Check) -> Painted:
        painter = self._painter(scaled(self._pipeline, [scale]))
        return painter.paint(painting, on_step=on_step, check=check)

    def save(self, path: Path) -> None:
        state = {
            "weights": self._weights,
            "optimizer": self._optimizer.state_dict(),
            "scaler": self._scaler.state_dict(),
            "done": self.done,
        }
        _whole(path, lambda unfinished: torch.save(state, unfinished))

    def restore(self, path: Path) -> None:
        try:
            state = torch.load(path, map_location="cpu", weights_only=True)
            for name, weight in self._weights.items():
                weight.data.copy_(state["weights"][name])
            self._optimizer.load_state_dict(state["optimizer"])
            self._scaler.load_state_dict(state["scaler"])
            self.done = int(state["done"])
        except Exception as error:  # whatever torch makes of a damaged file
            raise ValueError(f"{path.name} cannot be gone on from: {error}") from error

    def export(self, path: Path, header: dict[str, str]) -> None:
        layers = get_peft_model_state_dict(self._denoiser, adapter_name=ADAPTER)
        named = {f"{self._part}.{name}": weight.detach().cpu() for name, weight in layers.items()}
        _whole(path, lambda unfinished: _save_safetensors(named, unfinished, header))

    def _pass(self, number: int) -> float:
        """Forward and backward for one batch; the gradients add up in the adapter."""
        plan = self._plan
        first = (self.done * plan.accumulation + number) * plan.batch_size
        groups: dict[Hashable, list[tuple[merging.Arguments, torch.Tensor]]] = defaultdict(list)
        for place in range(first, first + plan.batch_size):
            encoded, caption = self._examples[self._order(place)]
            task = self._objective.task(encoded.to(self._device), _generator(plan.seed, 1, place))
            args, kwargs = self._conditions[caption].at(task.seen, task.timestep)
            # QwenImage's texts are as long as they are: those of another length need a pass of their own.
            groups[merging.signature(args, kwargs, 1)].append(((args, kwargs), task.target))
        losses = [self._backward(group) * len(group) for group in groups.values()]
        return sum(losses) / plan.batch_size

    def _backward(self, group: Sequence[tuple[merging.Arguments, torch.Tensor]]) -> float:
        """Adds the gradients of these, which can share a pass; gives their mean loss."""
        share = len(group) / (self._plan.batch_size * self._plan.accumulation)
        with torch.enable_grad():
            args, kwargs = merging.merge([call for call, _ in group], [1] * len(group))
            answer = self._denoiser(*args, **kwargs)[0].float()
            loss = torch.nn.functional.mse_loss(answer, torch.cat([target for _, target in group]))
            torch.autograd.backward(self._scaler.scale(loss * share))
        return float(loss.detach())

    def _update(self) -> None:
        self._scaler.unscale_(self._optimizer)
        torch.nn.utils.clip_grad_norm_(self._weights.values(), LONGEST_GRADIENT)
        self._scaler.step(self._optimizer)
        self._scaler.update()
        self._optimizer.zero_grad(set_to_none=True)

    def _order(self, place: int) -> int:
        """Which example is the `place`th: all of them in another order each round."""
        count = len(self._examples)
        shuffled = torch.randperm(count, generator=_generator(self._plan.seed, 2, place // count))
        return int(shuffled[place % count])


def _with_adapter(denoiser: Any, plan: Plan) -> dict[str, torch.nn.Parameter]:
    """Puts a new adapter into `denoiser`; gives its weights by name, in float32 whatever the model has."""
    small = denoiser.num_parameters() < SMALL_PARAMETERS
    layers = [*LAYERS, *(MORE_IF_SMALL if small else ())]
    denoiser.add_adapter(
        LoraConfig(r=plan.rank, lora_alpha=plan.rank, target_modules=layers), adapter_name=ADAPTER
    )
    weights = {name: weight for name, weight in denoiser.named_parameters() if ADAPTER in name}
    generator = _generator(plan.seed, 0, 0)
    for name, weight in sorted(weights.items()):
        start = torch.zeros(weight.shape)
        if "lora_A" in name:  # and B is zero: the first step begins with the model as it is
            start.normal_(0, 1 / plan.rank, generator=generator)
        weight.data = start.to(weight.device)
    return weights


def _generator(seed: int, purpose: int, number: int) -> torch.Generator:
    return torch.Generator().manual_seed((seed * 3 + purpose) * 2**24 + number)


def _save_safetensors(tensors: dict[str, torch.Tensor], path: Path, header: dict[str, str]) -> None:
    save_file(
        {name: tensor.contiguous() for name, tensor in tensors.items()}, path, {"format": "pt", **header}
    )


def _whole(path: Path, write: Callable[[Path], object]) -> None:
    """Writes beside `path` and moves it there once it is on the disk: a crash leaves no half a file."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    try:
        write(unfinished)
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:  # on a full disk, above all, it must not stay
        unfinished.unlink(missing_ok=True)
        raise
