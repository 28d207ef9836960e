"""A server that speaks as much of Replicate's API as their client library uses. What happens to a prediction
is said in its prompt.
"""

import io
import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from uuid import uuid4

from PIL import Image

from apps.image_generation.engines.remote.downloads import MOST_BYTES

TOKEN = "r8_this-is-the-secret-token"
VERSION = "0" * 64
STEPS = 4
RATIOS = ["1:1", "16:9", "21:9", "3:2", "2:3", "4:5", "5:4", "9:16"]

# As their model pages describe it: enumerations stand beside the inputs that refer to them.
SCHEMA: dict[str, Any] = {
    "components": {
        "schemas": {
            "Input": {
                "properties": {
                    "prompt": {"type": "string"},
                    "seed": {"type": "integer"},
                    "num_outputs": {"type": "integer", "minimum": 1, "maximum": 4},
                    "num_inference_steps": {"type": "integer", "minimum": 1, "maximum": STEPS},
                    "aspect_ratio": {"allOf": [{"$ref": "#/components/schemas/aspect_ratio"}]},
                    "megapixels": {"allOf": [{"$ref": "#/components/schemas/megapixels"}]},
                    "output_format": {"allOf": [{"$ref": "#/components/schemas/output_format"}]},
                }
            },
            "aspect_ratio": {"enum": RATIOS, "type": "string"},
            "megapixels": {"enum": ["1", "0.25"], "type": "string"},
            "output_format": {"enum": ["webp", "jpg", "png"], "type": "string"},
        }
    }
}


@dataclass
class Replicate:
    """What is asked of it, and what it holds. `url` is where it listens."""

    url: str = ""
    predictions: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    most_at_a_time: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def made_of(self, prompt: str) -> dict[str, Any]:
        """The one prediction with this prompt."""
        [found] = [each for each in self.predictions.values() if each["input"]["prompt"] == prompt]
        return found


