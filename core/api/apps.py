from django.apps import AppConfig

from core.api.daphne_flow import send_as_it_is_read
from core.api.daphne_limit import drop_refused_bodies


class APIConfig(AppConfig):
    name = "core.api"
    label = "api"
    verbose_name = "API conventions"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        drop_refused_bodies()
        send_as_it_is_read()
