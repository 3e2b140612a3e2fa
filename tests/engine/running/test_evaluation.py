"""What expressions are worth: followed references, and what is not there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
import pytest
from pydantic import Field

from foveola import Exam, Output, Record
from foveola.recipes.reader import parse_value
from foveola.running.evaluation import (
    EachAnswer,
    RecipeAnswer,
    SkipError,
    Unavailable,
    coverage_of,
    evaluate,
    evaluate_output,
    null_within,
    part_of,
    shown,
)

FAILED = Unavailable("needs 'x', which failed", failed=True)
SKIPPED = Unavailable("needs 'x', which was skipped", failed=False)


class Point(Record):
    """A record."""

    x: float = 1.0
    class_name: Annotated[str, Field(alias="className")] = "rnfl"


class Curve(Record, bare="points"):
    """Points by name."""

    points: Mapping[str, Point]


class Answer(Output, bare="values"):
    """An answer that is shown as its values."""

    values: Mapping[str, float]
    coverage: Mapping[str, float] | None = None


@pytest.mark.parametrize(
    ("value", "part", "found"),
    [
        pytest.param(Point(), "x", 1.0, id="field"),
        pytest.param(Point(), "className", "rnfl", id="field by its alias"),
        pytest.param(Point(), "y", None, id="no field"),
        pytest.param(Curve(points={"a": Point(x=2)}), "a", Point(x=2), id="what a record is shown as"),
        pytest.param(Answer(values={"a": 1}), "a", None, id="not of an answer"),
        pytest.param({"a": 1}, "a", 1, id="map"),
        pytest.param({"a": 1}, "b", None, id="no key"),
        pytest.param([5, 6], "1", 6, id="list"),
        pytest.param((5, 6), "2", None, id="beyond a tuple"),
        pytest.param([5, 6], "a", None, id="a list has no names"),
        pytest.param(np.array([5, 6]), "1", 6, id="array"),
        pytest.param("ab", "0", None, id="text"),
        pytest.param(5, "0", None, id="number"),
        pytest.param(None, "a", None, id="null"),
        pytest.param(Exam({"a": 1}), "a", 1, id="exam"),
        pytest.param(Exam({}), "a", None, id="what an exam does not say"),
        pytest.param(FAILED, "a", FAILED, id="what is not there has no parts"),
    ],
)
def test_a_part_of_a_value(value, part, found):
    """Null where there is none."""
    assert part_of(value, part) == found


def test_a_part_of_each_is_that_part_of_each_answer():
    """Keys kept, and what is not there is not there."""
    each = EachAnswer({"a": {"x": 1}, "b": SKIPPED})
    assert part_of(each, "x") == EachAnswer({"a": 1, "b": SKIPPED})
    assert isinstance(part_of(each, "x"), EachAnswer)


KNOWN: dict[str, Any] = {
    "one": 1.5,
    "lost": FAILED,
    "left": SKIPPED,
    "each": EachAnswer({"a": 1, "b": SKIPPED}),
    "broken": EachAnswer({"a": 1, "b": FAILED}),
    "recipe": RecipeAnswer({"x": 1, "y": SKIPPED, "z": FAILED}, {}),
}


@pytest.mark.parametrize(
    ("text", "given"),
    [
        pytest.param("$one", 1.5, id="reference"),
        pytest.param("[$one, {a: 5}]", [1.5, {"a": 5}], id="list and map"),
        pytest.param("$each", {"a": 1, "b": None}, id="an item that was skipped is null"),
        pytest.param("$recipe.x", 1, id="an output that is there"),
        pytest.param("[a, b]", ["a", "b"], id="constant"),
    ],
)
def test_what_a_step_is_given(text, given):
    """Whatever is there."""
    assert evaluate(parse_value(text, "x"), KNOWN) == given


@pytest.mark.parametrize(
    ("text", "root"),
    [
        pytest.param("$lost", FAILED, id="failed"),
        pytest.param("$left.x", SKIPPED, id="skipped"),
        pytest.param("[$one, $left]", SKIPPED, id="in a list"),
        pytest.param("$broken", FAILED, id="an item that failed"),
        pytest.param("$recipe.y", SKIPPED, id="an output that is not there"),
        pytest.param("$recipe", FAILED, id="a recipe in which something failed"),
    ],
)
def test_what_is_not_there_skips_a_step(text, root):
    """For the reason of what is missing."""
    with pytest.raises(SkipError) as caught:
        evaluate(parse_value(text, "x"), KNOWN)
    assert caught.value.root == root
    assert str(caught.value) == root.reason


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("$one", 1.5, id="there"),
        pytest.param("$lost", None, id="failed"),
        pytest.param("[$one, $lost, {a: $left}]", [1.5, None, {"a": None}], id="within"),
        pytest.param("$broken", {"a": 1, "b": None}, id="each"),
        pytest.param("$recipe", {"x": 1, "y": None, "z": None}, id="a recipe's answer"),
    ],
)
def test_what_an_output_shows(text, value):
    """Null for what is not there, and all that is."""
    assert shown(evaluate_output(parse_value(text, "x"), KNOWN)) == value


@pytest.mark.parametrize(
    ("value", "kind", "place"),
    [
        pytest.param([1.0, None], list[float], "1", id="list"),
        pytest.param([1.0, None], list[float | None], None, id="where it is taken"),
        pytest.param({"a": None}, Mapping[str, float], "a", id="map"),
        pytest.param([{"a": [None]}], list[Mapping[str, list[int]]], "0.a.0", id="deep"),
        pytest.param([None], Any, None, id="anything"),
        pytest.param(5, float, None, id="number"),
    ],
)
def test_null_within_a_value(value, kind, place):
    """By the keys that lead there."""
    assert null_within(value, kind) == place


COVERED = Answer(values={"a": 1}, coverage={"a": 0.5})


@pytest.mark.parametrize(
    ("text", "coverage"),
    [
        pytest.param("$a", {"a": 0.5}, id="answer"),
        pytest.param("$a.values", {"a": 0.5}, id="a part of it"),
        pytest.param("$each.values", {"x": {"a": 0.5}}, id="each that says it"),
        pytest.param("$recipe.o", {"a": 0.5}, id="output of a recipe"),
        pytest.param("$recipe", {"o": {"a": 0.5}}, id="all outputs of a recipe"),
        pytest.param("$recipe.p", None, id="output that says nothing"),
        pytest.param("$none", None, id="nothing is said"),
        pytest.param("$one", None, id="no answer"),
        pytest.param("[$a]", None, id="several together"),
    ],
)
def test_coverage_is_told_of_outputs(text, coverage):
    """As far as the answers that they are of say it."""
    known = {
        "a": COVERED,
        "none": Answer(values={}),
        "one": 1.0,
        "each": EachAnswer({"x": COVERED, "y": SKIPPED, "z": Answer(values={})}),
        "recipe": RecipeAnswer({"o": 1, "p": 2}, {"o": {"a": 0.5}}),
    }
    assert coverage_of(parse_value(text, "x"), known) == coverage
