"""The engine behind a model's name. Called by the handlers, in the worker."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

from apps.face_swap.engines.blending import Blending
from apps.face_swap.engines.haar import Haar
from apps.face_swap.faces import Swapper
from apps.face_swap.operations import HAAR
from core.model_manager.leasing import lease


@contextmanager
def swapper(model: str, waiting: Callable[[str], None]) -> Iterator[Swapper]:
    """What finds and swaps faces for `model`, loaded. Raises what a lease does."""
    if model == HAAR:
        yield _haar()
        return
    with lease(model, waiting) as loaded:
        yield loaded


@cache
def _haar() -> Swapper:
    return Blending(Haar())
