"""What a recipe says, with the place of every value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from foveola.diagnostics import Source, Span
from foveola.recipes.text import Node


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that is written out. `node` is how, for the place of its parts."""

    value: Any
    span: Span
    node: Node


@dataclass(frozen=True, slots=True)
class Reference:
    """`$name.field.field`: an input, a step's answer, `exam`, `item` or `key`, or a part of it."""

    name: str
    path: tuple[str, ...]
    span: Span

    def __str__(self) -> str:
        return ".".join((f"${self.name}", *self.path))


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list with references in it."""

    items: tuple[Expression, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class MapOf:
    """A map with references in it."""

    items: Mapping[str, Expression]
    span: Span


Expression = Constant | Reference | ListOf | MapOf


def references(expression: Expression) -> Iterator[Reference]:
    """Every reference in an expression."""
    match expression:
        case Reference():
            yield expression
        case ListOf(items=items):
            for item in items:
                yield from references(item)
        case MapOf(items=items):
            for item in items.values():
                yield from references(item)


@dataclass(frozen=True, slots=True)
class Input:
    """What the exam must offer under a name; a default makes it optional."""

    name: str
    type_name: str
    type_span: Span
    span: Span
    default: Constant | None = None
    about: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """An expression under a name: an argument, a context entry, an output."""

    name: str
    span: Span
    expression: Expression


@dataclass(frozen=True, slots=True)
class Condition:
    """What a reference must be, or must not be, for the step to run."""

    reference: Reference
    values: tuple[Constant, ...]
    negated: bool

    def holds(self, value: Any) -> bool:
        """Whether a value meets the condition."""
        return (value in [constant.value for constant in self.values]) is not self.negated

    def __str__(self) -> str:
        words = " or ".join(str(constant.value) for constant in self.values)
        return f"{self.reference} {'is not' if self.negated else 'is'} {words}"


@dataclass(frozen=True, slots=True)
class Step:
    """One use of an operation or of another recipe."""

    name: str
    span: Span
    use: str
    use_span: Span
    arguments: Mapping[str, Named]
    conditions: tuple[Condition, ...] = ()
    foreach: Expression | None = None

    @property
    def references(self) -> Iterator[Reference]:
        """Every reference that the step itself writes."""
        for argument in self.arguments.values():
            yield from references(argument.expression)
        for condition in self.conditions:
            yield condition.reference
        if self.foreach is not None:
            yield from references(self.foreach)


@dataclass(frozen=True, slots=True)
class Recipe:
    """A recipe, read but not yet checked against what is installed.

    Attributes:
        source: its text under the name that people know it by.
        folder: where `use: ./other.yaml` begins.
    """

    name: str
    about: str
    inputs: Mapping[str, Input]
    context: Mapping[str, Named]
    steps: Mapping[str, Step]
    outputs: Mapping[str, Named]
    source: Source
    folder: Path

    def with_context(self, entry: Named) -> Recipe:
        """The recipe with one context entry replaced or added."""
        return replace(self, context={**self.context, entry.name: entry})

    def with_argument(self, step: str, argument: Named) -> Recipe:
        """The recipe with one argument of one step replaced or added."""
        changed = replace(self.steps[step], arguments={**self.steps[step].arguments, argument.name: argument})
        return replace(self, steps={**self.steps, step: changed})
