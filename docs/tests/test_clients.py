"""The Python of docs/clients.md and docs/openai.md, run against a studio."""

import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core.jobs.tests.studio import Studio

PAGES = Path(__file__).parents[1]


@pytest.fixture
def run(studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs the Python of a page in a folder of its own. Gives the pictures it saved: name and size."""

    def run(name: str, hurried: tuple[str, str]) -> dict[str, tuple[int, int]]:
        page = (PAGES / name).read_text().replace("http://127.0.0.1:8000", studio.url)
        page = page.replace(*hurried)  # it is not about the pictures
        program = "\n".join(re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL))
        monkeypatch.chdir(tmp_path)
        exec(compile(program, name, "exec"), {})
        return {path.name: Image.open(path).size for path in tmp_path.iterdir()}

    return run


def test_the_python_paints_follows_a_job_and_changes_a_picture(
    run: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = run("clients.md", ('"prompt": ', '"num_inference_steps": 2, "prompt": '))

    assert capsys.readouterr().out.splitlines()[-1] == "done 1.0"
    assert saved == dict.fromkeys(["sunset.png", "rocket-0.png", "rocket-1.png", "night.png"], (256, 256))


def test_openais_client_paints_and_streams(run: Any) -> None:
    saved = run("openai.md", ("(prompt=", '(extra_body={"num_inference_steps": 8}, prompt='))

    assert set(saved) == {"sunset.png", "rocket.png", "rocket-0.jpg", "rocket-1.jpg"}
    assert saved["sunset.png"] == saved["rocket.png"] == (256, 256)
