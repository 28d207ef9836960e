"""Other apps' operations as means of an edit: their pictures are none of its results."""

from typing import Any

from PIL import Image

from core import operations
from core.images import codec, store
from core.images.encoding import encode
from core.images.picture import Picture
from core.images.provenance import declared_source
from core.operations import SavedImage, Step


class AsideStep(Step):
    """A step whose pictures are kept briefly, for whoever ran it; nobody is shown them, nor its history."""

    keeps_history = False

    def finished(self) -> dict[int, SavedImage]:
        return {}

    def save(
        self,
        index: int,
        data: bytes,
        *,
        format: str,  # noqa: A002
        width: int,
        height: int,
        seed: int | None = None,
    ) -> SavedImage:
        image = store.save(
            owner=self.owner, data=data, width=width, height=height, format=format, ttl=store.BRIEFLY
        )
        return SavedImage(index, image.pk, seed)


class AsideRunner:
    """The `Aside` of a task: runs an operation by name, under `step`."""

    def __init__(self, step: AsideStep) -> None:
        self._step = step
        self.is_trained = False  # whether a trained model has taken part

    def __call__(self, operation: str, **fields: Any) -> tuple[Image.Image, str]:
        brought = {
            name: Picture(encode(value, "png")) if isinstance(value, Image.Image) else value
            for name, value in fields.items()
        }
        work = operations.prepare(operation, owner=self._step.owner, **brought)
        output = operations.run(operation, work, self._step)
        data = store.read_by_id(output.images[0].image_id)
        self.is_trained |= declared_source(data) is not None
        return codec.decode(data), output.model
