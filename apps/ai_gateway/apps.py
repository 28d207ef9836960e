from django.apps import AppConfig

from apps.ai_gateway.operations import RUN_PLAN, RunPlanInput, RunPlanOutput
from core import operations
from core.operations import Lane, Operation

OPERATIONS = (
    Operation(
        name=RUN_PLAN,
        input=RunPlanInput,
        output=RunPlanOutput,
        handler="apps.ai_gateway.running.run_plan",
        lane=Lane.DEVICE,
    ),
)


class AiGatewayConfig(AppConfig):
    name = "apps.ai_gateway"
    label = "ai_gateway"
    verbose_name = "AI gateway"

    def ready(self) -> None:
        operations.register(*OPERATIONS)
