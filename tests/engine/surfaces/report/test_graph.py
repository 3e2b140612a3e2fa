"""A plan as a picture and as Mermaid."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from foveola import FoveolaError
from foveola.surfaces.report import graph
from foveola.surfaces.report.graph import as_mermaid, as_svg, edges_of
from foveola.surfaces.report.notebook import plan_as_html


def test_mermaid_has_inputs_steps_and_conditions(ran):
    """Inputs lean, conditions are dotted."""
    text = as_mermaid(ran().plan)
    assert text.startswith("flowchart TD\n")
    assert 'input_length[/"length<br/><small>float</small>"/]' in text
    assert 'step_twice["twice<br/><small>scale</small>"]' in text
    assert "input_length --> step_twice" in text
    assert "step_twice -.-> step_never" in text


def test_mermaid_says_what_became_of_steps(ran):
    """A state is a class; of a `foreach` that of its items."""
    result = ran()
    states = {step.name: step.state for step in result.steps.values()}
    text = as_mermaid(result.plan, states)
    assert "step_never" in text
    assert ":::skipped" in text
    assert re.search(r"step_each.*:::computed", text)
    assert "classDef computed" in text


def test_each_pair_has_one_edge(ran):
    """What is taken and waited for is one arrow, and not a dotted one."""
    edges = [(edge.source, edge.target, edge.is_condition) for edge in edges_of(ran().plan)]
    assert edges == [("length", "twice", False), ("names", "each", False), ("twice", "never", True)]


def test_svg_draws_every_node_and_edge(ran):
    """It is well-formed, has a name, and a path for each edge."""
    pytest.importorskip("pygraphviz")
    result = ran()
    states = {step.name: step.state for step in result.steps.values()}
    root = ET.fromstring(as_svg(result.plan, states, {"twice": 0.0123}))  # noqa: S314  our own
    space = {"s": "http://www.w3.org/2000/svg"}
    said = " ".join(text.text or "" for text in root.findall(".//s:text", space))
    assert all(word in said for word in ("length", "twice", "computed, 12 ms", "never", "skipped"))
    assert len(root.findall("s:path", space)) == 3
    assert root.find("s:title", space).text.startswith("The recipe lengths as a graph of 3 steps")


def test_without_graphviz_the_error_says_what_to_install(ran, monkeypatch):
    """And a notebook shows Mermaid's words instead."""
    monkeypatch.setitem(__import__("sys").modules, "pygraphviz", None)
    with pytest.raises(FoveolaError, match=r"pip install 'foveola\[report\]'"):
        as_svg(ran().plan)
    assert plan_as_html(ran().plan).startswith("<pre>flowchart TD")


def test_hostile_words_cannot_leave_a_label():
    """Quotes and brackets become entities."""
    assert graph._quoted('a"] <b>') == "a#34;#93; #60;b#62;"
