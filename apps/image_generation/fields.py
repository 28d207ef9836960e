"""Fields that only this app needs."""

from typing import Any

from apps.image_generation.schedulers import SCHEDULERS
from core.api.fields import ChoiceField

_NAMES = {scheduler.title.lower(): name for name, scheduler in SCHEDULERS.items()}


class SchedulerField(ChoiceField):
    """A scheduler's name, from that or from its title (`DPM++ 2M`)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=sorted(SCHEDULERS), **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value(_NAMES.get(data.lower(), data) if isinstance(data, str) else data)
