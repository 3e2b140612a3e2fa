"""The steps as a graph."""

from __future__ import annotations

from itertools import pairwise

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foveola.planning.graph import circles, graph_of, needed_by, ordered

DIAMOND = {"end": ["left", "right"], "left": ["start"], "right": ["start"], "start": [], "other": ["start"]}


def test_each_step_comes_after_what_it_needs():
    """Ties in the order of writing, and nothing that nobody asked for."""
    assert ordered(DIAMOND, ["end"]) == ["start", "left", "right", "end"]
    assert ordered(DIAMOND, ["right"]) == ["start", "right"]
    assert ordered(DIAMOND, DIAMOND) == ["start", "left", "right", "end", "other"]
    assert ordered(DIAMOND, []) == []


def test_what_is_needed_is_found_through_others():
    """The wanted steps among it."""
    assert needed_by(DIAMOND, ["left"]) == {"start", "left"}


def test_circles_are_left_out_of_the_order():
    """And what waits for them."""
    assert ordered({"a": ["b"], "b": ["a"], "c": ["b"], "d": []}, "abcd") == ["d"]


@pytest.mark.parametrize(
    ("needs", "found"),
    [
        pytest.param({"a": [], "b": ["a"]}, [], id="none"),
        pytest.param({"a": ["a"]}, [["a", "a"]], id="of one"),
        pytest.param({"a": ["b"], "b": ["a"]}, [["a", "b", "a"]], id="of two"),
        pytest.param({"c": ["b"], "b": ["a"], "a": ["c"]}, [["a", "c", "b", "a"]], id="of three"),
        pytest.param({"a": ["b"], "b": ["a"], "x": ["x", "a"]}, [["a", "b", "a"], ["x", "x"]], id="two of them"),
    ],
)
def test_a_circle_is_a_path_in_which_each_needs_the_next(needs, found):
    """One for each group of steps that wait for one another."""
    assert circles(needs) == found
    for path in found:
        assert all(after in needs[before] for before, after in pairwise(path))


def test_the_graph_runs_from_what_is_needed():
    """As networkx draws and orders it."""
    graph = graph_of(DIAMOND)
    assert set(graph) == set(DIAMOND)
    assert set(graph.successors("start")) == {"left", "right", "other"}


@given(needs=st.lists(st.sets(st.integers(0, 12)), max_size=13))
def test_the_order_is_that_of_networkx(needs):
    """For whatever graph has no circles; and where there are some, they are found."""
    graph = {str(name): [str(one) for one in some if one < len(needs)] for name, some in enumerate(needs)}
    drawn = graph_of(graph)
    if nx.is_directed_acyclic_graph(drawn):
        place = {name: number for number, name in enumerate(graph)}
        assert ordered(graph, graph) == list(nx.lexicographical_topological_sort(drawn, key=place.__getitem__))
        assert circles(graph) == []
    else:
        assert len(ordered(graph, graph)) < len(graph)
        assert circles(graph)
