from django.apps import AppConfig

from apps.image_generation.operations import GENERATE, GenerateInput, GenerateOutput
from apps.image_generation.statistics import report_to
from core import operations
from core.jobs import startup
from core.model_manager.loaders import register_loader


class ImageGenerationConfig(AppConfig):
    name = "apps.image_generation"
    label = "image_generation"
    verbose_name = "Image generation"

    def ready(self) -> None:
        register_loader(
            "diffusers.text-to-image",
            "apps.image_generation.loading.load",
            tuner="apps.image_generation.loading.tune",
        )
        startup.register(report_to)
        operations.register(
            operations.Operation(
                name=GENERATE,
                input=GenerateInput,
                output=GenerateOutput,
                handler="apps.image_generation.services.generate",
                prepare="apps.image_generation.services.prepare_generation",
                lane=operations.Lane.DEVICE,
            )
        )
