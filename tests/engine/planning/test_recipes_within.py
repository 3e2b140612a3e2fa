"""Recipes used as steps: wired and checked like operations, on this exam and on others."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pytest

from foveola import Array, Exam, Millimetres, Output, RecipeError, operation
from foveola.planning.planner import Planner, make_plan
from foveola.planning.types import Answers, shown
from foveola.recipes.model import written
from foveola.recipes.reader import read_recipe
from foveola.registry import RECIPES, Registry
from foveola.testing import closed_registry


class Map(Output):
    """A map."""

    map: Annotated[np.ndarray, Array("rows", "columns")]


class Number(Output):
    """A number."""

    value: float


@operation("make_maps")
def make_maps(zone: Millimetres = 6.0) -> Map:
    """Make maps."""
    return Map(map=np.full((2, 2), zone))


@operation("add")
def add(value: float, more: float = 1.0) -> Number:
    """Add."""
    return Number(value=value + more)


class Scan(Exam):
    """An exam that says a length."""

    pitch: Millimetres


REGISTRY = closed_registry([make_maps, add], {"Exam": Scan})


def write(folder: Path, name: str, text: str) -> Path:
    """A recipe file."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


EYE = """
recipe: eye
inputs:
  start: float
  more: {type: float, default: 2}
steps:
  sum: {use: add, with: {value: $start}}
  twice: {use: add, with: {value: $sum.value}}
  maps: {use: make_maps, with: {zone: $exam.pitch}}
outputs: {sum: $sum.value, twice: $twice.value, map: $maps.map}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a recipe that others use."""
    write(tmp_path, "eye.yaml", EYE)
    return tmp_path


def planned_at(folder: Path, text: str, exam: Mapping[str, Any] | None = None, registry: Registry = REGISTRY):
    """A recipe in a folder, planned."""
    recipe = read_recipe(write(folder, "outer.yaml", text))
    return make_plan(recipe, registry, None if exam is None else registry.exam_type(exam, name="e1"))


def refused_at(folder: Path, text: str, exam: Mapping[str, Any] | None = None) -> list[str]:
    """What is wrong with a recipe in a folder."""
    with pytest.raises(RecipeError) as caught:
        planned_at(folder, text, exam)
    return str(caught.value).split("\n\n")


def test_a_recipe_is_a_step_with_inputs_for_parameters_and_outputs_for_answers(folder):
    """They are wired like any other."""
    text = """
recipe: outer
inputs: {start: float}
steps:
  eye: {use: ./eye.yaml, with: {more: 3}}
  after: {use: add, with: {value: $eye.twice}}
outputs: {o: $after.value, eye: $eye}
"""
    plan = planned_at(folder, text)
    step = plan.steps["eye"]
    assert step.use == "eye"
    assert step.operation is None
    assert {name: (one.source, written(one.expression)) for name, one in step.bindings.items()} == {
        "start": ("input", "$start"),
        "more": ("with", "3"),
        "exam": ("exam", "$exam"),
    }
    assert isinstance(plan.output_types["eye"], Answers)
    assert {name: shown(kind) for name, kind in plan.output_types["eye"].types.items()} == {
        "sum": "a number",
        "twice": "a number",
        "map": "an array [rows, columns]",
    }
    assert list(step.plan.steps) == ["sum", "twice", "maps"]


def test_a_shipped_recipe_is_used_by_its_name(folder):
    """Unless an operation is called so."""

    class Point:
        """An entry point that names a folder."""

        group, name, value, dist = RECIPES, "tests", "folder", None

        def load(self):
            """The folder."""
            return folder

    registry = Registry([Point()], [make_maps, add])
    write(folder, "add.yaml", EYE.replace("eye", "add"))
    steps = "  e: {use: eye, with: {start: 1}}\n  a: {use: add, with: {value: 1}}"
    plan = planned_at(folder, f"recipe: outer\nsteps:\n{steps}\noutputs: {{o: [$e, $a]}}", registry=registry)
    assert plan.steps["e"].plan is not None
    assert plan.steps["a"].operation is add


