"""Sets of labelled pictures: a row a set, a row a picture, the files on Django's default storage."""

import uuid

from django.db import models

FOLDER = "datasets"


class Dataset(models.Model):
    """One set. It is kept until its owner deletes it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.CharField(max_length=64)
    run_id = models.CharField(max_length=80, blank=True, help_text="The run that makes it.")
    request_id = models.CharField(max_length=128, blank=True)
    class_label = models.CharField(max_length=200)
    noise_level = models.FloatField(help_text="0 to 1; see docs/datasets.md.")
    output_size = models.PositiveSmallIntegerField(help_text="How many pictures were asked for.")
    seed = models.BigIntegerField(help_text="All of the set's seeds and prompts are drawn from it.")
    model = models.CharField(max_length=100)
    licence = models.CharField(max_length=100, help_text="Of the model.")
    output_directory = models.CharField(max_length=100, help_text="On the default storage.")
    file_count = models.PositiveSmallIntegerField(default=0, help_text="How many pictures there are.")
    generation_time = models.FloatField(default=0.0, help_text="Seconds, over all attempts.")
    device_used = models.CharField(max_length=40, blank=True)
    is_successful = models.BooleanField(default=False)
    error_message = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("-created_at",)
        indexes = (models.Index(fields=("owner", "-created_at"), name="dataset_owner"),)

    def __str__(self) -> str:
        return f"{self.class_label} ({self.id})"


class DatasetPicture(models.Model):
    """One picture of a set. Its file is written before the row, so a row always has its file."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="pictures")
    index = models.PositiveSmallIntegerField()
    seed = models.BigIntegerField()
    prompt = models.TextField()
    file = models.FileField(max_length=200)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    bytes = models.PositiveBigIntegerField()

    class Meta:
        ordering = ("index",)
        constraints = (
            models.UniqueConstraint(fields=("dataset", "index"), name="one_picture_per_dataset_index"),
            models.UniqueConstraint(fields=("dataset", "seed"), name="one_picture_per_dataset_seed"),
        )

    def __str__(self) -> str:
        return f"{self.index} of {self.dataset_id}"
