"""The lines of docs/clients.md, run against a studio."""

import re
from pathlib import Path

import pytest
from PIL import Image

from core.jobs.tests.studio import Studio

PAGE = Path(__file__).parents[1] / "clients.md"


def test_the_python_paints_follows_a_job_and_changes_a_picture(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = PAGE.read_text().replace("http://127.0.0.1:8000", studio.url)
    page = page.replace('"prompt": ', '"num_inference_steps": 2, "prompt": ')  # it is not about the pictures
    program = "\n".join(re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL))
    monkeypatch.chdir(tmp_path)

    exec(compile(program, PAGE, "exec"), {})

    assert capsys.readouterr().out.splitlines()[-1] == "done 1.0"
    saved = {path.name: Image.open(path).size for path in tmp_path.iterdir()}
    assert saved == dict.fromkeys(["sunset.png", "rocket-0.png", "rocket-1.png", "night.png"], (256, 256))
