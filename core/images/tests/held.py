"""Which Pictures are held after a piece of work, while no garbage collection tidies up behind it."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from core.images.picture import Picture


@contextmanager
def no_picture_stays() -> Iterator[None]:
    """Fails when the block leaves a Picture behind that was not there before."""
    gc.collect()
    gc.disable()
    try:
        before = _pictures()  # what other tests keep
        yield
        assert not [each for each in _pictures() if all(each is not other for other in before)]
    finally:
        gc.enable()


def _pictures() -> list[Picture]:
    return [each for each in gc.get_objects() if type(each) is Picture]  # isinstance wakes lazy objects
