"""Gets one file by https, going on from where an earlier attempt stopped. `downloads` checks what came."""

import errno
from http import HTTPStatus
from pathlib import Path

import httpx2

from core.exceptions import Unavailable
from core.model_manager.records import Progress

CHUNK_BYTES = 1 << 20
TIMEOUT_SECONDS = 30


def download(url: str, part: Path, progress: Progress) -> None:
    """Adds to `part` what is missing of the file behind `url`; redirects are followed.

    `progress(done, total)` is told of bytes (`total` 0 where the server does not say); what it raises ends
    the download. Raises Unavailable: `file_not_found`; `file_unreachable` and `disk_full`, after which
    another call goes on.
    """
    try:
        _stream(url, part, progress)
    except httpx2.HTTPError as error:
        raise _broke_off(url, str(error) or type(error).__name__) from error
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise Unavailable(f"The disk is too full for {url}.", code="disk_full") from error


def _stream(url: str, part: Path, progress: Progress) -> None:
    done = part.stat().st_size if part.exists() else 0
    headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={done}-"} if done else {})}
    with httpx2.stream(
        "GET", url, headers=headers, follow_redirects=True, timeout=TIMEOUT_SECONDS
    ) as response:
        match response.status_code:
            case HTTPStatus.OK:  # from its beginning, whatever was asked for
                done = 0
            case HTTPStatus.PARTIAL_CONTENT:
                pass
            case HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                return  # nothing is missing, or what is here is another file: its hash will tell
            case HTTPStatus.NOT_FOUND | HTTPStatus.GONE:
                raise Unavailable(f"There is no {url} any more.", code="file_not_found")
            case status:
                raise _broke_off(url, f"it answers {status}")
        total = done + int(response.headers.get("Content-Length", 0))
        with part.open("ab" if done else "wb") as file:
            for chunk in response.iter_bytes(CHUNK_BYTES):
                file.write(chunk)
                done += len(chunk)
                progress(done, total)


def _broke_off(url: str, why: str) -> Unavailable:
    return Unavailable(f"The download of {url} broke off: {why}.", code="file_unreachable")
