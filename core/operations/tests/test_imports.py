"""The web process stays light: torch is for the worker, and every dotted path leads somewhere."""

import subprocess
import sys

from django.conf import settings

PROBE = """
import sys, django
django.setup()
from django.urls import get_resolver
get_resolver().url_patterns
import backendAI.asgi
loaded = {name.split(".")[0] for name in sys.modules}
heavy = loaded & {"torch", "diffusers", "transformers", "accelerate"}
assert not heavy, heavy
from core import operations
from core.model_manager import loaders
for name in operations.names():
    operations.get(name).run
for key in loaders.keys():
    loaders.get_loader(key)
assert "torch" in sys.modules, "the loaders were resolved"
print(operations.names())
"""


def test_torch_is_not_imported_and_every_dotted_path_resolves() -> None:
    run = subprocess.run(
        [sys.executable, "-c", PROBE],
        cwd=settings.BASE_DIR,
        env={
            "DJANGO_SETTINGS_MODULE": "backendAI.settings",
            "STUDIO_STATE_ROOT": str(settings.STUDIO_STATE_ROOT),
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stderr
    assert "image_generation.generate" in run.stdout
