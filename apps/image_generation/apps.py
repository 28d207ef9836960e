from django.apps import AppConfig

from apps.image_generation.operations import GENERATE, GenerateInput, GenerateOutput
from core import operations
from core.model_manager.loaders import register_loader


class ImageGenerationConfig(AppConfig):
    name = "apps.image_generation"
    label = "image_generation"
    verbose_name = "Image generation"

    def ready(self) -> None:
        register_loader("diffusers.text-to-image", "apps.image_generation.engines.text_to_image.load")
        operations.register(
            operations.Operation(
                name=GENERATE,
                input=GenerateInput,
                output=GenerateOutput,
                handler="apps.image_generation.services.generate",
                lane=operations.Lane.DEVICE,
            )
        )
