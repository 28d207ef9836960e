from django.apps import AppConfig


class PromptRefinementConfig(AppConfig):
    name = "apps.prompt_refinement"
    label = "prompt_refinement"
    verbose_name = "Prompt refinement"
