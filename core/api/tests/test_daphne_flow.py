"""Daphne sends no faster than a client reads, and outlives an application that fails while it answers."""

import subprocess
import sys
from collections.abc import Iterator

import httpx2
import pytest
from django.conf import settings

# A server of its own: nothing in the studio fails half-way on demand.
SERVE = """
from daphne.server import Server
from core.api.daphne_flow import send_as_it_is_read

async def application(scope, receive, send):
    if scope["path"] == "/early":
        raise RuntimeError("before the answer")
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"begun", "more_body": True})
    if scope["path"] == "/late":
        raise RuntimeError("within the answer")
    await send({"type": "http.response.body", "body": b" and done"})

def ready(*args):
    print(server.listening_addresses[0][1], flush=True)

send_as_it_is_read()
server = Server(application, endpoints=["tcp:port=0:interface=127.0.0.1"], ready_callable=ready)
server.run()
"""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with subprocess.Popen(
        [sys.executable, "-c", SERVE],
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdout
        yield f"http://127.0.0.1:{server.stdout.readline().strip()}"
        server.kill()


def test_an_answer_in_parts_arrives_whole_again_and_again(url: str) -> None:
    with httpx2.Client(base_url=url) as client:
        assert [client.get("/").text for _ in range(3)] == ["begun and done"] * 3


def test_an_application_that_fails_within_its_answer_breaks_off_and_the_next_gets_its_500(url: str) -> None:
    with pytest.raises(httpx2.TransportError):
        httpx2.get(f"{url}/late", timeout=10)

    assert httpx2.get(f"{url}/early", timeout=10).status_code == 500
    assert httpx2.get(f"{url}/", timeout=10).text == "begun and done"
