"""The Python interface: call, check, plan and run."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

import foveola
from foveola import (
    Exam,
    ExamError,
    InputError,
    Millimetres,
    Output,
    Reader,
    RecipeError,
    UnknownNameError,
    hookimpl,
    operation,
)
from foveola.plugins import GROUP
from foveola.recipes.reader import parse_recipe
from foveola.registry import READERS, RECIPES, TYPES, Registry
from foveola.surfaces.python import load_exam, load_recipe

from .conftest import Point


class Number(Output):
    """A number."""

    value: float


@operation("add")
def add(value: float, more: float = 1.0) -> Number:
    """Add."""
    return Number(value=value + more)


class Scan(Exam):
    """An exam."""

    slice_thickness: Annotated[Millimetres, Field(gt=0)]
    laterality: Literal["L", "R"]


class Listening:
    """A plugin that hears of steps, and may stumble over them."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str, str]] = []
        self.error: Exception | None = None

    @hookimpl
    def foveola_step_finished(self, step: str, operation: str, state: str, seconds: float) -> None:
        """Hear of one."""
        assert seconds >= 0
        self.heard.append((step, operation, state))
        if self.error is not None:
            raise self.error


TEXT = (
    "recipe: sum\nabout: Adds\nsteps:\n  a: {use: add, with: {value: $exam.slice_thickness}}\noutputs: {o: $a.value}\n"
)


@pytest.fixture
def plugin() -> Listening:
    """A plugin that hears of steps."""
    return Listening()


@pytest.fixture
def registry(tmp_path: Path, plugin: Listening) -> Registry:
    """An operation, a reader of numbers, a folder of recipes, a kind of exam and a plugin."""
    folder = tmp_path / "shipped"
    folder.mkdir()
    (folder / "sum.yaml").write_text(TEXT, encoding="utf-8")

    def read(path: Path) -> dict[str, Any]:
        return {"slice_thickness": float(path.read_text(encoding="utf-8"))}

    points = [
        Point(RECIPES, "tests", folder),
        Point(READERS, "numbers", Reader("numbers", lambda path: path.suffix == ".txt", read)),
        Point(TYPES, "Exam", Scan),
        Point(GROUP, "listening", plugin),
    ]
    return Registry(points, [add])


@pytest.fixture
def exam(tmp_path: Path) -> Path:
    """The file of an exam."""
    path = tmp_path / "eye.txt"
    path.write_text("0.25", encoding="utf-8")
    return path


def test_one_operation_is_called_by_its_flat_names():
    """As the guide calls it."""
    spacing = {"pixel_spacing_column": 0.01, "pixel_spacing_row": 0.004}
    points = {"point_from": [0, 0], "point_to": [30, 100]}
    assert foveola.call("get_distance_between_two_points", **points, **spacing) == {"distance": 0.5}


@pytest.mark.parametrize(
    ("name", "values", "error", "said"),
    [
        pytest.param("get_distance", {}, UnknownNameError, "no operation is called 'get_distance'", id="no operation"),
        pytest.param(
            "get_distance_between_two_points",
            {"point": 1},
            InputError,
            "point: get_distance_between",
            id="no parameter",
        ),
        pytest.param(
            "get_distance_between_two_points", {}, InputError, "point_from: get_distance_between", id="missing"
        ),
    ],
)
def test_what_a_call_refuses_it_refuses_by_name(name, values, error, said):
    """With an error of ours."""
    with pytest.raises(error) as caught:
        foveola.call(name, **values)
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize("recipe", ["name", "path", "text path", "recipe"])
@pytest.mark.parametrize("kind", ["path", "text path", "mapping", "exam"])
def test_a_recipe_runs_on_an_exam(registry, exam, recipe, kind):
    """Whichever way they are given."""
    path = registry.recipes["sum"]
    recipes = {"name": "sum", "path": path, "text path": str(path), "recipe": parse_recipe(TEXT)}
    values = {"slice_thickness": 0.25}
    exams = {"path": exam, "text path": str(exam), "mapping": values, "exam": Scan(values)}
    result = foveola.run(recipes[recipe], exams[kind], registry=registry, memo=None)
    assert result.outputs == {"o": 1.25}
    assert result.exam.name == ("eye" if "path" in kind else "exam")


def test_check_says_what_is_wrong_as_the_command_does(registry, exam):
    """File, message, hint and range; nothing if nothing is wrong."""
    assert foveola.check("sum", registry=registry) == []
    assert foveola.check("sum", exam, registry=registry) == []
    wrong = parse_recipe(TEXT.replace("add", "ad"), "sum.yaml")
    assert foveola.check(wrong, registry=registry) == [
        {
            "file": "sum.yaml",
            "message": "no operation is called 'ad'",
            "hint": "did you mean 'add'?",
            "range": {"start": {"line": 4, "column": 12}, "end": {"line": 4, "column": 14}},
        }
    ]


def test_check_says_what_is_wrong_with_a_text_too(registry, tmp_path):
    """Of which no recipe can be made."""
    path = tmp_path / "broken.yaml"
    path.write_text("recipe: [", encoding="utf-8")
    (problem,) = foveola.check(path, registry=registry)
    assert problem["file"] == "broken.yaml"


