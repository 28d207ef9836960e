from django.apps import AppConfig


class ImageProcessingConfig(AppConfig):
    name = "apps.image_processing"
    label = "image_processing"
    verbose_name = "Image processing"
