"""The inputs of a recipe: types, defaults, and what the exam must offer."""

from __future__ import annotations

import pytest

from foveola import Micrometres, Output, operation, run
from foveola.recipes.reader import parse_recipe
from foveola.registry import TYPES, Registry
from foveola.testing import closed_registry


class Number(Output):
    """A number."""

    value: float


@operation("add")
def add(value: float, more: float = 1.0) -> Number:
    """Add."""
    return Number(value=value + more)


REGISTRY = closed_registry([add])


@pytest.mark.parametrize(
    ("entry", "exam", "problem"),
    [
        pytest.param("Scna", None, "2:13 no type is called 'Scna'", id="no type"),
        pytest.param("Exma", None, "2:13 no type is called 'Exma' (did you mean 'Exam'?)", id="nearly a type"),
        pytest.param("float", {"n": 1.0}, None, id="there"),
        pytest.param("float", {}, "2:10 the exam 'e1' has no 'n' (--set exam.n=... gives it)", id="not there"),
        pytest.param("float", {"n": None}, "2:10 the exam 'e1' has no 'n' (--set exam.n=... gives it)", id="null"),
        pytest.param(
            "float",
            {"n": "six"},
            "2:10 the exam is wrong: e1.n: must be a valid number (--set exam.n=... gives another)",
            id="another type",
        ),
        pytest.param("{type: float, default: 5}", {}, None, id="a default makes it optional"),
        pytest.param("{type: float, default: null}", {}, None, id="null too"),
        pytest.param(
            "{type: float, default: 5}",
            {"n": "six"},
            "2:10 the exam is wrong: e1.n: must be a valid number (--set exam.n=... gives another)",
            id="a default does not mend what is wrong",
        ),
    ],
)
def test_inputs_are_what_the_exam_must_offer(problems_of, entry, exam, problem):
    """With a type; checked where the exam is known."""
    text = f"recipe: x\ninputs: {{n: {entry}}}\nsteps:\n  a: {{use: add, with: {{value: $n}}}}\noutputs: {{o: $a}}"
    assert problems_of(text, REGISTRY, exam) == ([] if problem is None else [problem])


@pytest.mark.parametrize(
    ("entry", "exam", "problems"),
    [
        pytest.param("{type: float, default: 6}", None, [], id="fits"),
        pytest.param("{type: float, default: null}", {}, [], id="null makes it optional"),
        pytest.param("{type: float, default: wide}", {}, ["2:36 n: must be a valid number"], id="another type"),
        pytest.param("{type: bool, default: 6 mm}", None, ["2:35 n: must be a valid boolean"], id="no number"),
    ],
)
def test_a_default_is_read_as_the_inputs_type(problems_of, entry, exam, problems):
    """Before anything runs."""
    text = f"recipe: x\ninputs: {{n: {entry}}}\nsteps:\n  a: {{use: add, with: {{value: $n}}}}\noutputs: {{o: $a}}"
    assert problems_of(text, REGISTRY, exam) == problems


@operation("zoom")
def zoom(zone: Micrometres) -> Number:
    """Look."""
    return Number(value=zone)


@pytest.mark.parametrize(
    ("exam", "settings", "value"),
    [
        pytest.param({}, {}, 6000.0, id="its default"),
        pytest.param({"zone": 5}, {}, 5000.0, id="the exam's bare number"),
        pytest.param({}, {"exam.zone": "7 mm"}, 7000.0, id="set from outside"),
        pytest.param({}, {"exam.zone": "500 µm"}, 500.0, id="in another unit"),
    ],
)
def test_an_input_has_the_unit_of_its_default(exam, settings, value):
    """So that it is converted on its way like any other length, and bare numbers are in it."""
    text = "recipe: x\ninputs: {zone: {type: float, default: 6 mm}}\nsteps:\n  a: {use: zoom}\noutputs: {o: $a.value}"
    result = run(parse_recipe(text), exam, settings=settings, memo=None, registry=closed_registry([zoom]))
    assert result.outputs == {"o": value}
    assert result.plan.notes == ["a.zone: $zone converted from mm to µm"]


def test_an_input_in_another_dimension_is_refused(problems_of):
    """As any other wire."""
    text = "recipe: x\ninputs: {zone: {type: float, default: 6 px}}\nsteps:\n  a: {use: zoom}\noutputs: {o: $a}"
    assert problems_of(text, closed_registry([zoom])) == ["4:12 zone is in µm; $zone is in px, which never becomes µm"]


def test_a_name_that_no_input_can_have_is_told_once(problems_of):
    """The exam is not asked for it."""
    text = "recipe: x\ninputs: {exam: float}\nsteps:\n  a: {use: add, with: {value: 1}}\noutputs: {o: $a}"
    assert problems_of(text, REGISTRY, {}) == ["2:10 'exam' cannot be a name: it is the exam itself"]


class Broken:
    """An entry point that cannot be imported."""

    group, name, value, dist = TYPES, "Lids", "acme:Lids", None

    def load(self):
        """Fail."""
        raise ImportError("no acme")


def test_a_type_that_cannot_be_imported_is_told_at_the_input(problems_of):
    """With the plugin; nothing is told of what is made of it."""
    text = "recipe: x\ninputs: {n: Lids}\nsteps:\n  a: {use: add, with: {value: $n.size}}\noutputs: {o: $a}"
    (problem,) = problems_of(text, Registry([Broken()], [add]))
    assert problem.startswith("2:13 plugin 'Lids = acme:Lids' of an unnamed distribution: cannot be imported: ")
