"""`manage.py models tune` on the starter model."""

from io import StringIO

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from core.model_manager import catalogue, tuning


@given(st.floats(0.001, 1), st.floats(0.001, 1))
def test_another_dtype_must_be_a_tenth_faster(present: float, other: float) -> None:
    proposed = tuning.propose({"float32": present, "bfloat16": other}, "float32")

    assert (proposed == "bfloat16") == (other <= 0.9 * present)


@pytest.mark.usefixtures("models_root")
def test_tune_times_each_dtype_and_writes_only_when_it_may() -> None:
    said = StringIO()
    call_command("models", "tune", "starter", "--dry-run", stdout=said)

    assert "float32" in said.getvalue()
    assert "bfloat16" in said.getvalue()
    assert not catalogue.users_file().exists()


@pytest.mark.usefixtures("models_root")
def test_what_is_written_holds_for_the_kind_of_device_it_was_measured_on() -> None:
    entry = catalogue.current()["starter"]
    found = tuning.Tuning("cpu", {"float32": 2.0, "bfloat16": 1.0}, "float32", "bfloat16")

    tuning.write(entry, found)

    tuned = catalogue.current()["starter"]
    assert tuned.dtype_on("cpu") == "bfloat16"
    assert tuned.dtype_on("cuda") == "float32"
