import os

from django.apps import AppConfig
from django.core.checks import register as register_check

from core import operations
from core.jobs import startup
from core.model_manager import health, leasing
from core.model_manager.metrics import ModelCollector
from core.model_manager.operations import LOAD, PULL, UNLOAD, ModelRef, ModelState
from core.model_manager.preload import preload
from core.observability.health import register as register_health
from core.observability.metrics import registry
from core.operations import Lane, Operation

OPERATIONS = (
    Operation(
        name=LOAD,
        input=ModelRef,
        output=ModelState,
        handler="core.model_manager.handlers.load",
        lane=Lane.DEVICE,
    ),
    Operation(
        name=UNLOAD,
        input=ModelRef,
        output=ModelState,
        handler="core.model_manager.handlers.unload",
        lane=Lane.DEVICE,
    ),
    Operation(
        name=PULL,
        input=ModelRef,
        output=ModelState,
        handler="core.model_manager.handlers.pull",
        lane=Lane.CPU,
    ),
)


class ModelManagerConfig(AppConfig):
    name = "core.model_manager"
    label = "model_manager"
    verbose_name = "Models"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Before anything imports huggingface_hub: only a pull, in a process of its own, reaches the hub.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        operations.register(*OPERATIONS)
        startup.register(leasing.report_to)
        startup.register(preload)
        register_check(health.catalogue_is_valid, "catalogue")
        registry.register(ModelCollector())
        register_health("default_model", health.default_model)
