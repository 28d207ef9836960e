from django.apps import AppConfig

from apps.prompt_refinement import operations as prompts
from core import operations
from core.operations import Lane, Operation

OPERATIONS = (
    Operation(
        name=prompts.REFINE,
        input=prompts.RefineInput,
        output=prompts.RefineOutput,
        handler="apps.prompt_refinement.services.refine",
        prepare="apps.prompt_refinement.services.prepare_refinement",
        lane=Lane.INLINE,
    ),
    Operation(
        name=prompts.VALIDATE,
        input=prompts.ValidateInput,
        output=prompts.ValidateOutput,
        handler="apps.prompt_refinement.services.validate",
        prepare="apps.prompt_refinement.services.prepare_validation",
        lane=Lane.INLINE,
    ),
    Operation(
        name=prompts.EXTRACT_NEGATIVE,
        input=prompts.ExtractNegativeInput,
        output=prompts.ExtractNegativeOutput,
        handler="apps.prompt_refinement.services.extract_negative",
        prepare="apps.prompt_refinement.services.prepare_extraction",
        lane=Lane.INLINE,
    ),
)


class PromptRefinementConfig(AppConfig):
    name = "apps.prompt_refinement"
    label = "prompt_refinement"
    verbose_name = "Prompt refinement"

    def ready(self) -> None:
        operations.register(*OPERATIONS)
