"""Names that tell which installation and which of its processes holds a row."""

import os
from uuid import uuid4

from django.conf import settings


def installation() -> str:
    """A name of this installation that outlives its processes, kept beside its database and lock."""
    path = settings.STUDIO_STATE_ROOT / "installation"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{uuid4().hex}")
        fresh.write_text(uuid4().hex[:12], encoding="ascii")
        try:
            os.link(fresh, path)  # atomic, and the first one wins
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return str(path.read_text(encoding="ascii"))


def process_name() -> str:
    """A name that no other process, here or on another machine, has or will have."""
    return f"{installation()}:{os.getpid()}:{uuid4().hex[:8]}"
