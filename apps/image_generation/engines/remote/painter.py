"""A `Painter` that has its pictures painted at Replicate, over their API, with their own client library.

One prediction a picture; several run at a time there. A cancel here is a cancel there.
"""

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
import structlog
from PIL import Image
from replicate.client import Client
from replicate.exceptions import ReplicateException
from replicate.prediction import Prediction
from replicate.version import Versions

from apps.image_generation.engines.remote.downloads import fetch
from apps.image_generation.engines.remote.errors import TurnedDown, meaning, said
from apps.image_generation.engines.remote.inputs import inputs
from apps.image_generation.painting import OnPreview, OnStep, Painted, Painting
from core.exceptions import NotPermitted, OperationFailed, StudioError, Unavailable
from core.images import codec

log = structlog.get_logger(__name__)

API = "https://api.replicate.com"
TIMEOUT = httpx.Timeout(30.0, connect=10.0)
POLL_SECONDS = 0.5
CHECK_SECONDS = 0.1
# Polls in a row that may fail: what is being painted is paid for.
MOST_FAILURES = 10
LOOPBACK = ("127.0.0.1", "localhost", "::1")
TURNED_DOWN = (429, 503, 504)

_T = TypeVar("_T")


class ReplicatePainter:
    """`model` is `owner/name`, or `owner/name:version` for a community's model.

    `timeout` is what a picture may take in all, in seconds. Nothing is sent before the first painting.
    """

    own_scheduler = "Replicate"

    def __init__(self, model: str, *, token: str, base_url: str = "", timeout: float) -> None:
        name, _, self._version = model.partition(":")
        self._owner, _, self._name = name.partition("/")
        self._token = token
        self._timeout = timeout
        self._client = Client(token, base_url=base_url or API, timeout=TIMEOUT, transport=_OneTry())
        parts = urlsplit(base_url)
        self._trusted = parts.netloc if parts.hostname in LOOPBACK else ""
        self._schema: dict[str, Any] | None = None
        self._looking = threading.Lock()

    def paint(
        self,
        painting: Painting,
        *,
        on_step: OnStep,
        check: Callable[[], None],
        on_preview: OnPreview | None = None,
    ) -> Painted:
        """See `Painter.paint`; there are no previews, and what is alike for a seed is up to the model.

        Raises also Unavailable `remote_*`, OperationFailed `remote_*`, NotPermitted `content_filtered`.
        """
        try:
            given, ignored = inputs(self._openapi(), painting)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            detail = "What Replicate says of this model was not understood."
            raise OperationFailed(detail, code="remote_answer") from error
        deadline = time.monotonic() + self._timeout
        prediction = self._asked(lambda: self._create(given))
        try:
            prediction = self._awaited(prediction, painting.steps, on_step, check, deadline)
        except BaseException:
            self._give_up(prediction)
            raise
        image = self._picture(prediction, lambda: _check(check, deadline))
        on_step(painting.steps, painting.steps)
        return Painted(image, batched=False, ignored=ignored)

    def close(self) -> None:
        """Ends the connections."""
        self._client._client.close()

    def _openapi(self) -> dict[str, Any]:
        """What the model takes; asked once."""
        with self._looking:
            if self._schema is None:
                self._schema = self._asked(self._look_up)
            return self._schema

    def _look_up(self) -> dict[str, Any]:
        if self._version:
            version = Versions(self._client, model=(self._owner, self._name)).get(self._version)
        else:
            version = self._client.models.get(self._owner, self._name).latest_version
        schema: dict[str, Any] = version.openapi_schema if version else {}
        return schema

    def _create(self, given: dict[str, Any]) -> Prediction:
        if self._version:
            return self._client.predictions.create(version=self._version, input=given)
        return self._client.models.predictions.create(model=(self._owner, self._name), input=given)

    def _awaited(
        self,
        prediction: Prediction,
        steps: int,
        on_step: OnStep,
        check: Callable[[], None],
        deadline: float,
    ) -> Prediction:
        """The prediction once it has succeeded. Raises what became of it otherwise."""
        failures, told = 0, 0
        while True:
            match prediction.status:
                case "succeeded":
                    return prediction
                case "failed":
                    raise self._failure(prediction)
                case "canceled":
                    raise OperationFailed("Replicate cancelled the picture.", code="remote_cancelled")
            if progress := prediction.progress:
                step = min(steps - 1, int(progress.percentage * steps))
                if step > told:
                    told = step
                    on_step(step, steps)
            _wait(POLL_SECONDS * min(1 << failures, 16), check, deadline)
            try:
                prediction = self._client.predictions.get(prediction.id)
                failures = 0
            except (TurnedDown, httpx.TransportError) as error:
                failures += 1
                if failures > MOST_FAILURES:
                    raise meaning(error, token=self._token) from error
            except (ReplicateException, ValueError) as error:
                raise meaning(error, token=self._token) from error

    def _failure(self, prediction: Prediction) -> StudioError:
        detail = said(prediction.error, token=self._token)
        if "nsfw" in detail.lower():
            return NotPermitted(
                "The remote model's safety checker withheld this picture.", code="content_filtered"
            )
        return OperationFailed(
            f"The remote model failed: {detail or 'it does not say why'}", code="remote_failed"
        )

    def _give_up(self, prediction: Prediction) -> None:
        """Tells the API that nobody waits any more. What cannot be told is not worth another error."""
        if prediction.status in ("succeeded", "failed", "canceled"):
            return
        try:
            self._client.predictions.cancel(prediction.id)
        except (TurnedDown, httpx.HTTPError, ReplicateException, ValueError):
            log.warning("remote_cancel_failed", prediction=prediction.id)

    def _picture(self, prediction: Prediction, check: Callable[[], None]) -> Image.Image:
        output = prediction.output
        url = output[0] if isinstance(output, list) and output else output
        if not isinstance(url, str):
            raise OperationFailed("The remote model gave no picture.", code="remote_output")
        data = fetch(url, check=check, trusted=self._trusted)
        try:
            return codec.decode(data).convert("RGB")
        except StudioError as error:
            raise OperationFailed(
                "What the remote model gave is no picture.", code="remote_output"
            ) from error

    def _asked(self, call: Callable[[], _T]) -> _T:
        try:
            return call()
        except (TurnedDown, httpx.HTTPError, ReplicateException, ValueError) as error:
            raise meaning(error, token=self._token) from error


class _OneTry(httpx.HTTPTransport):
    """Asks once. The library would ask up to ten times, asleep in between for as long as the API likes,
    where no cancel is noticed; and it creates predictions without any time limit.
    """

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.extensions = {**request.extensions, "timeout": TIMEOUT.as_dict()}
        response = super().handle_request(request)
        if response.status_code in TURNED_DOWN:
            response.read()
            response.close()
            raise TurnedDown(response)
        return response


def _wait(seconds: float, check: Callable[[], None], deadline: float) -> None:
    until = time.monotonic() + seconds
    while (now := time.monotonic()) < until:
        _check(check, deadline)
        time.sleep(min(CHECK_SECONDS, until - now))
    check()


def _check(check: Callable[[], None], deadline: float) -> None:
    check()
    if time.monotonic() > deadline:
        raise Unavailable("The remote model took too long.", code="remote_timeout")
