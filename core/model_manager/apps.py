from django.apps import AppConfig


class ModelManagerConfig(AppConfig):
    name = "core.model_manager"
    label = "model_manager"
    verbose_name = "Models"
    default_auto_field = "django.db.models.BigAutoField"
