"""The other end of `docs.bench.bare`."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from django.conf import settings


@dataclass(frozen=True)
class BareTimes:
    """Seconds of the pipeline's call, of the call and Pillow's PNG, and the SHA-256 of the RGB pixels."""

    call: float
    call_and_png: float
    pixels: str


class BarePipeline:
    """A loaded pipeline that sleeps, without spinning threads, until it is asked to paint."""

    def __init__(self, threads: int) -> None:
        self.threads = threads

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "docs.bench.bare"],
            cwd=settings.BASE_DIR,
            env={
                **os.environ,
                "OMP_NUM_THREADS": str(self.threads),
                "TRANSFORMERS_VERBOSITY": "error",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        self._heard()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait(timeout=30)

    def paint(self) -> BareTimes:
        """Paints the picture once. Raises RuntimeError when the process has died."""
        if self._process.stdin:
            self._process.stdin.write("\n")
        return BareTimes(**self._heard())

    def _heard(self) -> dict[str, Any]:
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise RuntimeError("The bare pipeline died; its message is above.")
        heard: dict[str, Any] = json.loads(line)
        return heard
