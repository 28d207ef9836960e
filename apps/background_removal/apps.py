from django.apps import AppConfig


class BackgroundRemovalConfig(AppConfig):
    name = "apps.background_removal"
    label = "background_removal"
    verbose_name = "Background removal"
