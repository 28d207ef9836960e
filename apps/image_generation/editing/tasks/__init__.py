"""Every task of `edit/`, one file each."""

from collections.abc import Mapping

from apps.image_generation.editing.task import Task
from apps.image_generation.editing.tasks import (
    edit,
    inpaint,
    insertion,
    outpaint,
    removal,
    style_transfer,
    white_balance,
)

_MODULES = (edit, inpaint, insertion, removal, white_balance, style_transfer, outpaint)

TASKS: Mapping[str, Task] = {module.TASK.name: module.TASK for module in _MODULES}
