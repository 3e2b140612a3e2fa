"""`--set`: values of steps, context and exam, given from outside."""

from __future__ import annotations

import numpy as np
import pytest

from foveola import InputError, Millimetres, RecipeError, UnknownNameError
from foveola.recipes.model import written
from foveola.recipes.reader import parse_recipe
from foveola.recipes.settings import apply_settings

RECIPE = parse_recipe("recipe: x\ncontext: {zone: 6 mm}\nsteps:\n  a: {use: b, with: {c: 1}}\noutputs: {o: $a}\n")
DECLARED = {"slice_thickness": Millimetres, "laterality": str}


@pytest.mark.parametrize(
    ("target", "text", "argument"),
    [
        pytest.param("a.c", "2", {"c": "2"}, id="replaced"),
        pytest.param("a.d", "[mean, std]", {"c": "1", "d": "[mean, std]"}, id="added"),
        pytest.param("a.c", "$exam.x", {"c": "$exam.x"}, id="a reference"),
        pytest.param("a.c", "", {"c": "''"}, id="empty text"),
    ],
)
def test_an_argument_is_set(target, text, argument):
    """As if the step had written it."""
    recipe, exam = apply_settings(RECIPE, {target: text})
    assert {name: written(one.expression) for name, one in recipe.steps["a"].arguments.items()} == argument
    assert exam == {}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        pytest.param(["mean", "std"], "[mean, std]", id="list"),
        pytest.param(0.5, "0.5", id="number"),
        pytest.param(np.float64(1e-7), "1e-07", id="small number"),
        pytest.param(True, "true", id="truth"),
        pytest.param(None, "null", id="null"),
        pytest.param({"a": ["5", "no", "$x"]}, "{a: ['5', no, '$$x']}", id="texts that look like something else"),
    ],
)
def test_a_value_is_set_as_it_is(value, said):
    """Scripts need not write it as a recipe would; it is remembered as one would."""
    recipe, _ = apply_settings(RECIPE, {"a.c": value})
    assert recipe.steps["a"].arguments["c"].expression.value == value
    assert recipe.settings == {"a.c": said}


def test_context_is_set():
    """An entry is replaced or added."""
    recipe, _ = apply_settings(RECIPE, {"context.zone": "3 mm", "context.layers": "[rnfl]"})
    assert {name: written(one.expression) for name, one in recipe.context.items()} == {
        "zone": "3 mm",
        "layers": "[rnfl]",
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("0.25", 0.25, id="number"),
        pytest.param("0.25 mm", 0.25, id="in the exam's unit"),
        pytest.param("250 µm", 0.25, id="in another unit"),
        pytest.param("250 um", 0.25, id="in another spelling"),
        pytest.param("null", None, id="null"),
        pytest.param("thick", "thick", id="text is left to the exam"),
    ],
)
def test_a_value_of_the_exam_is_set_in_its_unit(text, value):
    """As a recipe would write it."""
    assert apply_settings(RECIPE, {"exam.slice_thickness": text}, DECLARED)[1] == {"slice_thickness": value}


def test_other_values_of_the_exam_are_set_as_they_are():
    """Names that nobody declared too, and where nothing is known of the exam."""
    settings = {"exam.laterality": "L", "exam.age": "61", "exam.label": "6 mm"}
    assert apply_settings(RECIPE, settings, DECLARED)[1] == {"laterality": "L", "age": 61, "label": "6 mm"}
    assert apply_settings(RECIPE, {"exam.slice_thickness": "250 µm"})[1] == {"slice_thickness": "250 µm"}


def test_settings_are_remembered_as_they_were_written():
    """A result says what was set."""
    settings = {"a.c": "2", "exam.laterality": "L"}
    recipe, _ = apply_settings(RECIPE, settings)
    assert recipe.settings == settings
    assert apply_settings(recipe, {"a.c": "3"})[0].settings == {"a.c": "3", "exam.laterality": "L"}
    assert RECIPE.settings == {}


@pytest.mark.parametrize(
    ("target", "text", "error", "said"),
    [
        pytest.param("c", "1", InputError, "--set c: takes STEP.PARAMETER=, ", id="no dot"),
        pytest.param("a.", "1", InputError, "--set a.: takes STEP.PARAMETER=, ", id="no parameter"),
        pytest.param("b.c", "1", UnknownNameError, "no step is called 'b'", id="no such step"),
        pytest.param("contxt.c", "1", UnknownNameError, "did you mean 'context'", id="nearly context"),
        pytest.param("a.c", "[", RecipeError, "--set a.c:1:2: a value is missing", id="no value"),
        pytest.param(
            "exam.laterality", "$a", InputError, "--set exam.laterality: takes a value that is written out", id="refers"
        ),
        pytest.param(
            "exam.slice_thickness", "5 px", InputError, "--set exam.slice_thickness: is in mm; 5 px is not", id="unit"
        ),
        pytest.param(
            "exam.slice_thickness", "5 MM", InputError, "no unit is called 'MM'; did you mean 'mm'?", id="no unit"
        ),
    ],
)
def test_a_setting_that_sets_nothing_is_refused(target, text, error, said):
    """With what is wrong, and the nearest right name."""
    with pytest.raises(error) as caught:
        apply_settings(RECIPE, {target: text}, DECLARED)
    assert said in str(caught.value)
