"""What refining a prompt costs, beside a DRF view that only validates the same body.

`python -m docs.bench.refine_time`, or with all else by `make bench`.
"""

import json
import os
import sys
from collections import defaultdict

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backendAI.settings")

from docs.bench.http_client import side_by_side
from docs.bench.server import scratch_studio
from docs.bench.spread import Spread
from docs.bench.table import Table
from docs.bench.threads import default_threads
from docs.bench.yardstick_process import yardstick

YARDSTICK = "a bare DRF view that validates the body"
STUDIO = "`POST /api/v1/prompt-refinement/refine/`"
BODIES = {
    "English": {
        "prompt": "a cute orange cat on a wooden table, NOT blurry",
        "context": {"style": "watercolor"},
    },
    "Vietnamese": {"prompt": "con mèo cam trên bàn gỗ, không có chữ", "context": {"style": "màu nước"}},
}
ROUNDS = 5
CONNECTIONS = 8
SECONDS = 2.0


def measure(threads: int) -> Table:
    """Both targets in turn, so that whatever drifts drifts under both. The first round only warms up."""
    rates: dict[tuple[str, str], list[float]] = defaultdict(list)
    with (
        scratch_studio(threads, STUDIO_PRELOAD="false") as studio,
        yardstick("docs.bench.refine_yardstick:application") as bare,
    ):
        studio.start()
        address = studio.url.removeprefix("http://")
        targets = [(YARDSTICK, bare, "/refine/"), (STUDIO, address, "/api/v1/prompt-refinement/refine/")]
        for number in range(1 + ROUNDS):
            for language, body in BODIES.items():
                for name, where, path in targets:
                    rate = side_by_side(
                        where,
                        path,
                        connections=CONNECTIONS,
                        seconds=SECONDS,
                        body=json.dumps(body, ensure_ascii=False).encode(),
                    )
                    if number:
                        rates[language, name].append(rate)
    rows = [
        (
            language,
            Spread.of(rates[language, YARDSTICK]).text(digits=0),
            Spread.of(rates[language, STUDIO]).text(digits=0),
            Spread.of(
                [
                    ours / least
                    for ours, least in zip(rates[language, STUDIO], rates[language, YARDSTICK], strict=True)
                ]
            ).text(),
        )
        for language in BODIES
    ]
    note = (
        "Requests a second, one server process each, rules only. The bare view runs under daphne without any "
        f"middleware; refine/ with all of the studio's. {CONNECTIONS} connections, {SECONDS:.0f} s a round, "
        f"{ROUNDS} rounds in turn; median (min to max)."
    )
    return Table("Prompt refinement", note, ("", YARDSTICK, STUDIO, "ratio"), rows)


if __name__ == "__main__":
    sys.stdout.write(measure(default_threads()).markdown())
