"""A verdict for people and for programs: a table, a JSON file and contact sheets."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from PIL import Image

from ml_models.starter.recipe.atomic import whole_file
from ml_models.starter.recipe.judge.prompts import Prompt
from ml_models.starter.recipe.judge.scores import QUESTIONS
from ml_models.starter.recipe.judge.verdict import Verdict
from ml_models.starter.recipe.sample import captioned

COLUMNS = 10
EVERY = 4  # one prompt in so many is shown beside the painter's own scene


def write(verdict: Verdict, prompts: Sequence[Prompt], out: Path) -> str:
    """Writes verdict.json, verdict.md, samples.jpg and beside-the-painter.jpg; returns the table."""
    out.mkdir(parents=True, exist_ok=True)
    table = as_table(verdict)
    with whole_file(out / "verdict.md") as unfinished:
        unfinished.write_text(table, encoding="utf-8")
    with whole_file(out / "verdict.json") as unfinished:
        unfinished.write_text(json.dumps(_as_json(verdict, prompts), ensure_ascii=False, indent=1) + "\n")
    texts = [prompt.text for prompt in prompts]
    captioned(verdict.pictures["model"], texts, COLUMNS).save(out / "samples.jpg", quality=88)
    _side_by_side(verdict, texts).save(out / "beside-the-painter.jpg", quality=88)
    return table


def as_table(verdict: Verdict) -> str:
    """Markdown: a table per judge, and one of how well the judges see."""
    lines: list[str] = []
    for kind, entries in verdict.entries.items():
        names = [name for name in ("ceiling", "floor") if name in entries]
        lines += [f"| {kind} judge | all | English | Vietnamese | {' | '.join(names)} |"]
        lines += ["|---" * (4 + len(names)) + "|"]
        for question in QUESTIONS:
            own = entries["model"].scores[question]
            cells = [own["all"], own["en"], own["vi"], *(entries[n].scores[question]["all"] for n in names)]
            lines += [f"| {question} | {' | '.join(map(_share, cells))} |"]
        distances = [f"{entries[name].distance:.1f}" for name in names]
        own_distance = f"{entries['model'].distance:.1f}"
        lines += [f"| distance | {own_distance} | | | {' | '.join(distances)} |", ""]
    lines += ["| held-out scenes | things | both of two | colours | settings | lights |", "|---" * 6 + "|"]
    for kind, marks in verdict.marks.items():
        shares = marks.things, marks.both_of_two, marks.colours, marks.settings, marks.lights
        lines += [f"| {kind} judge, {marks.scenes} | {' | '.join(map(_share, shares))} |"]
    return "\n".join(lines) + "\n"


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _as_json(verdict: Verdict, prompts: Sequence[Prompt]) -> dict[str, object]:
    rows = [
        {
            **asdict(prompt),
            **{
                kind: {"things": sights[i].things[:3], "setting": sights[i].setting, "light": sights[i].light}
                for kind, sights in verdict.sights.items()
            },
        }
        for i, prompt in enumerate(prompts)
    ]
    return {
        "judges": {kind: asdict(marks) for kind, marks in verdict.marks.items()},
        "scores": {
            kind: {name: asdict(entry) for name, entry in entries.items()}
            for kind, entries in verdict.entries.items()
        },
        "prompts": rows,
    }


def _side_by_side(verdict: Verdict, texts: list[str]) -> Image.Image:
    """The model's picture and the painter's, in turn."""
    shown = range(0, len(texts), EVERY)
    pictures = [verdict.pictures[name][i] for i in shown for name in ("model", "ceiling")]
    return captioned(pictures, [text for i in shown for text in (texts[i], "(the painter)")], COLUMNS)
