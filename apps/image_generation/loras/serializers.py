"""What a request may say about LoRAs, and how an installed one looks."""

from typing import Any

from rest_framework import serializers

from core.api.fields import (
    MAX_SEED,
    FiniteFloatField,
    JSONListField,
    LimitedListField,
    ModelIdField,
    PromptField,
    StrictBooleanField,
    StrictIntegerField,
)
from core.api.serializers import StrictSerializer
from core.exceptions import TooLarge
from core.images.fields import PictureField
from core.images.picture import Picture
from core.jobs.serializers import JobSerializer


class LoraUseSerializer(StrictSerializer):
    name = serializers.RegexField(
        r"^[A-Za-z0-9._-]+$",
        max_length=100,
        help_text="See GET loras/.",
        error_messages={"invalid": "A LoRA's name has letters, digits, '.', '_' and '-'. See GET loras/."},
    )
    scale = FiniteFloatField(
        min_value=-4, max_value=4, required=False, help_text="1 (the default): as it was trained. 0: not."
    )


class LoraChoiceSerializer(serializers.Serializer[Any]):
    """What every request has that paints with a model: mix it in."""

    loras = JSONListField(
        child=LoraUseSerializer(),
        required=False,
        max_length=8,
        help_text="See GET loras/. In a form, the text of a JSON array.",
    )
    lora_scale = FiniteFloatField(
        min_value=0,
        max_value=4,
        required=False,
        help_text="Multiplies the scale of every LoRA; 1 by default.",
    )


class InstalledLoraSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    base_model = serializers.CharField(help_text="What it was trained on, where its header says so.")
    family = serializers.CharField(help_text="The architecture, where its header says so.")
    rank = serializers.IntegerField(allow_null=True)
    bytes = serializers.IntegerField()
    trigger = serializers.CharField(help_text="The words that it was trained with, where its header says so.")
    created = serializers.DateTimeField()
    problem = serializers.CharField(help_text="Why it cannot be used; empty when it can.")


MOST_PICTURES = 100
# Of all pictures of a request together: as many as 40 photos of a telephone have.
MOST_PIXELS = 500_000_000
NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"


class PicturesField(LimitedListField):
    """Pictures, each of which has been decoded and let go again: a hundred of them would fill the memory.

    Raises TooLarge for more than `MOST_PIXELS` in all.
    """

    child = PictureField()

    def run_child_validation(self, data: list[Any]) -> list[Picture]:
        pictures: list[Picture] = []
        errors: dict[Any, Any] = {}
        pixels = 0
        for number, each in enumerate(data):
            try:
                picture = self.child.run_validation(each)
            except serializers.ValidationError as error:
                errors[number] = error.detail
                continue
            pixels += picture.image.width * picture.image.height
            if pixels > MOST_PIXELS:
                raise TooLarge.for_field(
                    "images",
                    f"The pictures have more than {MOST_PIXELS:,} pixels in all.",
                    code="too_many_pixels",
                )
            pictures.append(Picture(picture.data))
        if errors:
            raise serializers.ValidationError(errors)
        return pictures


class TrainSerializer(StrictSerializer):
    """A training. The first fields are those of the sample pictures, and all needed."""

    prompt = PromptField(help_text="Of the samples, and of pictures without a caption.")
    negative_prompt = PromptField(allow_blank=True)
    num_inference_steps = StrictIntegerField(min_value=1, max_value=100)
    guidance_scale = FiniteFloatField(min_value=0, max_value=20)
    seed = StrictIntegerField(min_value=0, max_value=MAX_SEED, help_text="Of the training as well.")
    width = StrictIntegerField(min_value=128, max_value=2048, help_text="Pixels; also what it trains at.")
    height = StrictIntegerField(min_value=128, max_value=2048)
    lora_scale = FiniteFloatField(min_value=0, max_value=4, help_text="How strongly the samples show it.")
    images = PicturesField(min_length=1, max_length=MOST_PICTURES, required=False)
    image_ids = LimitedListField(
        child=serializers.UUIDField(),
        min_length=1,
        max_length=MOST_PICTURES,
        required=False,
        help_text="Instead of `images`: ids of images from POST /images/.",
    )
    dataset_id = serializers.UUIDField(required=False, help_text="Instead of `images`: a dataset of yours.")
    captions = LimitedListField(
        child=PromptField(),
        max_length=MOST_PICTURES,
        required=False,
        help_text="What each picture shows; by default the `prompt`.",
    )
    name = serializers.RegexField(
        NAME,
        max_length=80,
        required=False,
        help_text="What it is called in loras/; 409 if there is one.",
        error_messages={"invalid": "Use letters, digits, '.', '_' and '-'; a letter or digit first."},
    )
    model = ModelIdField()
    max_train_steps = StrictIntegerField(min_value=1, max_value=20_000, required=False)
    rank = StrictIntegerField(min_value=1, max_value=128, required=False)
    learning_rate = FiniteFloatField(min_value=1e-7, max_value=0.1, required=False)
    batch_size = StrictIntegerField(min_value=1, max_value=16, required=False)
    gradient_accumulation_steps = StrictIntegerField(min_value=1, max_value=16, required=False)
    gradient_checkpointing = StrictBooleanField(
        required=False, help_text="Less memory, a third slower. By default where the model is large."
    )
    sample_every = StrictIntegerField(
        min_value=1, max_value=20_000, required=False, help_text="Steps; by default a quarter of them."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        sources = [name for name in ("images", "image_ids", "dataset_id") if name in attrs]
        if len(sources) != 1:
            raise serializers.ValidationError(
                {"images": ["Give the pictures as images, image_ids or dataset_id: one of the three."]}
            )
        if "dataset_id" in attrs and "captions" in attrs:
            raise serializers.ValidationError({"captions": ["A dataset brings its own captions."]})
        return attrs


class TrainJobSerializer(JobSerializer):
    """The job of a training."""

    lora = serializers.CharField(help_text="The name that the LoRA will have.")
