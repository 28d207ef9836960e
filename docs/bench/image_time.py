"""One picture through the studio, beside the same picture from the bare pipeline."""

from docs.bench.bare_process import BarePipeline, BareTimes
from docs.bench.server import paint, pixels, scratch_studio
from docs.bench.spread import Spread
from docs.bench.table import Table

PAIRS = 25
WARM_UPS = 3


def measure(bare: BarePipeline) -> Table:
    """Bare, studio, bare, studio ... so that what drifts drifts under both; one idles while the other paints.

    Raises RuntimeError when the two do not paint the same pixels: then they did not do the same work.
    """
    with scratch_studio(bare.threads) as studio, studio.start().client() as client:
        pairs: list[tuple[BareTimes, float]] = []
        for number in range(WARM_UPS + PAIRS):
            alone = bare.paint()
            seconds, png = paint(client)
            if pixels(png) != alone.pixels:
                raise RuntimeError("The studio and the bare pipeline painted different pictures.")
            if number >= WARM_UPS:
                pairs.append((alone, seconds))
    return _table(pairs)


def _table(pairs: list[tuple[BareTimes, float]]) -> Table:
    served = [seconds for _, seconds in pairs]
    call = [alone.call for alone, _ in pairs]
    call_and_png = [alone.call_and_png for alone, _ in pairs]
    rows = [
        ("diffusers: the call", _milliseconds(call), f"**{_ratio(served, call)}**"),
        ("diffusers: the call and Pillow's PNG", _milliseconds(call_and_png), _ratio(served, call_and_png)),
        ("the studio: POST to the last byte of the PNG", _milliseconds(served), ""),
    ]
    note = (
        "Starter model, float32, 256 x 256, 15 steps, guidance 5; the same prompt, seed and pixels. "
        f"{len(pairs)} pairs, bare and studio in turn; a ratio is taken within each pair. "
        "Median (min to max)."
    )
    return Table("One picture", note, ("", "time", "the studio takes, times this"), rows)


def _milliseconds(seconds: list[float]) -> str:
    return Spread.of(seconds).text("ms", digits=1, scale=1000)


def _ratio(served: list[float], alone: list[float]) -> str:
    return Spread.of([one / other for one, other in zip(served, alone, strict=True)]).text(digits=3)
