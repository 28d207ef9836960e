"""What a task of `edit/` is: what it asks of a request, and what it begins with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from PIL import Image

from apps.image_generation.editing.operations import TaskType
from apps.image_generation.sizes import Padding


@dataclass(frozen=True)
class Given:
    """The pictures of a request. `picture` is RGB; `mask` is L and of its size, white where it is to change.

    `reference` is RGB or RGBA, `reference_mask` L and of its size, white where the object is.
    """

    picture: Image.Image
    mask: Image.Image | None = None
    reference: Image.Image | None = None
    reference_mask: Image.Image | None = None
    padding: Padding = (0, 0, 0, 0)


@dataclass(frozen=True)
class Start:
    """What the model paints over, or else the result itself. `mask` (L) confines it; None: all of it.

    `made_by` names what made the canvas, if not the client.
    """

    canvas: Image.Image
    mask: Image.Image | None
    made_by: str = ""


class Aside(Protocol):
    """Runs another app's operation for its picture, under the edit's own context."""

    def __call__(self, operation: str, **fields: Any) -> tuple[Image.Image, str]:
        """The picture (RGB or RGBA) that it makes, and what made it. A picture among `fields` is an Image."""


@dataclass(frozen=True)
class Task:
    """One `task_type`. `strength`: how far the model goes if the request does not say; None: not at all.

    `paints` is False where no model could help; `asks_others`: another app's operation makes the canvas;
    `needs_surroundings`: the mask must leave something of the picture.
    """

    name: TaskType
    begin: Callable[[Given, Aside], Start]
    strength: float | None = None
    needs_words: bool = False
    needs_mask: bool = False
    needs_reference: bool = False
    needs_padding: bool = False
    takes_mask: bool = True
    needs_surroundings: bool = False
    paints: bool = True
    asks_others: bool = False
