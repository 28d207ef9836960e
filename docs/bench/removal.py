"""What removing a background costs, beside rembg: `python -m docs.bench.removal`, or by `make bench`."""

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backendAI.settings")

import httpx2
from rembg import new_session, remove

from apps.background_removal.tests.pictures import photos, weights
from docs.bench.rembg_server import REMBG, DidNotStart, rembg_server
from docs.bench.server import scratch_studio
from docs.bench.spread import Spread
from docs.bench.table import Table
from docs.bench.threads import default_threads

MODEL = "u2netp"
STUDIO, LIBRARY, SERVER = (
    "the studio, over HTTP",
    "`rembg.remove`, in its own process",
    "`rembg s`, over HTTP",
)
PHOTOS = ("car-1.jpg", "anime-girl-1.jpg", "animal-1.jpg")
ROUNDS = 5
CALLS = 12  # a photo and round
CLIENTS, SECONDS = 8, 10.0

Cut = Callable[[bytes], bytes]


def measure(
    threads: int,
    *,
    with_peers: bool = True,
    rounds: int = ROUNDS,
    calls: int = CALLS,
    seconds: float = SECONDS,
) -> Iterator[Table]:
    """One table for a photo at a time, one for eight clients; none where the weights are not at hand."""
    if not (weights() / "rembg" / f"{MODEL}.onnx").is_file():
        sys.stderr.write(f"Background removal is left out: {MODEL}.onnx is not in STUDIO_TEST_WEIGHTS.\n")
        return
    with ExitStack() as stack:
        home = Path(stack.enter_context(TemporaryDirectory(prefix="studio-bench-")))
        _install(home)
        studio = stack.enter_context(scratch_studio(threads, STUDIO_PRELOAD="false"))
        _install(studio.root / "state" / "models" / "rembg")
        client = stack.enter_context(studio.start().client())
        ours = _poster(client, "/background-removal/remove/", "image")
        yield _one_at_a_time(ours, _library(home, threads), rounds, calls)
        if with_peers:
            try:
                url = stack.enter_context(rembg_server(home, threads))
            except (DidNotStart, OSError) as error:
                sys.stderr.write(f"{SERVER} is left out. {error}\n")
                return
            theirs = _poster(stack.enter_context(httpx2.Client(timeout=60)), url, "file")
            yield _side_by_side({STUDIO: ours, SERVER: theirs}, rounds, seconds)


def _install(home: Path) -> None:
    folder = home / "models" / MODEL
    folder.mkdir(parents=True)
    shutil.copy(weights() / "rembg" / f"{MODEL}.onnx", folder)


def _poster(client: httpx2.Client, path: str, field: str) -> Cut:
    def cut(photo: bytes) -> bytes:
        answer = client.post(
            path, files={field: ("photo.jpg", photo)}, data={"model": MODEL}, headers={"Accept": "image/png"}
        )
        if answer.status_code != 200 or not answer.content.startswith(b"\x89PNG"):
            raise RuntimeError(f"{path} answered {answer.status_code}: {answer.text[:500]}")
        return answer.content

    return cut


def _library(home: Path, threads: int) -> Cut:
    os.environ |= {"REMBG_HOME": str(home), "OMP_NUM_THREADS": str(threads)}
    session = new_session(MODEL, providers=["CPUExecutionProvider"])
    return lambda photo: bytes(remove(photo, session=session))


def _one_at_a_time(ours: Cut, library: Cut, rounds: int, calls: int) -> Table:
    rows = []
    for name in PHOTOS:
        photo = (photos() / "cutout" / name).read_bytes()
        times = {cut: [] for cut in (ours, library)}
        for number in range(
            1 + rounds
        ):  # in turn, so that whatever drifts drifts under both; the first warms up
            for cut, medians in times.items():
                taken = [_seconds(cut, photo) for _ in range(calls)]
                if number:
                    medians.append(Spread.of(taken).median)
        ratios = [mine / theirs for mine, theirs in zip(times[ours], times[library], strict=True)]
        cells = [Spread.of(times[cut]).text("ms", digits=0, scale=1000) for cut in (ours, library)]
        rows.append((name, *cells, Spread.of(ratios).text()))
    note = (
        f"{MODEL}, a JPEG in, a PNG out; {calls} calls a photo and round, {rounds} rounds in turn. Median of "
        "the rounds' medians (min to max). The studio also stores the photo, the result, its mask and a row "
        "of history, and rembg none of it. Target: at most 1.05."
    )
    return Table("Background removal, a photo at a time", note, ("", STUDIO, LIBRARY, "ratio"), rows)


def _side_by_side(cuts: Mapping[str, Cut], rounds: int, seconds: float) -> Table:
    photo = (photos() / "cutout" / PHOTOS[1]).read_bytes()
    rates: dict[str, list[float]] = {name: [] for name in cuts}
    for number in range(1 + rounds):
        for name, cut in cuts.items():
            rate = _pictures_a_second(cut, photo, seconds)
            if number:
                rates[name].append(rate)
    ratios = [mine / theirs for mine, theirs in zip(rates[STUDIO], rates[SERVER], strict=True)]
    rows = [(name, Spread.of(taken).text()) for name, taken in rates.items()]
    note = (
        f"{CLIENTS} clients that each ask again at once, {MODEL}, {PHOTOS[1]}, {seconds:.0f} s a round, "
        f"{rounds} rounds in turn. Pictures a second, median (min to max). Target: the ratio is at least 1.5."
    )
    return Table(
        "Background removal, eight clients",
        note,
        ("", "pictures a second"),
        [*rows, ("ratio", Spread.of(ratios).text())],
    )


def _pictures_a_second(cut: Cut, photo: bytes, seconds: float) -> float:
    started = time.perf_counter()

    def ask_until_the_end(_: int) -> int:
        count = 0
        while time.perf_counter() < started + seconds:
            cut(photo)
            count += 1
        return count

    with ThreadPoolExecutor(CLIENTS) as pool:
        return sum(pool.map(ask_until_the_end, range(CLIENTS))) / (time.perf_counter() - started)


def _seconds(cut: Cut, photo: bytes) -> float:
    started = time.perf_counter()
    cut(photo)
    return time.perf_counter() - started


def main() -> None:
    """Prints the tables; `make bench` also writes them into docs/benchmarks.md."""
    for table in measure(default_threads(), with_peers=REMBG.exists()):
        sys.stdout.write(f"{table.markdown()}\n")


if __name__ == "__main__":
    main()
