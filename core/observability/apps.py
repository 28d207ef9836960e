from django.apps import AppConfig

from core import disk
from core.observability import health, metrics
from core.observability.database import check_database
from core.observability.logs import configure_structlog


class ObservabilityConfig(AppConfig):
    name = "core.observability"
    label = "observability"
    verbose_name = "Observability"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        configure_structlog()
        health.register("database", check_database)
        metrics.registry.register(disk.DiskCollector())
