"""rembg's models, each from a file that is already here: no download, no environment variables, no cloud."""

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from rembg.sessions.base import BaseSession
from rembg.sessions.birefnet_general import BiRefNetSessionGeneral
from rembg.sessions.dis_anime import DisSession as IsnetAnimeSession
from rembg.sessions.dis_general_use import DisSession as IsnetSession
from rembg.sessions.u2net import U2netSession

from core import onnx
from core.exceptions import NoEngine

# How each family's input is scaled and its output read. rembg has one class a model; within a family they
# differ in nothing but the file. Two of rembg's classes send pictures to a service: they are not here.
SESSIONS: dict[str, type[BaseSession]] = {
    "u2net": U2netSession,
    "isnet": IsnetSession,
    "isnet-anime": IsnetAnimeSession,
    "birefnet": BiRefNetSessionGeneral,
}


class RembgSegmenter:
    """A `Segmenter` over one ONNX file. onnxruntime's `run` may be called from many threads at a time."""

    def __init__(self, session: BaseSession) -> None:
        self._session = session

    def segment(self, image: Image.Image) -> Image.Image:
        """The mask exactly as rembg predicts it."""
        with np.errstate(invalid="ignore"):  # where nothing stands out, it divides zero by zero
            mask: Image.Image = self._session.predict(image)[0]
        return mask


def open_session(family: str, file: Path, *, device: str) -> RembgSegmenter:
    """The model in `file`, on a device such as `cpu` or `cuda:0` where onnxruntime can use it, else the CPU.

    Raises NoEngine for a family that is not in SESSIONS.
    """
    if family not in SESSIONS:
        raise NoEngine(f"Background removal knows the families {', '.join(SESSIONS)}, not {family!r}.")
    session_class = type(f"Local{SESSIONS[family].__name__}", (_FromFile, SESSIONS[family]), {})
    # The arena does not grow, since every picture is scaled to one size; without it is half as slow again.
    options = onnx.session_options(arena=True)
    return RembgSegmenter(session_class(family, options, providers=onnx.providers(device), file=file))


class _FromFile:
    """Takes the place of what would look for a file in rembg's own folder, and download it."""

    @classmethod
    def download_models(cls, *args: Any, file: Path, **kwargs: Any) -> str:
        return str(file)
