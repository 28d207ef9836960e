from django.apps import AppConfig

from apps.background_removal.operations import (
    BATCH,
    REMOVE,
    BatchInput,
    BatchOutput,
    RemoveInput,
    RemoveOutput,
)
from core import operations
from core.model_manager.loaders import register_loader
from core.operations import Lane, Operation

OPERATIONS = (
    Operation(
        name=REMOVE,
        input=RemoveInput,
        output=RemoveOutput,
        handler="apps.background_removal.handlers.remove",
        prepare="apps.background_removal.services.prepare_remove",
        lane=Lane.CPU,
    ),
    Operation(
        name=BATCH,
        input=BatchInput,
        output=BatchOutput,
        handler="apps.background_removal.handlers.batch",
        prepare="apps.background_removal.services.prepare_batch",
        lane=Lane.CPU,
    ),
)


class BackgroundRemovalConfig(AppConfig):
    name = "apps.background_removal"
    label = "background_removal"
    verbose_name = "Background removal"

    def ready(self) -> None:
        register_loader("rembg", "apps.background_removal.loading.load")
        operations.register(*OPERATIONS)
