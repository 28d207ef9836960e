import os

from django.apps import AppConfig
from django.core.checks import register as register_check

from core import operations
from core.jobs import startup
from core.model_manager import health, leasing
from core.model_manager.operations import LOAD, PULL, UNLOAD
from core.model_manager.preload import preload
from core.observability.health import register as register_health


class ModelManagerConfig(AppConfig):
    name = "core.model_manager"
    label = "model_manager"
    verbose_name = "Models"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Before anything imports huggingface_hub: only a pull, in a process of its own, reaches the hub.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        for operation in (LOAD, UNLOAD, PULL):
            operations.register(operation)
        startup.register(leasing.report_to)
        startup.register(preload)
        register_check(health.catalogue_is_valid, "catalogue")
        register_health("default_model", health.default_model)
