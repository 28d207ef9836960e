from django.apps import AppConfig
from django.utils.module_loading import import_string

from core.jobs import health
from core.observability.health import register as register_health


class JobsConfig(AppConfig):
    name = "core.jobs"
    label = "jobs"
    verbose_name = "Jobs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_string("core.jobs.metrics.register")()  # models cannot be imported where apps are described
        register_health("worker", health.worker)
        register_health("events", health.events)
