"""Where things stand in a recipe's text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from foveola.diagnostics import Problem, Source, Span
from foveola.recipes.model import Constant
from foveola.recipes.text import Entry, Mapping, Node, Scalar, Sequence


def in_order(problem: Problem) -> tuple[str, int, int]:
    """A key for sorting problems: those of the text itself come first, in its order."""
    span = problem.span
    return span.source.name if span.source else "", span.line, span.column


def is_within(inner: Span, outer: Span) -> bool:
    """Whether one stretch of text lies inside another."""
    starts_inside = (outer.line, outer.column) <= (inner.line, inner.column)
    return starts_inside and (inner.end_line, inner.end_column) <= (outer.end_line, outer.end_column)


def beginning(node: Node) -> Span:
    """The first character of a node."""
    return replace(node.span, end_line=node.span.line, end_column=node.span.column + 1)


def part_span(constant: Constant, path: Iterable[Any]) -> Span:
    """The place of a part of a written value; of the whole where there is no such part."""
    node = constant.node
    for key in path:
        match node:
            case Sequence() if str(key).isdigit() and int(key) < len(node.items):
                node = node.items[int(key)]
            case Mapping() if found := [entry.value for entry in node.entries if entry.key.text == str(key)]:
                node = found[0]
            case _:
                break
    return node.span


def with_source(node: Node, source: Source) -> Node:
    """The same node, its places in a text of its own."""
    match node:
        case Scalar():
            return _scalar_with_source(node, source)
        case Sequence():
            items = tuple(with_source(item, source) for item in node.items)
            return Sequence(items, replace(node.span, source=source))
        case Mapping():
            entries = (
                Entry(_scalar_with_source(one.key, source), with_source(one.value, source)) for one in node.entries
            )
            return Mapping(tuple(entries), replace(node.span, source=source))


def _scalar_with_source(scalar: Scalar, source: Source) -> Scalar:
    return replace(scalar, span=replace(scalar.span, source=source))