class Handler(BaseHTTPRequestHandler):
    replicate: ClassVar[Replicate]

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def _handle(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        self.replicate.asked.append(f"{self.command} {self.path}")
        if self.path.startswith("/outputs/"):
            assert "Authorization" not in self.headers, "the token is for the API alone"
            self._output(self.path.removeprefix("/outputs/"))
        elif self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._json(401, {"title": "Unauthenticated", "detail": "You did not pass a valid token"})
        else:
            self._answer([part for part in self.path.split("/") if part][1:], body)

    def _answer(self, path: list[str], body: dict[str, Any]) -> None:
        match [self.command, *path]:
            case ["GET", "models", owner, "gone"]:
                self._json(404, {"detail": "The requested resource could not be found."})
            case ["GET", "models", owner, name]:
                self._json(200, _model(owner, name))
            case ["GET", "models", _, _, "versions", version]:
                self._json(200, _version(version))
            case ["POST", "models", _, _, "predictions"] | ["POST", "predictions"]:
                self._create(body)
            case ["GET", "predictions", identity]:
                self._look(identity)
            case ["POST", "predictions", identity, "cancel"]:
                self.replicate.predictions[identity]["status"] = "canceled"
                self._json(200, self.replicate.predictions[identity])
            case _:
                self._json(404, {"detail": "Not found."})

    def _create(self, body: dict[str, Any]) -> None:
        prompt = body["input"]["prompt"]
        if "throttled" in prompt:
            self._json(429, {"detail": "Request was throttled. Your rate limit resets in ~30s."})
            return
        if "unpaid" in prompt:
            self._json(402, {"detail": "Insufficient credit"})
            return
        if "invalid" in prompt:
            self._json(422, {"detail": f"- input.prompt: no, Bearer {TOKEN} has no right to that"})
            return
        if "rubbish" in prompt:
            self._json(201, {"hello": "world"})
            return
        made = {
            "id": uuid4().hex,
            "model": "owner/name",
            "version": body.get("version", "hidden"),
            "status": "starting",
            "input": body["input"],
            "output": None,
            "logs": "",
            "error": None,
            "looks": 0,
            "urls": {},
        }
        with self.replicate.lock:
            self.replicate.predictions[made["id"]] = made
            under_way = [
                p for p in self.replicate.predictions.values() if p["status"] in {"starting", "processing"}
            ]
            self.replicate.most_at_a_time = max(self.replicate.most_at_a_time, len(under_way))
        self._json(201, made)

    def _look(self, identity: str) -> None:
        made = self.replicate.predictions[identity]
        made["looks"] += 1
        looks, prompt = made["looks"], made["input"]["prompt"]
        if "flaky" in prompt and looks == 1:
            self._json(503, {"detail": "no healthy upstream"})
            return
        if made["status"] != "canceled":
            self._go_on(made, prompt, looks)
        self._json(200, made)

    def _go_on(self, made: dict[str, Any], prompt: str, looks: int) -> None:
        made["status"] = "processing"
        made["logs"] = f"Using seed: 1\n {25 * min(looks, 3)}%|####      | {min(looks, 3)}/4 [00:01<00:03]"
        if "fails" in prompt:
            made |= {"status": "failed", "error": f"CUDA error; token {TOKEN}"}
        elif "nsfw" in prompt:
            made |= {"status": "failed", "error": "NSFW content detected. Try running it again."}
        elif "endless" not in prompt and looks >= (3 if "slow" in prompt else 1):
            made |= {"status": "succeeded", "output": self._outputs(made["id"], prompt)}

    def _outputs(self, identity: str, prompt: str) -> Any:
        for word, url in ELSEWHERE.items():
            if word in prompt:
                return [url]
        kind = next(
            (kind for kind in ("huge", "drips", "html", "redirect", "missing") if kind in prompt), "picture"
        )
        if "single" in prompt:
            return f"{self.replicate.url}/outputs/{kind}/{identity}"
        return [] if "nothing" in prompt else [f"{self.replicate.url}/outputs/{kind}/{identity}"]

    def _output(self, path: str) -> None:
        kind, _, identity = path.partition("/")
        match kind:
            case "picture":
                self._give(200, _picture(self.replicate.predictions[identity]["input"]), "image/png")
            case "html":
                self._give(200, b"<html>sorry</html>", "text/html")
            case "redirect":
                self.send_response(302)
                self.send_header("Location", "http://127.0.0.1:1/secret")
                self.send_header("Content-Length", "0")
                self.end_headers()
            case "huge":
                self._endless(bytes(1 << 20), 0)
            case "drips":
                self._endless(b".", 0.2)
            case _:
                self._give(404, b"", "text/plain")

    def _endless(self, piece: bytes, pause: float) -> None:
        """Promises nothing and goes on beyond every limit, as long as somebody listens."""
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        try:
            for _ in range(2 * MOST_BYTES >> 20):
                self.wfile.write(piece)
                time.sleep(pause)
        except OSError:
            return

    def _json(self, status: int, body: dict[str, Any]) -> None:
        self._give(status, json.dumps(body).encode(), "application/json")

    def _give(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Says nothing."""


# Where no picture of a stranger may send us.
ELSEWHERE = {
    "plain http": "http://example.com/picture.png",
    "metadata service": "http://169.254.169.254/latest/meta-data/",
    "secure loopback": "https://127.0.0.1/picture.png",
    "private network": "https://10.0.0.1/picture.png",
    "local file": "file:///etc/passwd",
}


def serve() -> tuple[Replicate, ThreadingHTTPServer]:
    """A server that has just started, on a free port."""
    replicate = Replicate()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"replicate": replicate}))
    replicate.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return replicate, server


def _picture(given: dict[str, Any]) -> bytes:
    """A picture whose colour tells the seed, in the shape that was asked for."""
    width, height = (int(each) for each in given.get("aspect_ratio", "1:1").split(":"))
    scale = 512 / max(width, height)
    size = given.get("width") or round(width * scale), given.get("height") or round(height * scale)
    file = io.BytesIO()
    Image.new("RGB", size, (given.get("seed", 0) % 256, 100, 200)).save(file, "PNG")
    return file.getvalue()


def _model(owner: str, name: str) -> dict[str, Any]:
    return {
        "url": f"https://replicate.com/{owner}/{name}",
        "owner": owner,
        "name": name,
        "visibility": "public",
        "run_count": 1,
        "latest_version": _version(VERSION),
    }


def _version(identity: str) -> dict[str, Any]:
    return {
        "id": identity,
        "created_at": time.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "cog_version": "0.9",
        "openapi_schema": SCHEMA,
    }
