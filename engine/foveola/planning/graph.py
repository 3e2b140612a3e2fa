"""The steps as a graph: who needs whom, in which order, and where they run in a circle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import networkx as nx


def graph_of(needs: Mapping[str, Iterable[str]]) -> nx.DiGraph:
    """The graph whose edges run from each needed step to the steps that need it.

    Args:
        needs: the steps that each step needs, by name.
    """
    graph = nx.DiGraph()
    graph.add_nodes_from(needs)
    graph.add_edges_from((needed, step) for step, all_needed in needs.items() for needed in all_needed)
    return graph


def circles(graph: nx.DiGraph) -> list[list[str]]:
    """A circle for each group of steps that need one another, as the path round it.

    >>> circles(graph_of({"a": ["b"], "b": ["a"], "c": []}))
    [['a', 'b', 'a']]
    """
    found = []
    for component in nx.strongly_connected_components(graph):
        first = min(component)
        if len(component) > 1 or graph.has_edge(first, first):
            edges = nx.find_cycle(graph.subgraph(component), first)
            found.append([start for start, _ in edges] + [edges[0][0]])
    return sorted(found)


def ordered(graph: nx.DiGraph, wanted: Iterable[str]) -> list[str]:
    """What the wanted steps need and they themselves, each after what it needs; ties in the order of writing.

    >>> ordered(graph_of({"late": ["early"], "other": [], "early": []}), ["late"])
    ['early', 'late']
    """
    place = {step: number for number, step in enumerate(graph)}
    kept = set(wanted)
    for step in tuple(kept):
        kept |= nx.ancestors(graph, step)
    return list(nx.lexicographical_topological_sort(graph.subgraph(kept), key=place.__getitem__))
