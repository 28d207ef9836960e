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


class DatasetsConfig(AppConfig):
    name = "apps.datasets"
    label = "datasets"
    verbose_name = "Datasets"

    def ready(self) -> None:
        operations.register(
            operations.Operation(
                name=GENERATE,
                input=GenerateInput,
                output=GenerateOutput,
                handler="apps.datasets.making.generate",
                prepare="apps.datasets.services.prepare_generation",
                lane=operations.Lane.DEVICE,
            )
        )
        operations.register(
            operations.Operation(
                name=IMAGES,
                input=ImagesInput,
                output=ImagesOutput,
                handler="apps.datasets.services.images",
                prepare="apps.datasets.services.prepare_images",
                lane=operations.Lane.INLINE,
            )
        )
