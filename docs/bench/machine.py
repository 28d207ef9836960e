"""What the numbers were measured on."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil

from docs.bench.table import Table

PACKAGES = ("torch", "diffusers", "transformers", "Django", "daphne")


def describe(threads: int) -> Table:
    """Date, processor, memory, system and versions; the load average says how quiet the machine was."""
    memory = psutil.virtual_memory().total / 2**30
    load = os.getloadavg()[0]
    rows = (
        ("Date", f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"),
        ("Processor", f"{_processor()}, {psutil.cpu_count()} cores"),
        ("Memory", f"{memory:.0f} GiB"),
        ("System", f"{platform.system()} {platform.release()} {platform.machine()}"),
        ("Python", platform.python_version()),
        *((package, version(package)) for package in PACKAGES),
        (
            "Threads of torch",
            f"{threads}, its own choice here; the same for both sides",
        ),
        ("Load average before", f"{load:.2f}"),
    )
    return Table("Machine", "Everything below was measured here, in one run.", ("", ""), rows)


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or platform.machine()
