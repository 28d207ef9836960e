from django.apps import AppConfig


class FaceSwapConfig(AppConfig):
    name = "apps.face_swap"
    label = "face_swap"
    verbose_name = "Face swap"