@pytest.mark.parametrize(
    ("outputs", "steps"),
    [
        pytest.param("{o: $eye.sum}", ["sum"], id="one"),
        pytest.param("{o: $eye.twice}", ["sum", "twice"], id="what it needs too"),
        pytest.param("{o: [$eye.sum, $eye.map]}", ["sum", "maps"], id="two"),
        pytest.param("{o: $eye}", ["sum", "twice", "maps"], id="the whole answer"),
        pytest.param("{o: $after.value}", ["sum"], id="what another step needs"),
        pytest.param("{o: $loop.value}", ["sum", "twice"], id="what a step runs over, or asks"),
    ],
)
def test_what_nobody_asks_of_a_recipe_does_not_run(folder, outputs, steps):
    """Neither do the steps within that only it needs."""
    text = f"""
recipe: outer
steps:
  eye: {{use: ./eye.yaml, with: {{start: 1}}}}
  after: {{use: add, with: {{value: $eye.sum}}}}
  loop: {{use: add, foreach: [$eye.sum], with: {{value: $item}}, when: {{$eye.twice: 5}}}}
outputs: {outputs}
"""
    assert list(planned_at(folder, text).steps["eye"].plan.steps) == steps


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        pytest.param(
            "{use: ./eye.yaml}", "3:14: ./eye.yaml needs 'start' (a number), and nothing gives it", id="missing"
        ),
        pytest.param(
            "{use: ./eye.yaml, with: {start: wide}}", "3:40: start: must be a valid number", id="another type"
        ),
        pytest.param(
            "{use: ./eye.yaml, with: {strat: 1}}", "3:33: ./eye.yaml has no parameter 'strat'", id="no parameter"
        ),
        pytest.param(
            "{use: ./eye.yaml, with: {start: 1, exam: 5}}", "3:49: exam takes an exam: its values by name", id="no exam"
        ),
        pytest.param("{use: ./ear.yaml}", "3:14: the recipe './ear.yaml' cannot be read: No such file", id="no file"),
        pytest.param("{use: ./}", "3:14: no operation is called './'", id="no name"),
    ],
)
def test_a_recipe_as_a_step_is_checked_as_one(folder, step, problem):
    """Its inputs are typed parameters."""
    text = f"recipe: outer\nsteps:\n  eye: {step}\noutputs: {{o: $eye}}"
    (found,) = refused_at(folder, text)
    assert found.startswith(f"outer.yaml:{problem}")


def test_what_is_wrong_within_is_told_at_its_own_place(folder):
    """With the file, the line and the caret; beside what is wrong outside."""
    write(folder, "ear.yaml", EYE.replace("$sum.value", "$smu.value").replace("use: make_maps", "uze: make_maps"))
    text = "recipe: outer\nsteps:\n  ear: {use: ./ear.yaml, with: {start: 1}}\n  b: {use: ad}\noutputs: {o: $ear.sum}"
    assert "\n\n".join(refused_at(folder, text)) == (
        "outer.yaml:4:12: no operation is called 'ad'\n"
        "   4 |   b: {use: ad}\n"
        "                  ^\n"
        "hint: did you mean 'add'?\n\n"
        "ear.yaml:8:35: no input or step is called 'smu'\n"
        "   8 |   twice: {use: add, with: {value: $smu.value}}\n"
        "                                         ^\n"
        "hint: did you mean 'sum'? value can take $sum.value or $more or $start\n\n"
        "ear.yaml:9:10: the step 'maps' has no key 'uze'\n"
        "   9 |   maps: {uze: make_maps, with: {zone: $exam.pitch}}\n"
        "                ^\n"
        "hint: did you mean 'use'?\n\n"
        "ear.yaml:10:16: no input or step is called 'smu'\n"
        "  10 | outputs: {sum: $smu.value, twice: $twice.value, map: $maps.map}\n"
        "                      ^\n"
        "hint: did you mean 'sum'?"
    )


def test_a_text_of_which_no_recipe_can_be_made_is_told_at_its_beginning(folder):
    """Under its own name."""
    write(folder, "empty.yaml", "")
    text = "recipe: outer\nsteps:\n  e: {use: ./empty.yaml}\noutputs: {o: $e}"
    (problem,) = refused_at(folder, text)
    assert problem.startswith("empty.yaml:1:1: nothing is written here")


def test_a_recipe_that_is_not_there_has_the_nearest_that_is(folder):
    """Among the files beside the one that was meant, but for those that use it."""
    write(folder, "inner.yaml", EYE)
    (problem,) = refused_at(
        folder, "recipe: outer\nsteps:\n  e: {use: ./iner.yaml, with: {start: 1}}\noutputs: {o: $e}"
    )
    assert problem.endswith("hint: did you mean 'inner.yaml'?")


def test_what_is_wrong_within_is_told_once_however_often_it_is_used(folder):
    """It is one mistake."""
    write(folder, "ear.yaml", EYE.replace("$sum.value}}", "$smu.value}}"))
    text = (
        "recipe: outer\nsteps:\n  a: {use: ./ear.yaml, with: {start: 1}}\n  b: {use: ./ear.yaml, with: {start: 1}}\n"
        "outputs: {o: [$a.sum, $b.sum]}"
    )
    assert len(refused_at(folder, text)) == 1


