from django.apps import AppConfig


class ImageGenerationConfig(AppConfig):
    name = "apps.image_generation"
    label = "image_generation"
    verbose_name = "Image generation"
