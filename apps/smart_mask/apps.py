from django.apps import AppConfig

from apps.smart_mask.operations import CREATE, PREPARE, CreateInput, CreateOutput, PrepareInput, PrepareOutput
from core import operations
from core.images import preparations
from core.model_manager.loaders import register_loader
from core.operations import Lane, Operation

OPERATIONS = (
    Operation(
        name=CREATE,
        input=CreateInput,
        output=CreateOutput,
        handler="apps.smart_mask.masking.create",
        prepare="apps.smart_mask.services.prepare_create",
        lane=Lane.CPU,
    ),
    Operation(
        name=PREPARE,
        input=PrepareInput,
        output=PrepareOutput,
        handler="apps.smart_mask.masking.prepare",
        prepare="apps.smart_mask.services.prepare_embedding",
        lane=Lane.CPU,
    ),
)


class SmartMaskConfig(AppConfig):
    name = "apps.smart_mask"
    label = "smart_mask"
    verbose_name = "Smart mask"

    def ready(self) -> None:
        register_loader("transformers.sam", "apps.smart_mask.loading.load_sam")
        register_loader("transformers.sam2", "apps.smart_mask.loading.load_sam2")
        register_loader("onnx.mobile-sam", "apps.smart_mask.loading.load_mobile_sam")
        operations.register(*OPERATIONS)
        preparations.register("smart-mask", PREPARE)
