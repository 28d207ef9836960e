"""Training a LoRA in the worker: from the pictures to a file in the folder."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import structlog

from apps.image_generation.loras import checkpoints, folder
from apps.image_generation.loras.operations import TrainInput, TrainOutput
from apps.image_generation.loras.teaching import Example, Plan, Teachable, Trainer
from apps.image_generation.painting import Painting
from apps.image_generation.sizes import fit, painted_size
from core.exceptions import InvalidInput
from core.images import store
from core.images.encoding import encode
from core.images.provenance import Provenance
from core.model_manager import catalogue
from core.model_manager.entries import ModelEntry
from core.model_manager.leasing import lease
from core.operations import Context, SavedImage

log = structlog.get_logger(__name__)

CHECKPOINT_EVERY = 25  # steps
# The log of a job holds every event: of a long training only so many steps are told.
MOST_REPORTS = 2000


def train(input: TrainInput, context: Context) -> TrainOutput:  # noqa: A002
    """Trains, saves samples on the way and the LoRA at the end. Goes on from the run's last checkpoint."""
    started = time.perf_counter()
    folder.make_writable()  # better now than after hours
    checkpoints.sweep()
    entry = catalogue.current().named(input.model)
    name, is_made = _place(input.name, context.run_id)
    samples, loss = context.finished(), None
    if not is_made:  # else an attempt was lost after its last step, and before its end was on record
        name, samples, loss = _trained(input, context, entry)
    checkpoints.path_of(context.run_id).unlink(missing_ok=True)
    return TrainOutput(
        images=tuple(samples[index] for index in sorted(samples)),
        model=entry.id,
        lora=name,
        metadata={
            "model": entry.id,
            "licence": entry.licence,
            "lora": name,
            "pictures": len(input.lessons),
            "max_train_steps": input.train_steps,
            "rank": input.rank,
            "learning_rate": input.learning_rate,
            "batch_size": input.batch_size,
            "loss": loss,
            "training_time": round(time.perf_counter() - started, 3),
        },
    )


def _trained(
    input: TrainInput,  # noqa: A002
    context: Context,
    entry: ModelEntry,
) -> tuple[str, dict[int, SavedImage], float | None]:
    """Trains the LoRA and puts it into the folder. Gives its name, its samples and its loss."""
    size = painted_size(input.width, input.height, entry.sizes)
    checkpoint = checkpoints.path_of(context.run_id)
    with lease(entry.id, waiting=context.loading) as painter:
        trainer = _trainer(painter, _plan(input, size), checkpoint)
        run = _Run(input, context, trainer, size, checkpoint, context.finished())
        run.to_the_end()
        name, _ = _place(input.name, context.run_id)
        trainer.export(folder.file_of(name), _header(input, entry, context.run_id))
    return name, run.samples, run.loss


def _trainer(painter: Teachable, plan: Plan, checkpoint: Path) -> Trainer:
    trainer = painter.trainer(plan)
    if not checkpoint.exists():
        return trainer
    try:
        trainer.restore(checkpoint)
    except ValueError:
        log.warning("checkpoint_unusable", checkpoint=checkpoint.name, exc_info=True)
        return painter.trainer(plan)
    log.info("training_goes_on", step=trainer.done)
    return trainer


@dataclass
class _Run:
    """One attempt at a training. `loss` is a mean that forgets: 0.9 of it and 0.1 of the newest step."""

    input: TrainInput
    context: Context
    trainer: Trainer
    size: tuple[int, int]
    checkpoint: Path
    samples: dict[int, SavedImage]
    loss: float | None = None

    def to_the_end(self) -> None:
        wanted, trainer = self.input, self.trainer
        self.context.loading(f"Looking at {len(wanted.lessons)} pictures")
        trainer.look_at(self._examples(), self.context.check)
        first, began = trainer.done, time.monotonic()
        self._sample()
        while trainer.done < wanted.train_steps:
            self._note(trainer.step())
            if trainer.done % CHECKPOINT_EVERY == 0:
                trainer.save(self.checkpoint)
            self._report((time.monotonic() - began) / (trainer.done - first))
            self._sample()

    def _note(self, loss: float) -> None:
        if not math.isfinite(loss):
            detail = f"The training went astray at step {self.trainer.done}. Try a smaller learning_rate."
            raise InvalidInput.for_field("learning_rate", detail, code="training_diverged")
        self.loss = round(loss if self.loss is None else 0.9 * self.loss + 0.1 * loss, 5)

    def _report(self, seconds_a_step: float) -> None:
        done, steps = self.trainer.done, self.input.train_steps
        if done % -(-steps // MOST_REPORTS) == 0 or done == steps:
            eta = round(seconds_a_step * (steps - done), 1)
            self.context.progress(done, steps, loss=self.loss or 0.0, eta=eta)
        self.context.check()

    def _examples(self) -> Iterator[Example]:
        """One decoded picture at a time: there may be a hundred."""
        for lesson in self.input.lessons:
            image = store.open_image(image_id=lesson.image_id, owner=self.context.owner)
            yield Example(fit(image.convert("RGB"), *self.size), lesson.caption)

    def _sample(self) -> None:
        """Paints what the last step makes due, unless an earlier attempt has."""
        wanted, done = self.input, self.trainer.done
        index = -(-done // wanted.sample_every) - 1
        if index in self.samples or done == 0 or (done % wanted.sample_every and done != wanted.train_steps):
            return
        painted = self.trainer.paint(
            _painting(wanted, self.size, self.context.share),
            scale=wanted.lora_scale,
            on_step=lambda step, steps: self.context.check(),
            check=self.context.check,
        )
        image = fit(painted.image, wanted.width, wanted.height)
        data = encode(image, "png", provenance=_provenance(wanted, done))
        size = {"width": wanted.width, "height": wanted.height}
        self.samples[index] = self.context.save(index, data, format="png", **size, seed=wanted.seed)


def _plan(input: TrainInput, size: tuple[int, int]) -> Plan:  # noqa: A002
    return Plan(
        rank=input.rank,
        learning_rate=input.learning_rate,
        seed=input.seed,
        width=size[0],
        height=size[1],
        batch_size=input.batch_size,
        accumulation=input.accumulation,
        checkpointing=input.checkpointing,
    )


def _painting(input: TrainInput, size: tuple[int, int], share: str) -> Painting:  # noqa: A002
    return Painting(
        prompt=input.prompt,
        negative_prompt=input.negative_prompt,
        width=size[0],
        height=size[1],
        steps=input.steps,
        guidance_scale=input.guidance_scale,
        seed=input.seed,
        share=share,
    )


def _provenance(input: TrainInput, step: int) -> Provenance:  # noqa: A002
    return Provenance(
        prompt=input.prompt,
        negative_prompt=input.negative_prompt,
        steps=input.steps,
        guidance_scale=input.guidance_scale,
        seed=input.seed,
        width=input.width,
        height=input.height,
        model=input.model,
        extra={"training_step": step, "lora_scale": input.lora_scale},
    )


def _header(input: TrainInput, entry: ModelEntry, run_id: str) -> dict[str, str]:  # noqa: A002
    return {
        "studio.base_model": entry.id,
        "studio.family": entry.family,
        "studio.trigger": input.prompt,
        "studio.run_id": run_id,
    }


def _place(wanted: str, run_id: str) -> tuple[str, bool]:
    """The name for the run's LoRA, with a number if somebody took it meanwhile; and whether it is there."""
    name, number = wanted, 1
    while folder.file_of(name).exists():
        if folder.header_of(name).get("studio.run_id") == run_id:
            return name, True
        number += 1
        name = f"{wanted[:90]}-{number}"
    return name, False
