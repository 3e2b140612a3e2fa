"""Who fills a parameter: `with`, `context`, the recipe's input, the exam, the default, in this order."""

from __future__ import annotations

from typing import Annotated

import pytest

from foveola import Alias, Exam, Millimetres, Output, operation
from foveola.recipes.model import written
from foveola.testing import closed_registry


class Size(Output):
    """A length."""

    size: Millimetres
    zone: Millimetres = 0.0


@operation("measure")
def measure(zone: Annotated[Millimetres, Alias("circle")] = 6.0) -> Size:
    """Measure."""
    return Size(size=zone)


@operation("need")
def need(size: Millimetres) -> Size:
    """Need a size."""
    return Size(size=size)


class Scan(Exam):
    """An exam that knows a zone."""

    zone: Millimetres


PLAIN = closed_registry([measure, need])
SCANS = closed_registry([measure, need], {"Exam": Scan})

GIVEN = {
    "with": "with: {zone: 1 mm}",
    "context": "context: {zone: 2 mm}",
    "input": "inputs: {zone: float}",
}


def recipe_of(*places: str) -> str:
    """A recipe whose step `a` can be filled from some places."""
    sections = [GIVEN[place] for place in places if place != "with"]
    step = f"  a: {{use: measure, {GIVEN['with']}}}" if "with" in places else "  a: {use: measure}"
    return "\n".join(["recipe: x", *sections, "steps:", step, "  b: {use: measure}", "outputs: {o: [$a, $b]}"])


@pytest.mark.parametrize(
    ("places", "exam", "source", "value"),
    [
        pytest.param(["with", "context", "input"], {"zone": 3.0}, "with", "1", id="with before all"),
        pytest.param(["context", "input"], {"zone": 3.0}, "context", "2", id="then context"),
        pytest.param(["input"], {"zone": 3.0}, "input", "$zone", id="then the input"),
        pytest.param([], {"zone": 3.0}, "exam", "$exam.zone", id="then the exam"),
        pytest.param([], {}, "default", "6.0", id="then the default"),
    ],
)
def test_a_parameter_is_filled_in_this_order(planned, places, exam, source, value):
    """And the plan says from where."""
    plan = planned(recipe_of(*places), PLAIN, exam)
    assert plan.steps["a"].bindings["zone"].source == source
    assert plan.as_json()["steps"][0]["parameters"]["zone"] == {"from": source, "value": value, "note": None}


def test_without_an_exam_what_is_declared_is_taken_to_be_there(planned):
    """What is not declared is not."""
    assert planned(recipe_of(), SCANS).steps["a"].bindings["zone"].source == "exam"
    assert planned(recipe_of(), PLAIN).steps["a"].bindings["zone"].source == "default"


def test_an_exam_that_is_there_says_what_it_has(planned):
    """What is declared may be missing."""
    assert planned(recipe_of(), SCANS, {"zone": 3.0}).steps["a"].bindings["zone"].source == "exam"
    assert planned(recipe_of(), SCANS, {}).steps["a"].bindings["zone"].source == "default"


def test_adding_a_step_does_not_rewire_another(planned, problems_of):
    """An answer of the parameter's name does not fill it: it must be wired."""
    other = "recipe: x\nsteps:\n  a: {use: measure}\n  zone: {use: measure}\n  size: {use: measure}\noutputs: {o: $a}"
    assert planned(other, PLAIN).steps["a"].bindings["zone"].source == "default"
    (problem,) = problems_of(other.replace("a: {use: measure}", "a: {use: need}"), PLAIN)
    assert problem.startswith("3:12 need needs 'size' (a number in mm), and nothing gives it (wire $size.size or $")


@pytest.mark.parametrize("said", ["zone", "circle"])
def test_an_argument_is_said_by_any_of_its_names(planned, said):
    """What it is wired to is the parameter."""
    plan = planned(f"recipe: x\nsteps:\n  a: {{use: measure, with: {{{said}: 4}}}}\noutputs: {{o: $a}}", PLAIN)
    assert written(plan.steps["a"].bindings["zone"].expression) == "4"


def test_an_argument_is_said_once(problems_of):
    """By one of its names."""
    text = "recipe: x\nsteps:\n  a: {use: measure, with: {zone: 4, circle: 5}}\noutputs: {o: $a}"
    assert problems_of(text, PLAIN) == ["3:37 'zone' is given under two names (one is enough)"]


@pytest.mark.parametrize(
    ("argument", "problem"),
    [
        pytest.param("zoen", "3:28 measure has no parameter 'zoen' (did you mean 'zone'?)", id="near"),
        pytest.param("layers", "3:28 measure has no parameter 'layers' (it has zone)", id="far"),
    ],
)
def test_an_argument_that_is_no_parameter_is_refused(problems_of, argument, problem):
    """With the nearest, or all there are."""
    text = f"recipe: x\nsteps:\n  a: {{use: measure, with: {{{argument}: 4}}}}\noutputs: {{o: $a}}"
    assert problems_of(text, PLAIN) == [problem]


@pytest.mark.parametrize(
    ("context", "step", "problems"),
    [
        pytest.param("zone: 1", "use: measure", [], id="used"),
        pytest.param(
            "zoen: 1", "use: measure", ["2:11 no step has a parameter 'zoen' (did you mean 'zone'?)"], id="near"
        ),
        pytest.param("layers: [a]", "use: measure", ["2:11 no step has a parameter 'layers'"], id="far"),
        pytest.param(
            "zone: 1",
            "use: measure, with: {zone: 2}",
            ["2:11 no step takes 'zone' from here: each that has it is given it in `with`"],
            id="given in with",
        ),
        pytest.param(
            "layers: [a]",
            "use: maesure",
            [
                "2:11 no step has a parameter 'layers'",
                "4:12 no operation is called 'maesure' (did you mean 'measure'?)",
            ],
            id="of none, whatever was meant",
        ),
        pytest.param(
            "zone: 1",
            "use: maesure",
            ["4:12 no operation is called 'maesure' (did you mean 'measure'?)"],
            id="of what was probably meant",
        ),
        pytest.param(
            "layers: [a]", "use: something", ["4:12 no operation is called 'something'"], id="of nobody knows what"
        ),
    ],
)
def test_context_that_no_step_uses_is_an_error(problems_of, context, step, problems):
    """Unless it may be that of a step that could not be made out."""
    text = f"recipe: x\ncontext: {{{context}}}\nsteps:\n  a: {{{step}}}\noutputs: {{o: $a}}"
    assert problems_of(text, PLAIN) == problems


def test_needs_are_in_the_order_of_writing_each_once(planned):
    """Through arguments, conditions, `foreach` and context, whatever the order of the steps."""
    text = """
recipe: x
context: {zone: $z.size}
steps:
  last:
    use: measure
    foreach: {one: $b.size, two: $a.size}
    when: {$c.size: {not: $a.size}}
  z: {use: need, with: {size: $a.size}}
  c: {use: need, with: {size: 1}}
  b: {use: need, with: {size: 1}}
  a: {use: need, with: {size: 1}}
outputs: {o: $last}
"""
    plan = planned(text, PLAIN)
    assert plan.steps["last"].needs == ("z", "c", "b", "a")
    assert list(plan.steps) == ["c", "b", "a", "z", "last"]
