"""What a message may come with, and how its answer looks."""

from typing import Any

from rest_framework import serializers

from core.api.fields import StrictBooleanField, StrictCharField
from core.images.fields import PictureField, PictureSerializer
from core.images.serializers import SyncAnswerSerializer
from core.jobs.serializers import JobSerializer

LONGEST_MESSAGE = 2000
SESSION_ID = r"^[A-Za-z0-9_-]{1,64}$"


class ChatSerializer(SyncAnswerSerializer, PictureSerializer):
    """A message, and the pictures that it is about where the session has none."""

    message = StrictCharField(
        max_length=LONGEST_MESSAGE, help_text="What is wanted, in English or Vietnamese."
    )
    session_id = serializers.RegexField(
        SESSION_ID,
        required=False,
        help_text="Your own or an earlier answer's; without one a session begins.",
        error_messages={"invalid": "Use up to 64 letters, digits, '_' and '-'."},
    )
    image = PictureField(required=False, help_text="The picture to work on.")
    mask = PictureField(required=False, help_text="White: what is meant.")
    reference_image = PictureField(required=False, help_text="A second picture: a face, a background.")
    stream = StrictBooleanField(required=False, help_text="Answer 202 with a job to follow.")
    dry_run = StrictBooleanField(required=False, help_text="Plan, and do not run.")


class PlanStepSerializer(serializers.Serializer[Any]):
    intent = serializers.CharField()
    service = serializers.CharField(help_text="The operation that does it.")
    parameters = serializers.DictField()


class ChatImageSerializer(serializers.Serializer[Any]):
    image_bytes = serializers.CharField(help_text="Base64, or a URL with response_format=url.")
    image_id = serializers.UUIDField()


class ChatAnswerSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField(help_text="False where nothing could be done: see needs and response.")
    request_id = serializers.CharField()
    session_id = serializers.CharField()
    intent = serializers.CharField(help_text="Of the first step; or help, or unknown.")
    confidence = serializers.FloatField(min_value=0, max_value=1)
    language = serializers.ChoiceField(choices=("en", "vi"))
    plan = PlanStepSerializer(many=True)
    response = serializers.CharField(help_text="In the language of the message.")
    images = ChatImageSerializer(many=True, help_text="All that was made, in order; the last is the result.")
    needs = serializers.ListField(child=serializers.CharField(), help_text="What is missing.")


class ChatJobSerializer(ChatAnswerSerializer):
    job = JobSerializer()


class TurnSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()
    intent = serializers.CharField()
    response = serializers.CharField()
    plan = PlanStepSerializer(many=True)
    needs = serializers.ListField(child=serializers.CharField())
    image_ids = serializers.ListField(child=serializers.UUIDField())
    at = serializers.DateTimeField()


class SessionSerializer(serializers.Serializer[Any]):
    session_id = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    language = serializers.CharField()
    pictures = serializers.DictField(child=serializers.UUIDField(), help_text="At hand for the next message.")
    job = serializers.UUIDField(
        allow_null=True, help_text="The session's last streamed job, until it is asked about."
    )
    turns = TurnSerializer(many=True)


class IntentParameterSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    type = serializers.CharField()
    about = serializers.CharField()


class IntentSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    description = serializers.CharField()
    description_vi = serializers.CharField()
    service = serializers.CharField(allow_blank=True)
    examples = serializers.ListField(child=serializers.CharField())
    parameters = IntentParameterSerializer(many=True)
    needs = serializers.ListField(child=serializers.CharField(), help_text="What it cannot do without.")
