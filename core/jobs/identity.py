"""Names that tell which installation and which of its processes holds a row."""

import os
from uuid import uuid4

from django.conf import settings

from core.write_once import write_once


def installation() -> str:
    """A name of this installation that outlives its processes, kept beside its database and lock."""
    return write_once(settings.STUDIO_STATE_ROOT / "installation", lambda: uuid4().hex[:12])


def process_name() -> str:
    """A name that no other process, here or on another machine, has or will have."""
    return f"{installation()}:{os.getpid()}:{uuid4().hex[:8]}"
