"""What a download says of its pictures: `metadata.jsonl` and `README.md`, as Hugging Face reads them."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean

from apps.datasets.engines.noise import STRONGEST
from apps.datasets.models import Dataset, DatasetPicture
from core.api.archives import Member
from core.model_manager import catalogue

_TEMPLATE = Path(__file__).parent / "rules" / "card.md"
_SMALL = 1000


def members(dataset: Dataset, pictures: Sequence[DatasetPicture]) -> Iterator[Member]:
    """What the zip of a set holds: its card, a line for each picture, the pictures."""
    yield "README.md", readme(dataset, pictures).encode()
    yield "metadata.jsonl", "".join(_line(dataset, picture) for picture in pictures).encode()
    for picture in pictures:
        yield _name(picture), picture.file


def readme(dataset: Dataset, pictures: Sequence[DatasetPicture]) -> str:
    """The dataset card: YAML for programs, then what a person wants to know."""
    sizes = sorted({(picture.width, picture.height) for picture in pictures})
    seeds = [picture.seed for picture in pictures]
    title = " ".join(dataset.class_label.split())
    return _TEMPLATE.read_text(encoding="utf-8").format(
        yaml_label=json.dumps(title, ensure_ascii=False),  # JSON is YAML, once it has no odd line ends
        licence_header=_licence(dataset),
        category="n<1K" if len(pictures) < _SMALL else "1K<n<10K",
        title=title,
        model=dataset.model,
        licence=dataset.licence,
        seed=dataset.seed,
        seeds=f"{len(set(seeds))} different ones, {min(seeds)} to {max(seeds)}" if seeds else "none",
        prompts=len({picture.prompt for picture in pictures}),
        noise=dataset.noise_level,
        deviation=dataset.noise_level * STRONGEST,
        count=len(pictures),
        asked=dataset.output_size,
        sizes=", ".join(f"{width} x {height}" for width, height in sizes) or "no",
        total_bytes=sum(picture.bytes for picture in pictures),
        mean_bytes=mean(picture.bytes for picture in pictures) if pictures else 0,
        made=f"{dataset.created_at:%Y-%m-%d}",
        seconds=dataset.generation_time,
        device=dataset.device_used or "no device",
    )


def _licence(dataset: Dataset) -> str:
    """The Hub knows licences by names of its own, in small letters; others are `other` with a name."""
    if not dataset.licence.startswith("LicenseRef-"):
        return f"license: {dataset.licence.lower()}"
    entry = catalogue.current().get(dataset.model)
    link = f"\nlicense_link: {json.dumps(entry.licence_url)}" if entry else ""
    return f"license: other\nlicense_name: {dataset.licence.removeprefix('LicenseRef-').lower()}{link}"


def _line(dataset: Dataset, picture: DatasetPicture) -> str:
    said = {
        "file_name": _name(picture),
        "text": picture.prompt,
        "label": dataset.class_label,
        "seed": picture.seed,
    }
    return json.dumps(said, ensure_ascii=False) + "\n"


def _name(picture: DatasetPicture) -> str:
    return f"images/{picture.index:06d}.png"
