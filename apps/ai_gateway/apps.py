from django.apps import AppConfig


class AiGatewayConfig(AppConfig):
    name = "apps.ai_gateway"
    label = "ai_gateway"
    verbose_name = "AI gateway"
