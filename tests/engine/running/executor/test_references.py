"""What references, outputs and inputs are worth when a plan is run."""

from __future__ import annotations

import numpy as np
import pytest

from foveola import InputError
from foveola.planning.planner import make_plan
from foveola.recipes.reader import parse_recipe
from foveola.running.executor import execute


@pytest.mark.parametrize(
    ("reference", "value"),
    [
        pytest.param("$a.value", 3.0, id="field"),
        pytest.param("$s.named.k1", 1.0, id="field of a field"),
        pytest.param("$s.listed.2", 2.0, id="item"),
        pytest.param("$b", {"mean": 2.0}, id="an answer that is shown as its map"),
        pytest.param("$b.statistics", {"mean": 2.0}, id="the same by its field"),
        pytest.param("$exam.pitch", 0.25, id="exam"),
        pytest.param("$exam.deep.list.1", 6, id="deep in what the exam says"),
        pytest.param("$exam.deep.list.9", None, id="beyond a list"),
        pytest.param("$exam.deep.none.x", None, id="no such key"),
        pytest.param("$exam.deep.word.0", None, id="a text has no parts"),
        pytest.param("$exam.deep.word.x", None, id="nor by name"),
        pytest.param("$exam.missing.x", None, id="what the exam does not say"),
        pytest.param("[$a.value, {b: $$5}]", [3.0, {"b": "$5"}], id="list and map"),
        pytest.param("5 mm", "5 mm", id="written"),
    ],
)
def test_references_are_followed(ran, reference, value):
    """As deep as values go; null where there is nothing."""
    steps = "  a: {use: add, with: {value: 2}}\n  s: {use: spread}\n  b: {use: show}"
    exam = {"pitch": 0.25, "deep": {"list": [5, 6], "word": "abc"}}
    assert ran(steps, exam, outputs=f"{{o: {reference}}}").outputs["o"] == value


def test_outputs_have_null_for_what_is_not_there(ran):
    """Alone, or within what is."""
    steps = "  a: {use: fail, with: {value: 2}}\n  b: {use: add, with: {value: 2}}"
    result = ran(steps, outputs="{o: $a.value, list: [$a.value, $b.value], map: {a: $a, b: $b.value}}")
    assert result.outputs == {"o": None, "list": [None, 3.0], "map": {"a": None, "b": 3.0}}


def test_millimetres_arrive_as_what_the_parameter_takes(ran):
    """Numbers, lists and maps of them; null stays null."""
    steps = "  l: {use: lengths}\n  t: {use: thin, with: {um: $l.mm, some: $l.some, named: $l.named}}"
    assert ran(steps, outputs="{o: $t.given}").outputs["o"] == [500.0, 500.0, None, 500.0]


def test_inputs_are_read_as_their_types(ran):
    """From the exam, else from the default; null is no value of the exam."""
    inputs = "{n: {type: float, default: 5}}"
    steps = "  a: {use: add, with: {value: $n}}"
    assert ran(steps, {"n": np.float64(2)}, inputs=inputs).outputs["a"]["value"] == 3.0
    assert ran(steps, {"n": None}, inputs=inputs).outputs["a"]["value"] == 6.0
    assert ran(steps, {}, inputs=inputs).outputs["a"]["value"] == 6.0


@pytest.mark.parametrize(
    ("exam", "message"),
    [
        pytest.param({}, "e1: the exam 'e1' has no 'n'", id="missing"),
        pytest.param({"n": "x"}, "e1.n: must be a valid number", id="wrong"),
    ],
)
def test_an_exam_that_does_not_fit_the_plan_is_refused(registry, exam, message):
    """Though the plan was made without it."""
    text = "recipe: x\ninputs: {n: float}\nsteps:\n  a: {use: add, with: {value: $n}}\noutputs: {o: $a}"
    plan = make_plan(parse_recipe(text), registry)
    with pytest.raises(InputError) as caught:
        execute(plan, registry.exam_type(exam, name="e1"))
    assert str(caught.value) == message
