"""Daphne sends no faster than a client reads, and outlives an application that fails while it answers."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx2
import pytest
import websockets
from django.conf import settings

MESSAGES, SIZE = 40, 2_000_000
# A server of its own: nothing in the studio fails half-way on demand.
SERVE = (
    f"MESSAGES, SIZE = {MESSAGES}, {SIZE}"
    + """
from daphne.server import Server
from core.api.daphne_flow import send_as_it_is_read

sent = 0

async def application(scope, receive, send):
    global sent
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        for sent in range(1, MESSAGES + 1):
            await send({"type": "websocket.send", "text": "x" * SIZE})
        return
    if scope["path"] == "/sent":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": str(sent).encode()})
        return
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
)


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


def test_websocket_messages_may_be_large_and_wait_for_their_reader(url: str) -> None:
    async def scenario() -> tuple[int, list[int]]:
        async with websockets.connect(url.replace("http", "ws"), max_size=None, max_queue=1) as socket:
            waiting = await asyncio.to_thread(_sent_when_nothing_moves, url)
            return waiting, [len(await socket.recv()) for _ in range(MESSAGES)]

    waiting, sizes = asyncio.run(scenario())
    assert 0 < waiting < MESSAGES
    assert sizes == [SIZE] * MESSAGES


def _sent_when_nothing_moves(url: str) -> int:
    before, now = -1, 0
    while now != before or not now:
        time.sleep(0.3)
        before, now = now, int(httpx2.get(f"{url}/sent", timeout=10).text)
    return now
