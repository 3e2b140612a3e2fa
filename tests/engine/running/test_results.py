"""What a run gives, in Python and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

import numpy as np
import pytest

from foveola import EXTRA, Array, Exam, Output, operation, run
from foveola.readers import Reader
from foveola.recipes.reader import parse_recipe, read_recipe
from foveola.registry import READERS, Registry
from foveola.running.results import Result, StepResult, reason_of
from foveola.testing import closed_registry
from foveola.values import json_bytes


class Measured(Output):
    """Numbers."""

    mean: float
    std: float | None = None
    grid: Annotated[np.ndarray, Array("rows", "columns")]
    coverage: Annotated[Mapping[str, float], EXTRA]


@operation("measure")
def measure(value: float) -> Measured:
    """Measure."""
    warnings = ("odd",) if value % 2 else ()
    return Measured(mean=value, grid=np.array([[value, np.nan]]), coverage={"all": 0.5}, warnings=warnings)


@operation("fail")
def fail(value: float) -> Measured:
    """Fail."""
    raise ValueError(f"not {value}")


class Scan(Exam):
    """An exam."""

    laterality: str
    pitch: float


REGISTRY = closed_registry([measure, fail], {"Exam": Scan})
RECIPE = """
recipe: numbers
inputs: {value: float}
steps:
  a: {use: measure, with: {value: $value}}
  b: {use: fail, with: {value: $a.mean}}
  c: {use: measure, with: {value: $b.mean}}
  each: {use: measure, foreach: {x: 1, y: 2}, with: {value: $item}}
outputs: {whole: $a, mean: $a.mean, lost: $c, each: $each.mean, written: [1, {two: 2}]}
"""
EXAM = {"value": 3.0, "laterality": "L", "pitch": 0.25, "images": np.zeros((2, 2)), "list": [1, 2]}


@pytest.fixture
def result() -> Result:
    """A run in which something failed."""
    return run(parse_recipe(RECIPE, "numbers.yaml"), EXAM, registry=REGISTRY, memo=None)


def test_outputs_are_in_their_documented_form(result):
    """Extras left out, arrays as arrays, null for what is not there."""
    grid = result.outputs["whole"].pop("grid")
    assert isinstance(grid, np.ndarray)
    assert result.outputs == {
        "whole": {"mean": 3.0, "std": None},
        "mean": 3.0,
        "lost": None,
        "each": {"x": 1.0, "y": 2.0},
        "written": [1, {"two": 2}],
    }


def test_domain_values_are_kept_beside_them(result):
    """For those who go on in Python."""
    assert isinstance(result.values["whole"], Measured)
    assert result.values["lost"] is None


def test_a_result_says_all_there_is_to_say(result):
    """What ran, on what, what became of each step, and what computed it."""
    content = json.loads(json_bytes(result.as_json()))
    assert list(content) == ["recipe", "exam", "outputs", "warnings", "steps", "provenance", "run"]
    assert content["recipe"] == "numbers"
    assert content["exam"]["name"] == "exam"
    assert content["outputs"]["whole"]["grid"] == [[3.0, None]]
    assert content["warnings"] == ["a: odd", "each[x]: odd"]
    assert {name: step["reason"] for name, step in content["steps"].items() if step["reason"]} == {
        "b": "ValueError: not 3.0",
        "c": "needs 'b', which failed",
    }
    assert content["steps"]["a"]["parts"]["operation"] == "measure"
    assert content["steps"]["c"] == {"reason": "needs 'b', which failed", "key": None, "parts": None}
    assert {name: step["state"] for name, step in content["run"]["steps"].items()} == {
        "a": "computed",
        "b": "failed",
        "c": "skipped",
        "each[x]": "computed",
        "each[y]": "computed",
    }
    assert datetime.fromisoformat(content["run"]["started"]).tzinfo is not None


def test_provenance_is_enough_to_run_it_again(result):
    """The text, what was set, whose exam, how much was measured, and the versions of what computed."""
    provenance = result.as_json()["provenance"]
    assert provenance["recipe"] == RECIPE
    assert provenance["settings"] == {}
    assert provenance["exam"] == {"laterality": "L", "pitch": 0.25, "value": 3.0}
    assert provenance["coverage"] == {
        "whole": {"all": 0.5},
        "mean": {"all": 0.5},
        "each": {"x": {"all": 0.5}, "y": {"all": 0.5}},
    }
    assert {"python", "foveola", "numpy", "pydantic"} <= set(provenance["versions"])


def test_what_was_set_and_recipes_within_are_told(tmp_path):
    """As they were written, with where they lie."""
    inner, outer = tmp_path / "inner.yaml", tmp_path / "outer.yaml"
    inner.write_text(RECIPE, encoding="utf-8")
    outer.write_text("recipe: outer\nsteps:\n  n: {use: ./inner.yaml, with: {value: 1}}\noutputs: {o: $n.mean}")
    settings = {"n.value": "2", "exam.laterality": "R"}
    result = run(read_recipe(outer), {}, registry=REGISTRY, memo=None, settings=settings)
    content = result.as_json()
    assert content["outputs"] == {"o": 2.0}
    assert content["provenance"]["recipes"] == {"numbers": RECIPE}
    assert content["provenance"]["settings"] == settings
    assert content["provenance"]["exam"] == {"laterality": "R"}
    assert content["provenance"]["coverage"] == {"o": {"all": 0.5}}
    assert content["run"]["recipe"] == str(outer)
    assert content["run"]["exam"] is None


def test_only_run_differs_from_run_to_run():
    """Bytes and all."""

    def text() -> bytes:
        content = run(parse_recipe(RECIPE, "numbers.yaml"), EXAM, registry=REGISTRY, memo=None).as_json()
        assert content.pop("run")
        return json_bytes(content)

    assert text() == text()


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        pytest.param(ValueError("too long"), "ValueError: too long", id="any"),
        pytest.param(RuntimeError(), "RuntimeError", id="without a word"),
        pytest.param(
            ValueError("assignment destination is read-only"),
            "ValueError: assignment destination is read-only; what steps are given is shared between them: "
            "change a copy of it",
            id="written into",
        ),
        pytest.param(OSError("Read-only file system"), "OSError: Read-only file system", id="of something else"),
    ],
)
def test_reasons_are_sentences(cause, reason):
    """With what to do next where that is known."""
    assert reason_of(cause) == reason


def test_a_step_that_did_not_run_has_neither_key_nor_error():
    """There is nothing to remember and nothing that was raised."""
    step = StepResult("a", "measure", "skipped", "since")
    assert (step.key, step.parts, step.error, step.warnings, step.answer) == (None, None, None, (), None)


class NumbersReader:
    """An entry point of a reader of files with one number in them."""

    group, name, value, dist = READERS, "numbers", "numbers", None

    def load(self) -> Reader:
        """The reader."""
        return Reader("numbers", lambda path: path.suffix == ".txt", lambda path: {"value": float(path.read_text())})


def test_a_result_knows_where_its_exam_lay(tmp_path):
    """Where it was read from a path."""
    path = tmp_path / "eye.txt"
    path.write_text("2")
    result = run(parse_recipe(RECIPE), path, registry=Registry([NumbersReader()], [measure, fail]), memo=None)
    assert (result.exam.name, result.exam_path) == ("eye", path)
    assert result.as_json()["run"]["exam"] == str(path)