def test_check_says_where_a_setting_is_wrong(registry):
    """By the setting, not by a line of the recipe."""
    (problem,) = foveola.check("sum", registry=registry, settings={"a.more": "many"})
    assert (problem["file"], problem["message"]) == ("--set a.more", "more: must be a valid number")
    assert problem["range"]["start"] == {"line": 1, "column": 1}


def test_plan_computes_nothing(registry):
    """It answers the steps in order."""
    plan = foveola.plan("sum", registry=registry)
    assert list(plan.steps) == ["a"]
    assert foveola.plan("sum", {"slice_thickness": 1.0}, registry=registry, only=["o"]).unneeded == ()


@pytest.mark.parametrize(
    ("settings", "value"),
    [
        pytest.param({"a.more": "2"}, 2.25, id="argument"),
        pytest.param({"a.value": "$exam.laterality"}, None, id="reference that does not fit"),
        pytest.param({"exam.slice_thickness": "0.5"}, 1.5, id="exam"),
        pytest.param({"exam.slice_thickness": "500 µm"}, 1.5, id="exam in another unit"),
        pytest.param({"context.more": "3"}, 3.25, id="context"),
    ],
)
def test_values_are_set_from_outside(registry, exam, settings, value):
    """Of steps, of the context, of the exam."""
    if value is None:
        with pytest.raises(
            RecipeError, match=r"^--set a\.value:1:1: value takes a number; \$exam\.laterality is 'L' or"
        ):
            foveola.run("sum", exam, registry=registry, settings=settings, memo=None)
    else:
        result = foveola.run("sum", exam, registry=registry, settings=settings, memo=None)
        assert result.outputs == {"o": value}


@pytest.mark.parametrize(
    ("settings", "error", "said"),
    [
        pytest.param(
            {"exam.slice_thickness": "-1"}, RecipeError, "the exam is wrong: eye.slice_thickness: ", id="range"
        ),
        pytest.param({"b.more": "1"}, UnknownNameError, "no step is called 'b'", id="no step"),
        pytest.param({"a.moer": "1"}, RecipeError, "--set a.moer:1:1: add has no parameter 'moer'", id="no parameter"),
        pytest.param({"context.zone": "1"}, RecipeError, "no step has a parameter 'zone'", id="no context"),
    ],
)
def test_settings_are_checked_as_what_is_written(registry, exam, settings, error, said):
    """With their own place."""
    with pytest.raises(error) as caught:
        foveola.run("sum", exam, registry=registry, settings=settings, memo=None)
    assert said in str(caught.value)


def test_the_exam_cannot_be_set_where_there_is_none(registry):
    """It would do nothing."""
    with pytest.raises(InputError, match=r"--set exam\.laterality: there is no exam to set it in"):
        foveola.plan("sum", registry=registry, settings={"exam.laterality": "L"})


@pytest.mark.parametrize(
    ("recipe", "error", "said"),
    [
        pytest.param("smu", UnknownNameError, "no recipe is called 'smu': did you mean 'sum'?", id="nearly a name"),
        pytest.param("smu.yaml", InputError, "smu.yaml: there is no such recipe file", id="no file"),
        pytest.param("some/where", InputError, "some/where: there is no such recipe file", id="no path"),
        pytest.param("x" * 300 + ".yaml", InputError, "the recipe cannot be read: File name too long", id="too long"),
        pytest.param("a\0b", UnknownNameError, "no recipe is called 'a\\x00b'", id="no path at all"),
        pytest.param("/", UnknownNameError, "no recipe is called '/'", id="a folder"),
    ],
)
def test_a_recipe_that_is_none_is_refused(registry, recipe, error, said):
    """By name or by path."""
    with pytest.raises(error) as caught:
        load_recipe(recipe, registry)
    assert said in str(caught.value)


def test_an_exam_that_is_none_is_refused(registry, tmp_path):
    """By its path."""
    with pytest.raises(ExamError, match="there is no such file or folder"):
        foveola.run("sum", tmp_path / "eye.vol", registry=registry, memo=None)


@pytest.mark.parametrize("said", [".", ".."])
def test_an_exam_is_called_after_its_folder_however_it_is_said(tmp_path, monkeypatch, said):
    """Results are called after it."""
    folder = tmp_path / "eye" / "files"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    reader = Reader("folders", Path.is_dir, lambda path: {"folder": str(path)})
    loaded = load_exam(said, Registry([Point(READERS, "folders", reader)]))
    assert loaded.name == ("files" if said == "." else "eye")


def test_plugins_hear_of_steps_and_so_does_the_listener(registry, exam, plugin):
    """Each as it ends."""
    heard = []
    foveola.run("sum", exam, registry=registry, memo=None, listener=lambda step: heard.append(step.name))
    assert plugin.heard == [("a", "add", "computed")]
    assert heard == ["a"]


def test_a_plugin_that_stumbles_over_a_step_is_warned_of(registry, exam, plugin):
    """The run goes on."""
    plugin.error = LookupError("where?")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = foveola.run("sum", exam, registry=registry, memo=None)
    assert result.outputs == {"o": 1.25}
    (said,) = [str(one.message) for one in caught]
    assert said.endswith(" of an unnamed distribution: fails when asked foveola_step_finished: LookupError: where?")
