"""What must be true before a model may be loaded. The web asks early, the manager asks again."""

from collections.abc import Collection

from core.exceptions import LicenceNotAccepted, ModelMissing
from core.model_manager.entries import ModelEntry


def check_licence(entry: ModelEntry, accepted: Collection[str]) -> None:
    """LicenceNotAccepted unless commercial use is allowed or `accepted` names the licence or the id."""
    names = {name.strip().lower() for name in accepted}
    if entry.commercial_use or {entry.licence.lower(), entry.id} & names:
        return
    raise LicenceNotAccepted(
        f"{entry.id} is licensed under {entry.licence}, which does not freely allow commercial use. "
        f"Whoever runs this studio can read {entry.licence_url} and, if it fits, add {entry.id} to "
        "STUDIO_ACCEPT_LICENCES."
    )


def check_installed(entry: ModelEntry) -> None:
    """Raises ModelMissing, with what to do about it, when the files are not on this disk."""
    if entry.installed:
        return
    if entry.source.hub:
        raise ModelMissing(f"{entry.id} is not installed. Get it with: manage.py models pull {entry.id}")
    raise ModelMissing(
        f"The folder of {entry.id} is gone. Put it back, or: manage.py models add {entry.id} --path DIR"
    )
