"""Zips that are written while they are sent: whatever is in them, they take no more memory than one piece."""

import io
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from asgiref.sync import sync_to_async
from django.core.files.base import File
from django.http import StreamingHttpResponse
from rest_framework.request import Request

from core.api.asgi import is_asgi

CHUNK_BYTES = 1 << 16

# A name in the zip, and its bytes or a stored file.
Member = tuple[str, "bytes | File[bytes]"]


def zip_response(request: Request, filename: str, members: Iterable[Member]) -> StreamingHttpResponse:
    """A download of `filename` with these members, uncompressed: pictures are compressed already.

    A file that has gone meanwhile is left out.
    """
    chunks = zipped(members)
    return StreamingHttpResponse(
        _off_the_loop(chunks) if is_asgi(request) else chunks,
        content_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="{filename}"',
            "X-Content-Type-Options": "nosniff",
        },
    )


def zipped(members: Iterable[Member]) -> Iterator[bytes]:
    """The zip, piece by piece. The same members give the same bytes."""
    written = _Written()
    with ZipFile(written, "w", ZIP_STORED) as archive:
        for name, content in members:
            try:
                chunks = _chunks(content)
                first = next(chunks, b"")
            except FileNotFoundError:
                continue
            with archive.open(ZipInfo(name), "w") as member:
                member.write(first)
                yield written.taken()
                for chunk in chunks:
                    member.write(chunk)
                    yield written.taken()
    yield written.taken()


def _chunks(content: "bytes | File[bytes]") -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as file:
        yield from file.chunks(CHUNK_BYTES)


async def _off_the_loop(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The same for a server that would otherwise wait for the whole zip before it sent a byte."""

    def following() -> bytes | None:
        return next(chunks, None)

    while (chunk := await sync_to_async(following, thread_sensitive=False)()) is not None:
        yield chunk


class _Written(io.RawIOBase):
    """What has been written since `taken` was last called. It cannot seek, and ZipFile copes with that."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)
