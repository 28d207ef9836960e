"""Fixtures every test may use."""

import os
import tempfile
from pathlib import Path

# Tests never touch a developer's own database, uploads or secret key: set before Django reads its settings.
_SCRATCH = Path(tempfile.mkdtemp(prefix="studio-tests-"))
os.environ["STUDIO_STATE_ROOT"] = str(_SCRATCH / "state")
os.environ["STUDIO_MEDIA_ROOT"] = str(_SCRATCH / "media")
