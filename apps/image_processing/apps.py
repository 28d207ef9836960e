from django.apps import AppConfig

from apps.image_processing.operations import PIPELINE, EditInput, EditOutput, operation_name
from apps.image_processing.tools import TOOLS
from core import operations
from core.model_manager.loaders import register_loader
from core.operations import Lane, Operation

_LANES = {tool.name: tool.lane for tool in TOOLS.values()} | {PIPELINE: Lane.CPU}

OPERATIONS = tuple(
    Operation(
        name=operation_name(name),
        input=EditInput,
        output=EditOutput,
        handler="apps.image_processing.services.edit",
        prepare=f"apps.image_processing.services.prepare_{name}",
        lane=lane,
    )
    for name, lane in _LANES.items()
)


class ImageProcessingConfig(AppConfig):
    name = "apps.image_processing"
    label = "image_processing"
    verbose_name = "Image processing"

    def ready(self) -> None:
        operations.register(*OPERATIONS)
        register_loader("onnx.object-removal", "apps.image_processing.loading.load_inpainter")
        register_loader("onnx.super-resolution", "apps.image_processing.loading.load_super_resolver")
