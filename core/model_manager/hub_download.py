"""The one program that speaks to the Hugging Face Hub: `python -m core.model_manager.hub_download`.

A process of its own, because huggingface_hub reads HF_HUB_OFFLINE once, and every other process has it
on. It reads a Request from stdin and writes Event lines (JSON) to stdout; `downloads.pull` is the other
end. No Django here.
"""

import errno
import fnmatch
import sys
from pathlib import PurePosixPath
from typing import Any

import httpx2
import msgspec
from huggingface_hub import HfApi, errors, hf_hub_download
from tqdm import tqdm

from core.model_manager.hub_messages import Event, RemoteFile, Request

WEIGHTS = ".safetensors"  # pickled weights (.bin, .ckpt, .pt) can run code when they are loaded: never pulled
GRAPHS = ".onnx"  # taken where the catalogue names the very file: a repository may hold many of one model
TEXTS = (".json", ".txt", ".model")
SKIPPED = ("*non_ema*", "*openvino*", "*onnx*", "*flax*")
REPORT_BYTES = 1 << 22  # tell of progress once in so many bytes


def wanted(name: str, request: Request) -> bool:
    """Whether a pull takes the file `name`: a safe format, in the patterns, weights of the variant."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        return False
    if path.suffix == GRAPHS:
        return name in request.files
    if any(fnmatch.fnmatch(name, skip) for skip in SKIPPED):
        return False
    if not any(fnmatch.fnmatch(name, pattern) for pattern in request.files):
        return False
    if path.suffix in TEXTS:
        return True
    marked = f".{request.variant}" if request.variant else ""
    # model.safetensors, model.fp16.safetensors, model.fp16-00001-of-00002.safetensors
    stem, _, variant = path.stem.partition(".")
    found = f".{variant.partition('-')[0]}" if variant else ""
    return path.suffix == WEIGHTS and bool(stem) and found == marked


def download(request: Request) -> None:
    """Gets every wanted file into `request.folder`, continuing what is there; prints events."""
    api = HfApi(token=request.token or None)
    info = api.model_info(request.repo, revision=request.revision or None, files_metadata=True)
    files = {
        file.rfilename: RemoteFile(size=file.size or 0, sha256=file.lfs.sha256 if file.lfs else None)
        for file in info.siblings or []
        if wanted(file.rfilename, request)
    }
    _tell(Event(revision=info.sha or "", files=files))
    finished = 0
    for name, file in files.items():
        hf_hub_download(
            request.repo,
            name,
            revision=info.sha,
            local_dir=request.folder,
            token=request.token or None,
            tqdm_class=_bar(finished),
        )
        finished += file.size
        _tell(Event(done=finished))


def describe(error: Exception, repo: str) -> Event:
    """The error as a sentence for people and a code for programs."""
    match error:
        case errors.GatedRepoError():
            return Event(
                code="hub_denied",
                error=f"{repo} wants its terms accepted on the hub first, and STUDIO_HF_TOKEN.",
            )
        case errors.RepositoryNotFoundError():
            return Event(
                code="hub_not_found", error=f"The hub has no {repo}, or STUDIO_HF_TOKEN may not see it."
            )
        case errors.RevisionNotFoundError() | errors.EntryNotFoundError():
            return Event(code="hub_not_found", error=f"{repo} has no such revision or file on the hub.")
        case errors.HfHubHTTPError() if error.response is not None and error.response.status_code in {
            401,
            403,
        }:
            return Event(code="hub_denied", error=f"The hub does not let STUDIO_HF_TOKEN read {repo}.")
        case OSError() if error.errno == errno.ENOSPC:
            return Event(code="disk_full", error=f"The disk is too full for {repo}.")
        case errors.HfHubHTTPError() | httpx2.HTTPError() | OSError():
            return Event(
                code="hub_unreachable", error=f"The download of {repo} broke off: {_first_line(error)}"
            )
    return Event(code="download_failed", error=f"The download of {repo} failed: {_first_line(error)}")


def _bar(before: int) -> type[Any]:
    class Bar(tqdm):  # type: ignore[misc]
        """Tells the bytes that have arrived instead of drawing them."""

        def __init__(self, *args: Any, **options: Any) -> None:
            self._arrived = self._told = options.get("initial") or 0
            super().__init__(*args, **{**options, "disable": True})

        def update(self, n: float | None = 1) -> None:
            self._arrived += int(n or 0)
            if self._arrived - self._told >= REPORT_BYTES:
                self._told = self._arrived
                _tell(Event(done=before + self._arrived))

    return Bar


def _tell(event: Event) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(event) + b"\n")
    sys.stdout.buffer.flush()


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:300] or type(error).__name__


def main() -> int:
    """Exit code 0 when everything has arrived, 1 after an `error` event."""
    request = msgspec.json.decode(sys.stdin.buffer.read(), type=Request)
    try:
        download(request)
    except Exception as error:
        _tell(describe(error, request.repo))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
