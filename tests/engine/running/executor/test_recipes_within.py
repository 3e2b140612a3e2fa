"""Recipes that run as steps, on this exam and on others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from foveola import run

EYE = """
recipe: eye
inputs:
  start: float
  more: {type: float, default: 2}
steps:
  sum: {use: add, with: {value: $start, more: $more}}
  broken: {use: fail, when: {$start: 13}, with: {value: $sum.value}}
  after: {use: add, with: {value: $broken.value}}
  pitch: {use: add, with: {value: $exam.pitch, more: 1}}
outputs: {sum: $sum.value, after: $after.value, pitch: $pitch.value, both: [$sum.value, $after.value]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a recipe that others use."""
    (tmp_path / "eye.yaml").write_text(EYE, encoding="utf-8")
    return tmp_path


def test_a_recipe_runs_as_a_step_with_names_that_begin_with_its_own(ran, states, folder):
    """Its outputs are its answers."""
    result = ran(
        "  eye: {use: ./eye.yaml, with: {start: 1}}\n  next: {use: add, with: {value: $eye.sum}}",
        {"pitch": 0.25},
        folder=folder,
        outputs="{next: $next.value, pitch: $eye.pitch}",
    )
    assert result.outputs == {"next": 4.0, "pitch": 1.25}
    assert states(result) == dict.fromkeys(["eye.sum", "eye.pitch", "eye", "next"], "computed")


@pytest.mark.parametrize(
    ("start", "state", "reason"),
    [
        pytest.param(1, "computed", None, id="a step within is skipped"),
        pytest.param(13, "failed", "'eye.broken' failed", id="a step within fails"),
    ],
)
def test_what_goes_wrong_within_takes_down_only_what_needs_it(ran, folder, start, state, reason):
    """The other outputs are there; the whole answer has null for what is not."""
    result = ran(
        f"  eye: {{use: ./eye.yaml, with: {{start: {start}}}}}\n  next: {{use: add, with: {{value: $eye.sum}}}}\n"
        "  lost: {use: add, with: {value: $eye.after}}",
        {"pitch": 0.25},
        folder=folder,
        outputs="{eye: $eye, next: $next.value, lost: $lost}",
    )
    whole = {"sum": start + 2.0, "after": None, "pitch": 1.25, "both": [start + 2.0, None]}
    assert result.outputs == {"eye": whole, "next": start + 3.0, "lost": None}
    assert (result.steps["eye"].state, result.steps["eye"].reason) == (state, reason)
    assert result.steps["lost"].reason.startswith("needs 'eye.broken', which ")
    assert [step.name for step in result.failed] == (["eye.broken"] if state == "failed" else [])


def test_a_recipe_in_which_nothing_ran_is_skipped(ran, states, reasons, folder):
    """With the reason of the first of its steps."""
    result = ran("  eye: {use: ./eye.yaml, with: {start: 1}}", folder=folder, outputs="{o: $eye.pitch}")
    assert states(result) == {"eye.pitch": "skipped", "eye": "skipped"}
    assert reasons(result)["eye"] == "'eye.pitch' was skipped (value is null ($exam.pitch))"


def test_a_null_that_a_recipe_does_not_take_skips_it(ran, reasons, folder):
    """As it skips an operation."""
    result = ran("  eye: {use: ./eye.yaml, with: {start: $exam.start}}", folder=folder)
    assert reasons(result) == {"eye": "start is null ($exam.start)"}


EYES = """
recipe: eyes
inputs: {right: Exam, left: Exam}
steps:
  each: {use: ./eye.yaml, foreach: {right: $right, left: $left}, with: {exam: $item}}
  one: {use: ./eye.yaml, with: {exam: $left, more: 0}}
outputs: {sums: $each.sum, pitches: $each.pitch, one: $one.sum, side: $right.laterality, whole: $each}
"""


@pytest.mark.parametrize("kind", ["mapping", "exam"])
def test_a_recipe_runs_on_other_exams(registry, folder, kind):
    """Given as named values, or as exams; each is read from its own."""
    (folder / "eyes.yaml").write_text(EYES.replace(", whole: $each", ""), encoding="utf-8")
    right, left = {"start": 1.0, "pitch": 0.5, "laterality": "R"}, {"start": 10.0, "pitch": 0.25, "more": 3.0}
    exam = {"right": right, "left": left, "pitch": 99.0, "start": 99.0}
    if kind == "exam":
        exam = {**exam, "right": registry.exam_type(right, name="od"), "left": registry.exam_type(left)}
    result = run(folder / "eyes.yaml", exam, registry=registry, memo=None)
    assert result.outputs == {
        "sums": {"right": 3.0, "left": 13.0},
        "pitches": {"right": 1.5, "left": 1.25},
        "one": 10.0,
        "side": "R",
    }
    assert [name for name in result.steps if name.startswith("each[left]")] == [
        "each[left].sum",
        "each[left].pitch",
        "each[left]",
    ]


def test_exams_lie_within_exams(registry, folder):
    """However deep: a recipe of two eyes on the exam of one visit."""
    (folder / "eyes.yaml").write_text(EYES, encoding="utf-8")
    step = "v: {use: ./eyes.yaml, with: {exam: $first}}"
    text = f"recipe: visits\ninputs: {{first: Exam}}\nsteps:\n  {step}\noutputs: {{o: $v.sums}}"
    (folder / "visits.yaml").write_text(text, encoding="utf-8")
    eye = {"start": 1.0, "pitch": 0.5}
    result = run(
        folder / "visits.yaml", {"first": {"right": eye, "left": registry.exam_type(eye)}}, registry=registry, memo=None
    )
    assert result.outputs["o"] == {"right": 3.0, "left": 3.0}
    assert "v.each[right].sum" in result.steps


@pytest.mark.parametrize(
    ("item", "state", "reason"),
    [
        pytest.param({"pitch": 1.0}, "skipped", "the exam 'each[a]' has no 'start'", id="an input is missing"),
        pytest.param({"start": "x"}, "failed", "each[a].start: must be a valid number", id="an input is wrong"),
        pytest.param(5, "failed", "takes an exam: its values by name", id="no exam"),
        pytest.param(None, "skipped", "exam is null ($item)", id="null"),
    ],
)
def test_an_exam_that_only_the_run_knows_is_no_crash(ran, folder, item, state, reason):
    """The other exams are run."""
    steps = "  each: {use: ./eye.yaml, foreach: $exam.visits, with: {exam: $item}}"
    exam = {"visits": {"a": item, "b": {"start": 1.0, "pitch": 0.0}}}
    result = ran(steps, exam, folder=folder, outputs="{o: $each.sum}")
    assert result.outputs["o"] == {"a": None, "b": 3.0}
    assert result.steps["each[a]"].state == state
    assert reason in result.steps["each[a]"].reason


def test_results_do_not_change_from_run_to_run(registry, folder, memo):
    """But for what stands under `run`."""
    (folder / "eyes.yaml").write_text(EYES, encoding="utf-8")
    exam = {"right": {"start": 1.0, "pitch": 0.5}, "left": {"start": 13.0, "pitch": 0.5}}

    def result(memo) -> dict[str, Any]:
        content = run(folder / "eyes.yaml", exam, registry=registry, memo=memo).as_json()
        content.pop("run")
        return content

    assert result(memo) == result(memo) == result(None)
