from django.apps import AppConfig
from django.utils.module_loading import import_string

from apps.image_generation.batching_statistics import report_to
from apps.image_generation.editing.operations import EDIT, EditInput, EditOutput
from apps.image_generation.loras.operations import TRAIN, TrainInput, TrainOutput
from apps.image_generation.openai.errors import OPENAI_PATHS, shape
from apps.image_generation.operations import GENERATE, VARY, GenerateInput, GenerateOutput
from core import operations
from core.api.errors import shape_errors
from core.jobs import startup
from core.jobs.links import Link
from core.model_manager.loaders import register_loader
from core.operations import Lane, Operation

OPERATIONS = (
    Operation(
        name=GENERATE,
        input=GenerateInput,
        output=GenerateOutput,
        handler="apps.image_generation.handlers.generate",
        prepare="apps.image_generation.services.prepare_generation",
        lane=Lane.DEVICE,
    ),
    Operation(
        name=VARY,
        input=GenerateInput,
        output=GenerateOutput,
        handler="apps.image_generation.handlers.generate",
        prepare="apps.image_generation.services.prepare_variations",
        lane=Lane.DEVICE,
    ),
    Operation(
        name=EDIT,
        input=EditInput,
        output=EditOutput,
        handler="apps.image_generation.editing.handler.edit",
        prepare="apps.image_generation.editing.services.prepare_edit",
        lane=Lane.DEVICE,
    ),
    Operation(
        name=TRAIN,
        input=TrainInput,
        output=TrainOutput,
        handler="apps.image_generation.loras.training.train",
        prepare="apps.image_generation.loras.planning.prepare_training",
        lane=Lane.TRAINING,
    ),
)


class ImageGenerationConfig(AppConfig):
    name = "apps.image_generation"
    label = "image_generation"
    verbose_name = "Image generation"

    def ready(self) -> None:
        shape_errors(OPENAI_PATHS, shape)
        register_loader(
            "diffusers.text-to-image",
            "apps.image_generation.loading.load",
            tuner="apps.image_generation.loading.tune",
        )
        register_loader("replicate", "apps.image_generation.remote_loading.load")
        startup.register(report_to)
        startup.register(_sweep_checkpoints)
        operations.register(*OPERATIONS)


def _sweep_checkpoints(link: Link) -> None:
    """A worker's start hook, by its dotted path: models cannot be imported yet where apps are described."""
    import_string("apps.image_generation.loras.checkpoints.sweep")()
