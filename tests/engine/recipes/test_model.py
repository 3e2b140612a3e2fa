"""What a recipe says: its expressions, as they are written, and the conditions of its steps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foveola.diagnostics import Span
from foveola.recipes.model import Constant, Named, Unreadable, is_same, references, written, written_value
from foveola.recipes.reader import parse_recipe, parse_value

RECIPE = """
recipe: model
context: {zone: 6 mm}
steps:
  one:
    use: op
    when: {$two.status: [found, $three.status]}
    foreach: $exam.eyes
    with: {a: [1, $two.x], b: {c: $three.y.z}, d: $$}
  two: {use: op}
  three: {use: op, when: {$one.flag: {not: true}}}
outputs: {out: [$one, {deep: $two.x}]}
"""


def test_references_are_found_however_deep_they_lie():
    """In lists, in maps, in conditions and in what a step runs over."""
    recipe = parse_recipe(RECIPE)
    assert [str(one) for one in recipe.steps["one"].references] == [
        *("$two.x", "$three.y.z", "$two.status", "$three.status", "$exam.eyes")
    ]
    assert [str(one) for one in references(recipe.outputs["out"].expression)] == ["$one", "$two.x"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("6 mm", "6 mm", id="quantity"),
        pytest.param("'6 furlongs'", "'6 furlongs'", id="no unit"),
        pytest.param("5", "5", id="number"),
        pytest.param("'5'", "'5'", id="text that looks like a number"),
        pytest.param("1e-3", "0.001", id="fraction"),
        pytest.param("yes", "yes", id="text"),
        pytest.param("'true'", "'true'", id="text that looks like true"),
        pytest.param("true", "true", id="true"),
        pytest.param("~", "null", id="null"),
        pytest.param("''", "''", id="empty text"),
        pytest.param("it's", "'it''s'", id="a quote"),
        pytest.param("$$5", "'$$5'", id="a dollar sign"),
        pytest.param("[a, {b: [1, false]}]", "[a, {b: [1, false]}]", id="nested"),
        pytest.param("[a, $step.field]", "[a, $step.field]", id="list with a reference"),
        pytest.param("{a: $item, b: null}", "{a: $item, b: null}", id="map with a reference"),
    ],
)
def test_expressions_are_written_as_a_recipe_writes_them(text, said):
    """On one line, quoted where that is needed."""
    assert written(parse_value(text, "x")) == said


def test_what_could_not_be_read_is_written_as_a_question_mark():
    """It is told elsewhere."""
    assert written(Unreadable(Span(1, 1, 1, 2))) == "?"


TEXTS = st.text(alphabet=st.characters(codec="latin-1", exclude_categories=["C"]))
SCALARS = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | TEXTS
PLAIN = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner), max_leaves=6
)


@given(value=PLAIN)
def test_what_is_written_reads_back(value):
    """Any plain value is read from what is written of it."""
    read = parse_value(written_value(value), "x")
    assert isinstance(read, Constant)
    assert read.value == value


@pytest.mark.parametrize(
    ("value", "others", "holds"),
    [
        pytest.param("found", ["found"], True, id="same"),
        pytest.param("found", ["lost", "found"], True, id="among several"),
        pytest.param("found", ["lost"], False, id="another"),
        pytest.param(None, ["found"], False, id="null"),
        pytest.param(None, [None], True, id="null is asked for"),
        pytest.param(1, [True], False, id="one is not true"),
        pytest.param(True, [1], False, id="true is not one"),
        pytest.param(6.0, [6], True, id="a number is a number"),
    ],
)
def test_a_condition_holds_for_its_values(value, others, holds):
    """And for all but its values if it is negated."""
    plain = parse_recipe(RECIPE).steps["one"].conditions[0]
    negated = parse_recipe(RECIPE).steps["three"].conditions[0]
    assert plain.holds(value, others) is holds
    assert negated.holds(value, others) is not holds


def test_a_condition_is_told_in_words():
    """As reasons quote it."""
    steps = parse_recipe(RECIPE).steps
    assert str(steps["one"].conditions[0]) == "$two.status is found or $three.status"
    assert str(steps["three"].conditions[0]) == "$one.flag is not true"


def test_numbers_and_truth_are_different_things():
    """Python's equality says otherwise."""
    assert is_same(1, 1.0)
    assert not is_same(0, False)  # noqa: FBT003  the value is the case


def test_context_and_arguments_are_set_from_outside():
    """The recipe itself stays as it was."""
    recipe = parse_recipe(RECIPE)
    value = Named("zone", Span(1, 1, 1, 2), parse_value("3 mm", "--set"))
    assert recipe.with_context(value).context["zone"] is value
    assert recipe.with_argument("two", value).steps["two"].arguments == {"zone": value}
    assert recipe.context["zone"] is not value
    assert recipe.steps["two"].arguments == {}
