from django.apps import AppConfig
from django.utils.module_loading import import_string

from apps.image_generation.loras.operations import TRAIN, TrainInput, TrainOutput
from apps.image_generation.operations import GENERATE, GenerateInput, GenerateOutput
from apps.image_generation.statistics import report_to
from core import operations
from core.jobs import startup
from core.jobs.links import Link
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
        startup.register(_sweep_checkpoints)
        operations.register(
            operations.Operation(
                name=TRAIN,
                input=TrainInput,
                output=TrainOutput,
                handler="apps.image_generation.loras.training.train",
                prepare="apps.image_generation.loras.planning.prepare_training",
                lane=operations.Lane.TRAINING,
            )
        )


def _sweep_checkpoints(link: Link) -> None:
    """A worker's start hook, by its dotted path: models cannot be imported yet where apps are described."""
    import_string("apps.image_generation.loras.checkpoints.sweep")()
