from uuid import uuid4

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def forget_claims(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Whoever held them is gone, and all old rows get one and the same id: nobody may look for a job under it."""
    apps.get_model("api", "IdempotencyKey").objects.filter(status_code=None).delete()


class Migration(migrations.Migration):
    dependencies = [("api", "0001_initial")]

    operations = [
        migrations.RunPython(forget_claims, migrations.RunPython.noop),
        migrations.AddField("idempotencykey", "job_id", models.UUIDField(default=uuid4)),
    ]
