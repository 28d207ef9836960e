from django.apps import AppConfig


class APIConfig(AppConfig):
    name = "core.api"
    label = "api"
    verbose_name = "API conventions"
    default_auto_field = "django.db.models.BigAutoField"
