"""What `downloads` and the program that speaks to the hub say to each other: one JSON object a line."""

import msgspec


class Request(msgspec.Struct, kw_only=True):
    """What to get. `files` are shell patterns, `variant` selects weights, no `revision` means the newest."""

    repo: str
    revision: str
    variant: str
    files: tuple[str, ...]
    folder: str
    token: str


class RemoteFile(msgspec.Struct, kw_only=True):
    """A file on the hub. Its sha256 is known for the large ones only."""

    size: int
    sha256: str | None


class Event(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The plan (`revision`, `files`) first, then `done` bytes, growing; or one `error` with its `code`."""

    revision: str = ""
    files: dict[str, RemoteFile] = {}
    done: int = 0
    error: str = ""
    code: str = ""
