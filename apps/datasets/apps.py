from django.apps import AppConfig

from apps.datasets.operations import (
    GENERATE,
    IMAGES,
    GenerateInput,
    GenerateOutput,
    ImagesInput,
    ImagesOutput,
)
from core import operations
from core.operations import Lane, Operation

OPERATIONS = (
    Operation(
        name=GENERATE,
        input=GenerateInput,
        output=GenerateOutput,
        handler="apps.datasets.making.generate",
        prepare="apps.datasets.services.prepare_generation",
        lane=Lane.DEVICE,
    ),
    Operation(
        name=IMAGES,
        input=ImagesInput,
        output=ImagesOutput,
        handler="apps.datasets.services.images",
        prepare="apps.datasets.services.prepare_images",
        lane=Lane.INLINE,
    ),
)


class DatasetsConfig(AppConfig):
    name = "apps.datasets"
    label = "datasets"
    verbose_name = "Datasets"

    def ready(self) -> None:
        operations.register(*OPERATIONS)
