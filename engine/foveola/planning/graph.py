"""The steps as a graph: who needs whom, in which order, and where they run in a circle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx as nx

Needs = Mapping[str, Iterable[str]]
"""The steps that each step needs, by name."""


def ordered(needs: Needs, wanted: Iterable[str]) -> list[str]:
    """What the wanted steps need and they themselves, each after what it needs; ties in the order of writing.

    Steps that wait for one another in a circle are left out, and so are those that wait for them.

    >>> ordered({"late": ["early"], "other": [], "early": []}, ["late"])
    ['early', 'late']
    """
    names = list(needs)
    place = {name: number for number, name in enumerate(names)}
    kept = needed_by(needs, wanted)
    waiting_for = {name: len(set(needs[name])) for name in kept}
    takers: dict[str, list[str]] = {name: [] for name in kept}
    for name in kept:
        for needed in set(needs[name]):
            takers[needed].append(name)
    ready = [place[name] for name, count in waiting_for.items() if count == 0]
    heapify(ready)
    order = []
    while ready:
        name = names[heappop(ready)]
        order.append(name)
        for taker in takers[name]:
            waiting_for[taker] -= 1
            if waiting_for[taker] == 0:
                heappush(ready, place[taker])
    return order


def needed_by(needs: Needs, wanted: Iterable[str]) -> set[str]:
    """The wanted steps, and all that they need.

    >>> sorted(needed_by({"a": [], "b": ["a"], "c": ["b"], "d": []}, ["c"]))
    ['a', 'b', 'c']
    """
    found: set[str] = set()
    waiting = list(wanted)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += needs[name]
    return found


def graph_of(needs: Needs) -> nx.DiGraph:
    """The graph whose edges run from each needed step to the steps that need it."""
    import networkx as nx  # noqa: PLC0415  it takes as long to import as all the rest, and few ask for a graph

    graph = nx.DiGraph()
    graph.add_nodes_from(needs)
    graph.add_edges_from((needed, step) for step, all_needed in needs.items() for needed in all_needed)
    return graph


def circles(needs: Needs) -> list[list[str]]:
    """A circle for each group of steps that need one another, as a path in which each step needs the next.

    >>> circles({"a": ["b"], "b": ["c"], "c": ["a"], "d": []})
    [['a', 'b', 'c', 'a']]
    """
    import networkx as nx  # noqa: PLC0415  see above

    graph = graph_of(needs)
    found = []
    for component in nx.strongly_connected_components(graph):
        first = min(component)
        if len(component) > 1 or graph.has_edge(first, first):
            edges = nx.find_cycle(graph.subgraph(component), first)
            found.append([edges[0][0], *(start for start, _ in reversed(edges))])
    return sorted(found)
