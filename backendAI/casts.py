"""How a setting is read from its text. A cast raises ValueError with the end of a sentence: what it must be.

What may hold a password is never repeated there.
"""

import math
import re
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

from environ import Env

TRUE_WORDS = {"true", "yes", "on", "1"}
FALSE_WORDS = {"false", "no", "off", "0"}
RATE = re.compile(r"[1-9]\d*/[smhd][a-z]*")  # the part after the slash is read by its first letter
DEVICE = re.compile(r"auto|cpu|cuda(:\d+)?|mps")
ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(\[[0-9a-f:.]+\]|[\w.-]+)(:\d+)?", re.IGNORECASE)


def is_switch(text: str) -> bool:
    """Whether `text` is a word that `switch` understands."""
    return text.strip().lower() in TRUE_WORDS | FALSE_WORDS


def switch(text: str) -> bool:
    """On or off. A word that is neither is an error: read as off, a typing mistake would open the studio."""
    if not is_switch(text):
        raise ValueError(f"must be true or false (or yes/no, on/off, 1/0), not {text!r}.")
    return text.strip().lower() in TRUE_WORDS


def integer(minimum: int, maximum: int | None = None) -> Callable[[str], int]:
    """A whole number from `minimum` on."""
    allowed = f"at least {minimum}" if maximum is None else f"{minimum} to {maximum}"

    def cast(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = minimum - 1
        if value < minimum or (maximum is not None and value > maximum):
            raise ValueError(f"must be a whole number, {allowed}, not {text!r}.")
        return value

    return cast


def seconds(minimum: float) -> Callable[[str], float]:
    """A length of time, with or without a fraction."""

    def cast(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not minimum <= value < math.inf:
            raise ValueError(f"must be a number of seconds, at least {minimum}, not {text!r}.")
        return value

    return cast


def one_of(*known: str) -> Callable[[str], str]:
    """One of the `known` words, in whatever case it was typed."""

    def cast(text: str) -> str:
        for word in known:
            if text.strip().lower() == word.lower():
                return word
        raise ValueError(f"must be one of: {', '.join(known)}. It is {text!r}.")

    return cast


def words(text: str) -> list[str]:
    """What stands between the commas."""
    return [word.strip() for word in text.split(",") if word.strip()]


def origins(text: str) -> list[str]:
    """Origins of pages, as browsers send them."""
    found = words(text)
    for origin in found:
        if not ORIGIN.fullmatch(origin):
            raise ValueError(
                "must be origins such as https://app.example.com, without a path or a slash at the end; "
                f"{origin!r} is none."
            )
    return found


def rate(text: str) -> str:
    """How often something may be done, as Django REST Framework writes it."""
    if not RATE.fullmatch(text):
        raise ValueError(
            f"must be <number>/second, /minute, /hour or /day, such as 600/minute, not {text!r}."
        )
    return text


def device(text: str) -> str:
    """A name of a device. Whether this machine has it only the worker knows."""
    if not DEVICE.fullmatch(text):
        raise ValueError(f"must be auto, cpu, cuda, cuda:<number> or mps, not {text!r}.")
    return text


def endpoint(text: str) -> str:
    """An HTTP address without its last slash. One with a password is refused: it would end up in logs."""
    with suppress(ValueError):  # it may quote the password
        parts = urlsplit(text)
        known = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
        if known and "@" not in parts.netloc:
            return text.rstrip("/")
    raise ValueError("must be an address such as http://127.0.0.1:11434/v1, without a user.")


def database(text: str) -> dict[str, object]:
    """Django's description of the database at a URL, which may name SQLAlchemy's driver too."""
    scheme, separator, rest = text.partition("://")
    scheme = scheme.split("+")[0]  # postgresql+psycopg2
    if separator and scheme in Env.DB_SCHEMES:
        with suppress(ValueError):  # it may quote a part of the password
            return dict(Env.db_url_config(f"{scheme}://{rest}"))
    raise ValueError(
        "must be an address such as postgres://user:password@host/name. Special characters of the password "
        "are written as %XX there: / as %2F, @ as %40, : as %3A, # as %23."
    )
