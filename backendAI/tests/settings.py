"""The settings that tests run under: the real ones, on scratch folders.

Tests never touch a developer's own database, uploads or secret key. pytest-django reads the settings before
any conftest, so the folders are set here.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

SCRATCH = Path(tempfile.mkdtemp(prefix="studio-tests-"))
atexit.register(shutil.rmtree, SCRATCH, ignore_errors=True)
os.environ["STUDIO_STATE_ROOT"] = str(SCRATCH / "state")
os.environ["STUDIO_MEDIA_ROOT"] = str(SCRATCH / "media")

from backendAI.settings import *  # noqa: E402, F403
