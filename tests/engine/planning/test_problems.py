"""Problems of one recipe, collected."""

from __future__ import annotations

import pytest

from foveola import RecipeError
from foveola.diagnostics import Problem, Source, Span
from foveola.planning.problems import Problems

HERE, THERE = Span(2, 1, 2, 2), Span(1, 1, 1, 2)


@pytest.mark.parametrize(
    ("once_per", "told"),
    [
        pytest.param("problem", [("a", THERE), ("a", HERE), ("b", HERE)], id="the same at the same place"),
        pytest.param("place", [("a", THERE), ("a", HERE)], id="anything at a place"),
        pytest.param("message", [("a", HERE), ("b", HERE)], id="a message anywhere"),
    ],
)
def test_each_is_told_once(once_per, told):
    """In the order of the text."""
    problems = Problems()
    for message, span in (("a", HERE), ("a", THERE), ("a", HERE), ("b", HERE)):
        problems.refuse(message, span, once_per=once_per)
    with pytest.raises(RecipeError) as caught:
        problems.raise_if_any(Source("r.yaml", "x\ny\n"))
    assert [(problem.message, problem.span) for problem in caught.value.problems] == told


def test_what_was_wrong_with_the_text_is_told_too():
    """And nothing more of its place where once is enough."""
    problems = Problems([Problem("text", HERE)])
    problems.refuse("wire", HERE, once_per="place")
    problems.refuse("other", THERE, "try")
    with pytest.raises(RecipeError) as caught:
        problems.raise_if_any(Source("r.yaml", "x\ny\n"))
    assert caught.value.problems == (Problem("other", THERE, "try"), Problem("text", HERE))


def test_nothing_wrong_is_no_error():
    """The recipe goes on."""
    Problems().raise_if_any(Source("r.yaml", ""))
