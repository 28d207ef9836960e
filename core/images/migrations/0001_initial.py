import uuid

from django.db import migrations, models

import core.images.models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="StoredImage",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("owner", models.CharField(max_length=64)),
                ("sha256", models.CharField(help_text="Of the bytes as they were given.", max_length=64)),
                ("file", models.FileField(max_length=200, upload_to=core.images.models.file_path)),
                ("width", models.PositiveIntegerField()),
                ("height", models.PositiveIntegerField()),
                ("format", models.CharField(help_text="png, jpeg or webp.", max_length=8)),
                ("bytes", models.PositiveBigIntegerField(help_text="As they are stored.")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("owner", "sha256"), name="one_image_per_owner_sha256")
                ],
            },
        ),
    ]
