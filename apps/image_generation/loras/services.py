"""The face of the LoRAs: list them, choose some for a request."""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.image_generation.loras import folder
from apps.image_generation.loras.folder import Installed
from apps.image_generation.loras.operations import LoraUse
from apps.image_generation.painting import Lora
from core.exceptions import InvalidInput
from core.model_manager.entries import ModelEntry

# The loader whose models take LoRAs.
LOADER = "diffusers.text-to-image"


def installed() -> list[Installed]:
    """Every LoRA in the folder, by name; those that cannot be used say why."""
    return folder.installed()


def chosen(wanted: Sequence[Mapping[str, Any]], lora_scale: float, entry: ModelEntry) -> tuple[LoraUse, ...]:
    """What a request's `loras` (`{"name", "scale"}` each) and `lora_scale` come to, for a model `entry`.

    Raises InvalidInput (field `loras`) for one that is not here, is there twice, or cannot be used, and for a
    model that takes none. Whether a LoRA fits the model is seen when it is loaded.
    """
    names = [each["name"] for each in wanted]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise InvalidInput.for_field("loras", f"The LoRA {twice} is there twice.")
    if names and entry.loader != LOADER:
        raise InvalidInput.for_field("loras", f"{entry.id} takes no LoRAs.", code="no_loras")
    return tuple(
        LoraUse(folder.get(each["name"]).name, each.get("scale", 1.0) * lora_scale) for each in wanted
    )


def to_paint_with(uses: Sequence[LoraUse]) -> tuple[Lora, ...]:
    """The same for a `Painting`. Raises InvalidInput when one has gone meanwhile."""
    return tuple(Lora(use.name, use.scale, folder.get(use.name).file) for use in uses)


def described(uses: Sequence[LoraUse]) -> dict[str, Any]:
    """The same for a picture's metadata; empty without any."""
    return {"loras": [{"name": use.name, "scale": use.scale} for use in uses]} if uses else {}
