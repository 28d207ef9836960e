"""What must be true before a model may be loaded. The web asks early, the manager asks again."""

from collections.abc import Collection

from django.conf import settings

from core.exceptions import LicenceNotAccepted, ModelMissing
from core.model_manager.entries import ModelEntry


def check(entry: ModelEntry) -> None:
    """What a job that leases `entry` would be told, before it is queued.

    Raises LicenceNotAccepted, and ModelMissing unless STUDIO_AUTO_PULL will get the files.
    """
    check_licence(entry, settings.STUDIO_ACCEPT_LICENCES)
    if not (settings.STUDIO_AUTO_PULL and entry.source.can_be_pulled):
        check_installed(entry)


def accepts_licence(entry: ModelEntry, accepted: Collection[str]) -> bool:
    """Whether commercial use is allowed, or `accepted` names the licence or the model (in any case)."""
    names = {name.strip().lower() for name in accepted}
    return entry.commercial_use or bool({entry.licence.lower(), entry.id} & names)


def check_licence(entry: ModelEntry, accepted: Collection[str]) -> None:
    """LicenceNotAccepted, with what to read and what to set, unless the licence is accepted."""
    if accepts_licence(entry, accepted):
        return
    raise LicenceNotAccepted(
        f"{entry.id} is licensed under {entry.licence}, which does not freely allow commercial use. "
        f"Whoever runs this studio can read {entry.licence_url or 'its licence'} and, if it fits, add "
        f"{entry.id} to STUDIO_ACCEPT_LICENCES."
    )


def check_installed(entry: ModelEntry) -> None:
    """ModelMissing, with what to do about it, when the files are not on this disk."""
    if entry.installed:
        return
    if entry.source.remote:
        raise ModelMissing(
            f"{entry.id} runs at replicate.com. Whoever runs this studio can set STUDIO_REPLICATE_TOKEN; "
            "what is asked of the model is then sent there, and paid for there."
        )
    if entry.source.can_be_pulled:
        raise ModelMissing(f"{entry.id} is not installed. Get it with: manage.py models pull {entry.id}")
    if entry.source.by_hand:
        raise ModelMissing(
            f"{entry.id} is not installed. Its files cannot be pulled: whoever has them puts them into the "
            f"folder {entry.id} of the models folder."
        )
    raise ModelMissing(
        f"The folder of {entry.id} is gone. Put it back, or: manage.py models add {entry.id} --path DIR"
    )
