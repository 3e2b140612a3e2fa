"""A plan as a picture of its steps, and as Mermaid."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from foveola.errors import FoveolaError
from foveola.planning.plan import Plan, PlannedStep
from foveola.recipes.model import references
from foveola.surfaces.report.svg import FAINT, INK, UNIQUE, drawing, number, shortened, tag, words

STATES = {
    "computed": ("#e3f4e8", "#1b7f3b"),
    "remembered": ("#e4edfb", "#1f4fb8"),
    "skipped": ("#f1f3f5", "#57606a"),
    "failed": ("#fde7e7", "#b00020"),
    "": ("#ffffff", "#57606a"),
}
"""Fill and outline of what became of a step."""
INPUT = ("#fff8e1", "#8a6d00")

PAGE = (690.0, 850.0)
"""Room for a picture on A4, px."""

_INCH = 72.0
_WORST_FIRST = ("failed", "computed", "skipped", "remembered")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")


@dataclass(frozen=True)
class Node:
    """An input or a step: its name, what it runs or is, what became of it."""

    name: str
    about: str
    is_input: bool = False
    is_recipe: bool = False
    state: str = ""

    @property
    def width(self) -> float:
        """Room for the words, px."""
        return max(
            118.0 if self.state else 72.0,
            7.3 * len(shortened(self.name, 30)) + 18,
            5.9 * len(shortened(self.about)) + 18,
        )

    @property
    def height(self) -> float:
        """Likewise."""
        return 50.0 if self.state else 36.0


@dataclass(frozen=True)
class Edge:
    """One takes what another gives; or runs only as that says."""

    source: str
    target: str
    is_condition: bool = False


def nodes_of(plan: Plan, states: Mapping[str, str] | None = None) -> list[Node]:
    """Inputs that are used, and steps in the order in which they run."""
    used = {edge.source for edge in edges_of(plan)}
    inputs = [Node(name, entry.type_name, is_input=True) for name, (entry, _) in plan.inputs.items() if name in used]
    steps = [
        Node(step.name, step.use, is_recipe=step.plan is not None, state=_state(step.name, states or {}))
        for step in plan.steps.values()
    ]
    return [*inputs, *steps]


def edges_of(plan: Plan) -> list[Edge]:
    """Who takes what of whom, each pair once."""
    found: dict[tuple[str, str], Edge] = {}
    known = {*plan.inputs, *plan.steps}
    for step in plan.steps.values():
        for source, is_condition in _sources(step):
            if source in known:
                found.setdefault((source, step.name), Edge(source, step.name, is_condition))
    return list(found.values())


def _sources(step: PlannedStep) -> Iterator[tuple[str, bool]]:
    expressions = [binding.expression for binding in step.bindings.values()] + [step.foreach]
    for expression in expressions:
        if expression is not None:
            yield from ((reference.name, False) for reference in references(expression))
    for condition in step.conditions:
        yield from ((reference.name, True) for reference in condition.references)


def _state(step: str, states: Mapping[str, str]) -> str:
    """What became of a step; of one of several, what is most worth knowing."""
    if step in states:
        return states[step]
    within = {state for name, state in states.items() if name.startswith((f"{step}[", f"{step}."))}
    return next((state for state in _WORST_FIRST if state in within), "")


# As text


def as_mermaid(plan: Plan, states: Mapping[str, str] | None = None) -> str:
    """A flowchart in Mermaid's words; a dotted arrow is a condition."""
    lines = ["flowchart TD"]
    for node in nodes_of(plan, states):
        said = f'"{_quoted(node.name)}<br/><small>{_quoted(node.about)}</small>"'
        shape = f"[/{said}/]" if node.is_input else f"[[{said}]]" if node.is_recipe else f"[{said}]"
        lines.append(
            f"    {_identifier(node.name, is_input=node.is_input)}{shape}{f':::{node.state}' * bool(node.state)}"
        )
    inputs = set(plan.inputs) - set(plan.steps)
    for edge in edges_of(plan):
        arrow = "-.->" if edge.is_condition else "-->"
        source = _identifier(edge.source, is_input=edge.source in inputs)
        lines.append(f"    {source} {arrow} {_identifier(edge.target, is_input=False)}")
    used = {node.state for node in nodes_of(plan, states) if node.state}
    lines += [f"    classDef {one} fill:{fill},stroke:{line}" for one, (fill, line) in STATES.items() if one in used]
    return "\n".join(lines) + "\n"


def _identifier(name: str, *, is_input: bool) -> str:
    """A name that is no word of Mermaid's."""
    return f"{'input' if is_input else 'step'}_{name}"


def _quoted(said: str) -> str:
    """Text within quotation marks, as entities of Mermaid's where it has to be."""
    return "".join(one if one.isalnum() or one in " _-.,:/()" else f"#{ord(one)};" for one in shortened(said))


# As a picture


