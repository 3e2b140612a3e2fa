"""Where things stand in a recipe's text."""

from __future__ import annotations

import pytest

from foveola.diagnostics import Problem, Source, Span
from foveola.recipes.places import beginning, in_order, is_within, part_span, with_source
from foveola.recipes.reader import parse_recipe
from foveola.recipes.text import parse

TEXT = "recipe: x\nsteps:\n  a:\n    use: b\n    with:\n      c: {points: [[0, 1], [2, 3]]}\noutputs:\n"


@pytest.mark.parametrize(
    ("path", "column"),
    [
        pytest.param([], 10, id="the whole"),
        pytest.param(["points"], 19, id="a key"),
        pytest.param(["points", 1], 28, id="an item"),
        pytest.param(["points", "1", "0"], 29, id="an item of an item"),
        pytest.param(["points", 7], 19, id="no such item"),
        pytest.param(["lines"], 10, id="no such key"),
        pytest.param(["points", 0, 0, "x"], 21, id="deeper than it goes"),
    ],
)
def test_a_part_of_a_value_has_its_own_place(path, column):
    """As far as there is such a part."""
    constant = parse_recipe(TEXT).steps["a"].arguments["c"].expression
    span = part_span(constant, path)
    assert (span.line, span.column) == (6, column)


def test_problems_stand_in_the_order_of_the_text():
    """Those of other texts come last."""
    other = Source("other.yaml", "")
    spans = [Span(3, 1, 3, 2), Span(1, 5, 1, 6), Span(1, 1, 1, 2, other), Span(1, 2, 1, 3)]
    problems = sorted((Problem("x", span) for span in spans), key=in_order)
    assert [problem.span for problem in problems] == [spans[3], spans[1], spans[0], spans[2]]


@pytest.mark.parametrize(
    ("inner", "within"),
    [
        pytest.param(Span(2, 3, 2, 5), True, id="inside"),
        pytest.param(Span(1, 5, 3, 9), True, id="the same"),
        pytest.param(Span(1, 4, 2, 1), False, id="begins before"),
        pytest.param(Span(3, 8, 3, 10), False, id="ends after"),
    ],
)
def test_a_stretch_lies_within_another(inner, within):
    """Whatever lines they span."""
    assert is_within(inner, Span(1, 5, 3, 9)) is within


def test_the_beginning_is_one_character():
    """However long the node is."""
    node, _ = parse("\n  a: 1\n  b: 2\n", "x")
    assert beginning(node) == Span(2, 3, 2, 4)


def test_every_place_can_be_given_a_text_of_its_own():
    """Keys, items and the whole."""
    source = Source("--set", "{a: [1, b]}")
    node, _ = parse(source.text, "x")
    placed = with_source(node, source)
    entry = placed.entries[0]
    assert {one.span.source for one in (placed, entry.key, entry.value, *entry.value.items)} == {source}
    assert node.span.source is None
