"""Keeps what was measured once on this machine: forward times by batch size."""

from pathlib import Path

import msgspec

_File = dict[str, dict[int, float]]


class Measurements:
    """A small JSON file. Keys name everything the times depend on; another machine or version measures
    anew.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self, key: str) -> dict[int, float] | None:
        """Seconds by number of requests, or None when they are yet to be measured."""
        return self._read().get(key)

    def keep(self, key: str, seconds: dict[int, float]) -> None:
        """Replaces what is known for `key`. Atomic: a crash leaves the old file."""
        fresh = self._path.with_suffix(".new")
        fresh.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(msgspec.json.format(msgspec.json.encode(self._read() | {key: seconds})))
        fresh.replace(self._path)

    def _read(self) -> _File:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=_File)
        except (FileNotFoundError, msgspec.DecodeError):  # none yet, or spoilt: it can be measured again
            return {}
