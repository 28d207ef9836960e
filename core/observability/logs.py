"""Logging by structlog: one event a line, each with the id of the request it belongs to.

What clients say never decides what a line looks like (control characters are escaped), and stack traces are
plain: a renderer that shows local variables would print tokens and pictures.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.typing import Processor

MULTILINE = {"exception", "stack"}  # written by us, not by clients


def escape_control_characters(
    logger: Any, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """A structlog processor: a line break in a value cannot fake a second line of the log."""
    for key, value in event.items():
        if isinstance(value, str) and key not in MULTILINE and not value.isprintable():
            event[key] = value.encode("unicode_escape").decode("ascii")
    return event


def has_traceback(record: logging.LogRecord) -> bool:
    """Django logs every answer above 399. The access line says that already; it has no stack trace."""
    return bool(record.exc_info)


SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    escape_control_characters,
]


def logging_config(*, level: str, style: str) -> dict[str, Any]:
    """Django's LOGGING. `level` is a level of the standard library, `style` is `console` or `json`."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": "structlog.stdlib.ProcessorFormatter",
                "foreign_pre_chain": SHARED,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    *_RENDERERS[style],
                ],
            }
        },
        "filters": {"traced": {"()": "django.utils.log.CallbackFilter", "callback": has_traceback}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.request": {"level": "ERROR", "filters": ["traced"]},
            # Scanners; the access line shows the 400.
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            # Their access lines hold query strings, and so tickets. Ours does not.
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            "django.channels.server": {"level": "WARNING"},
            # Their debug lines hold statements with their values, or headers.
            "django.db.backends": {"level": "INFO"},
            "daphne": {"level": "INFO"},
            "httpx": {"level": "WARNING"},  # addresses of downloads, which may be signed
            "httpx2": {"level": "WARNING"},
            "asyncio": {"level": "INFO"},
        },
    }


def configure_structlog() -> None:
    """Sends structlog's loggers through the standard library, so that both kinds make the same lines."""
    # Nothing prints which line of which thread a record is from, and finding out costs half of a log line.
    # See "Optimization" in the standard library's documentation of logging.
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


_RENDERERS: dict[str, list[Processor]] = {
    "console": [
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    ],
    "json": [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()],
}
