from django.apps import AppConfig


class SmartMaskConfig(AppConfig):
    name = "apps.smart_mask"
    label = "smart_mask"
    verbose_name = "Smart mask"
