"""Is the studio able to work? Each part that can be down registers a check from its AppConfig.ready()."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Health:
    """The state of one part; `detail` is one sentence that anyone may read, so without addresses or paths."""

    ok: bool
    detail: str


Check = Callable[[], Health]

_checks: dict[str, Check] = {}


def register(name: str, check: Check) -> None:
    """Makes `check` part of `GET /health/ready/` as `name`; the same name again replaces the check.

    A check answers from memory or with one quick query: all of them together should take less than 100 ms.
    """
    _checks[name] = check


def report() -> dict[str, Health]:
    """The health of every part, by name. A check that raises counts as down; the log has its stack trace."""
    return {name: _run(name, check) for name, check in sorted(_checks.items())}


def _run(name: str, check: Check) -> Health:
    try:
        return check()
    except Exception as error:
        log.exception("health_check_failed", check=name)
        return Health(ok=False, detail=f"The check itself failed ({type(error).__name__}).")