def as_svg(plan: Plan, states: Mapping[str, str] | None = None, seconds: Mapping[str, float] | None = None) -> str:
    """The steps laid out by Graphviz, drawn by us.

    Args:
        plan: whose steps.
        states: what became of each step, by its name in a result; None: nothing has run.
        seconds: how long each took, likewise.

    Raises:
        FoveolaError: Graphviz is not installed.
    """
    nodes = {node.name: node for node in nodes_of(plan, states)}
    edges = edges_of(plan)
    if not nodes:
        return drawing(120, 30, f"{plan.recipe.name}: no steps", words("no steps", 8, 20, fill=FAINT))
    laid = max((_laid_out(nodes, edges, way) for way in ("TB", "LR")), key=_legibility)
    shapes = [_arrow_head()]
    for edge, path in zip(edges, laid.paths, strict=True):
        shapes.append(
            tag(
                "path",
                d=path,
                fill="none",
                stroke="#8b949e",
                stroke_width=1.1,
                stroke_dasharray="4 3" if edge.is_condition else None,
                marker_end=f"url(#a{UNIQUE})",
            )
        )
    for name, (x, y) in laid.places.items():
        shapes += _draw_node(nodes[name], x, y, (seconds or {}).get(name))
    counts = {state: sum(node.state == state for node in nodes.values()) for state in STATES if state}
    said = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
    about = f"The recipe {plan.recipe.name} as a graph of {len(plan.steps)} steps" + (f": {said}" if said else "")
    listed = "; ".join(f"{edge.target} takes {edge.source}" for edge in edges)
    return drawing(
        laid.width,
        laid.height,
        about,
        *shapes,
        description=listed,
        font_family="'Liberation Sans', Arial, Helvetica, sans-serif",
    )


@dataclass(frozen=True)
class _Laid:
    width: float
    height: float
    places: Mapping[str, tuple[float, float]]
    paths: list[str]


def _legibility(laid: _Laid) -> float:
    """How large the words are on a page; what fits as it is is best if it runs downwards."""
    return min(1.0, PAGE[0] / laid.width, PAGE[1] / laid.height)


def _laid_out(nodes: Mapping[str, Node], edges: list[Edge], way: str) -> _Laid:
    """Where Graphviz puts everything, in px from the upper left; it never sees a name."""
    try:
        from pygraphviz import AGraph  # noqa: PLC0415  the extra `report`
    except ImportError:
        raise FoveolaError("a picture of the plan needs Graphviz: pip install 'foveola[report]'") from None
    graph = AGraph(directed=True, strict=False, ranksep="0.35", nodesep="0.16", rankdir=way)
    keys = {name: f"n{place}" for place, name in enumerate(nodes)}
    for name, node in nodes.items():
        graph.add_node(
            keys[name], shape="box", fixedsize="true", width=node.width / _INCH, height=node.height / _INCH, label=""
        )
    for place, edge in enumerate(edges):
        graph.add_edge(keys[edge.source], keys[edge.target], key=f"e{place}")
    try:
        graph.layout(prog="dot")
    except (OSError, ValueError) as error:
        raise FoveolaError(f"a picture of the plan needs Graphviz's program dot: {error}") from None
    _, _, width, height = _numbers(graph.graph_attr["bb"])
    places = {}
    for name, key in keys.items():
        x, y = _numbers(graph.get_node(key).attr["pos"])
        places[name] = (x + 4, height - y + 4)
    paths = [
        _path(graph.get_edge(keys[edge.source], keys[edge.target], key=f"e{place}").attr["pos"], height)
        for place, edge in enumerate(edges)
    ]
    return _Laid(width + 8, height + 8, places, paths)


def _numbers(said: str) -> list[float]:
    return [float(one) for one in _NUMBER.findall(said)]


def _path(said: str, height: float) -> str:
    """Graphviz's spline (`e,x,y x,y ...`, the arrow's tip first) as a path."""
    points = [
        (x + 4, height - y + 4) for x, y in (_numbers(one) for one in said.split(" ") if not one.startswith("e,"))
    ]
    tip = next((_numbers(one[2:]) for one in said.split(" ") if one.startswith("e,")), None)
    first, *rest = (f"{number(x)} {number(y)}" for x, y in points)
    end = "" if tip is None else f"L{number(tip[0] + 4)} {number(height - tip[1] + 4)}"
    return f"M{first}C{' '.join(rest)}{end}"


def _arrow_head() -> str:
    head = tag("path", d="M0 0L8 4L0 8z", fill="#8b949e")
    return tag(
        "defs",
        tag("marker", head, id=f"a{UNIQUE}", markerWidth=8, markerHeight=8, refX=7.5, refY=4, orient="auto"),
    )


def _draw_node(node: Node, x: float, y: float, seconds: float | None) -> list[str]:
    fill, line = INPUT if node.is_input else STATES.get(node.state, STATES[""])
    left, top = x - node.width / 2, y - node.height / 2
    shapes = [
        tag(
            "rect",
            x=left,
            y=top,
            width=node.width,
            height=node.height,
            rx=12 if node.is_input else 4,
            fill=fill,
            stroke=line,
            stroke_width=2 if node.is_recipe or node.state == "failed" else 1.2,
            stroke_dasharray="5 3" if node.state == "skipped" else None,
        ),
        _said(shortened(node.name, 30), x, top + 15, font_size=12.5, fill=INK, font_weight=600),
        _said(shortened(node.about), x, top + 29, font_size=10.5, fill=FAINT),
    ]
    if node.state:
        took = "" if seconds is None or node.state != "computed" else f", {_duration(seconds)}"
        shapes.append(_said(f"{node.state}{took}", x, top + 43, font_size=10.5, fill=line, font_weight=600))
    return shapes


def _said(text: str, x: float, y: float, **attributes: Any) -> str:
    return words(text, x, y, text_anchor="middle", **attributes)


def _duration(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