def test_a_recipe_that_uses_itself_is_refused_with_the_path(folder):
    """However far round it goes."""
    within = "recipe: x\nsteps:\n  e: {use: ./%s.yaml}\noutputs: {o: 1}"
    write(folder, "first.yaml", within % "second")
    write(folder, "second.yaml", within % "outer")
    (problem,) = refused_at(folder, within % "first")
    said = "the recipe uses itself: outer.yaml uses first.yaml uses second.yaml uses outer.yaml"
    assert problem.startswith(f"second.yaml:3:12: {said}")
    (alone,) = refused_at(folder, within % "outer")
    assert alone.startswith("outer.yaml:3:12: the recipe uses itself: outer.yaml uses outer.yaml")


def test_one_recipe_may_be_used_twice(folder):
    """That is no circle."""
    steps = "  a: {use: ./eye.yaml, with: {start: 1}}\n  b: {use: ./eye.yaml, with: {start: 2}}"
    plan = planned_at(folder, f"recipe: outer\nsteps:\n{steps}\noutputs: {{o: [$a.sum, $b.sum]}}")
    assert list(plan.steps) == ["a", "b"]


EYES = """
recipe: eyes
inputs: {right: Exam, left: Exam, start: {type: float, default: 7}}
steps:
  each: {use: ./eye.yaml, foreach: {right: $right, left: $left}, with: {exam: $item}}
  right_eye: {use: ./eye.yaml, with: {exam: $right}}
outputs: {each: $each.map, right: $right_eye.sum}
"""
EYE_VALUES = {"start": 1.0, "pitch": 0.25}


def test_a_recipe_on_another_exam_takes_its_values_from_there(folder):
    """Never from this exam, nor from an input that is called the same."""
    plan = planned_at(folder, EYES)
    for name, exam in (("each", "$item"), ("right_eye", "$right")):
        bindings = plan.steps[name].bindings
        assert written(bindings["exam"].expression) == exam
        assert (bindings["start"].source, bindings["start"].expression) == ("exam", None)
        assert (bindings["more"].source, bindings["more"].expression) == ("exam", None)


@pytest.mark.parametrize(
    ("right", "problems"),
    [
        pytest.param(EYE_VALUES, [], id="all is there"),
        pytest.param(
            {"pitch": 0.25},
            ["eye.yaml:4:3: the exam 'right' has no 'start'"],
            id="an input is missing",
        ),
        pytest.param(
            {"start": 1.0, "pitch": "wide"}, ["eye.yaml:9:39: the exam is wrong: right.pitch: must"], id="wrong"
        ),
        pytest.param(5, ["outer.yaml:3:10: the exam is wrong: e1.right: takes an exam"], id="no exam"),
    ],
)
def test_a_recipe_on_another_exam_is_checked_against_that(folder, right, problems):
    """Where it is known which it is."""
    exam = {"right": right, "left": EYE_VALUES, "pitch": 1.0}
    if problems:
        found = refused_at(folder, EYES, exam)
        assert len(found) == len(problems)
        assert all(one.startswith(said) for one, said in zip(found, problems, strict=True))
    else:
        planned_at(folder, EYES, exam)


def test_a_recipe_on_this_exam_is_checked_against_this(folder):
    """But for what the recipe around it gives."""
    text = "recipe: outer\nsteps:\n  e: {use: ./eye.yaml, with: {start: 1}}\noutputs: {o: $e}"
    planned_at(folder, text, {"pitch": 0.25})
    (problem,) = refused_at(folder, text, {"pitch": "wide"})
    assert problem.startswith("eye.yaml:9:39: the exam is wrong: e1.pitch: must be a valid number")
    (problem,) = refused_at(folder, text.replace("start: 1", ""), {"pitch": 0.25})
    assert problem.startswith("outer.yaml:3:12: ./eye.yaml needs 'start'")


def test_a_recipe_that_is_used_again_in_the_same_way_is_planned_once(tmp_path, monkeypatch):
    """However often recipes use recipes that use recipes."""
    depth, made = 24, []
    for number in range(depth):
        step = f"./r{number + 1}.yaml" if number + 1 < depth else "make_maps"
        steps = f"  a: {{use: {step}}}\n  b: {{use: {step}}}"
        write(tmp_path, f"r{number}.yaml", f"recipe: r\nsteps:\n{steps}\noutputs: {{o: [$a, $b]}}")
    begin = Planner.__init__
    monkeypatch.setattr(Planner, "__init__", lambda *words: made.append(words) or begin(*words))
    plan = Planner(read_recipe(tmp_path / "r0.yaml"), REGISTRY).plan()
    assert len(made) == depth
    assert plan.steps["a"].plan is plan.steps["b"].plan
