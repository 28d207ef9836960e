"""What the health endpoints say."""

from typing import Any

from rest_framework import serializers

from core.api.fields import ChoiceField


class StatusSerializer(serializers.Serializer[Any]):
    status = serializers.CharField(help_text="OK")


class PartSerializer(serializers.Serializer[Any]):
    ok = serializers.BooleanField()
    detail = serializers.CharField()


class ReadinessSerializer(serializers.Serializer[Any]):
    status = ChoiceField(["ready", "not_ready"])
    checks = serializers.DictField(child=PartSerializer(), help_text="Each part that can be down, by name.")


class NotReadySerializer(ReadinessSerializer):
    detail = serializers.CharField()
    code = serializers.CharField(help_text="not_ready")
    request_id = serializers.CharField()
