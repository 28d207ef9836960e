from django.apps import AppConfig

from apps.face_swap.operations import DETECT, SWAP, DetectInput, DetectOutput, SwapInput, SwapOutput
from core import operations
from core.model_manager.loaders import register_loader
from core.operations import Lane, Operation

OPERATIONS = (
    Operation(
        name=DETECT,
        input=DetectInput,
        output=DetectOutput,
        handler="apps.face_swap.services.detect",
        prepare="apps.face_swap.services.prepare_detect",
        lane=Lane.CPU,
    ),
    Operation(
        name=SWAP,
        input=SwapInput,
        output=SwapOutput,
        handler="apps.face_swap.services.swap",
        prepare="apps.face_swap.services.prepare_swap",
        lane=Lane.CPU,
    ),
)


class FaceSwapConfig(AppConfig):
    name = "apps.face_swap"
    label = "face_swap"
    verbose_name = "Face swap"

    def ready(self) -> None:
        register_loader("face-swap.yunet", "apps.face_swap.loading.load_yunet")
        register_loader("face-swap.inswapper", "apps.face_swap.loading.load_inswapper")
        operations.register(*OPERATIONS)
