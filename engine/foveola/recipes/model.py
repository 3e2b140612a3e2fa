"""What a recipe says, with the place of every value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from foveola.diagnostics import Problem, Source, Span
from foveola.recipes.quantities import quantity_of
from foveola.recipes.text import Node

EXAM, ITEM, KEY = "exam", "item", "key"
"""What `$exam`, `$item` and `$key` refer to; a recipe calls nothing else so."""

_WORDS = re.compile(r"[^\W\d](?:[\w./ -]*[\w./-])?")
_NO_WORDS = {"null", "true", "false"}


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that is written out. `node` is how, for the place of its parts."""

    value: Any
    span: Span
    node: Node


@dataclass(frozen=True, slots=True)
class Reference:
    """`$name.field.field`: an input, a step's answer, `exam`, `item` or `key`, or a part of it.

    Attributes:
        factor: what its numbers are multiplied by on the way; 1 as it is written, else planning converts its unit.
    """

    name: str
    path: tuple[str, ...]
    span: Span
    factor: float = 1.0

    def __str__(self) -> str:
        return ".".join((f"${self.name}", *self.path))


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Stands where something is written that is no expression. What is wrong with it has been told."""

    span: Span


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


Expression = Constant | Reference | Unreadable | ListOf | MapOf


def references(expression: Expression) -> Iterator[Reference]:
    """Every reference in an expression."""
    match expression:
        case Reference():
            yield expression
        case ListOf(items=items):
            for item in items:
                yield from references(item)
        case MapOf(items=entries):
            for item in entries.values():
                yield from references(item)


def written(expression: Expression) -> str:
    """An expression as a recipe would write it, in one line."""
    match expression:
        case Constant(value=value):
            return written_value(value)
        case ListOf(items=items):
            return f"[{', '.join(map(written, items))}]"
        case MapOf(items=entries):
            return "{" + ", ".join(f"{key}: {written(item)}" for key, item in entries.items()) + "}"
        case Unreadable():
            return "?"
        case _:
            return str(expression)


def written_value(value: Any) -> str:
    """A plain value as a recipe would write it, in one line.

    >>> written_value({"layers": ["rnfl", "gcl"], "zone": "6 mm", "flip": True, "limit": None, "text": "5"})
    "{layers: [rnfl, gcl], zone: 6 mm, flip: true, limit: null, text: '5'}"
    """
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case str():
            return _written_text(value)
        case Mapping():
            return "{" + ", ".join(f"{key}: {written_value(item)}" for key, item in value.items()) + "}"
        case list() | tuple():
            return f"[{', '.join(map(written_value, value))}]"
        case _:
            return str(value)


def _written_text(text: str) -> str:
    if quantity_of(text) or (_WORDS.fullmatch(text) and text.lower() not in _NO_WORDS):
        return text
    escaped = "$" + text if text.startswith("$") else text
    return "'" + escaped.replace("'", "''") + "'"


@dataclass(frozen=True, slots=True)
class Input:
    """What the exam must offer under a name; a default makes it optional."""

    name: str
    type_name: str
    type_span: Span
    span: Span
    default: Constant | None = None
    about: str = ""

    @property
    def unit(self) -> str | None:
        """The unit that its default is written in, which is that of its bare numbers."""
        quantity = None if self.default is None else quantity_of(self.default.value)
        return None if quantity is None else quantity.unit


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
    values: tuple[Constant | Reference, ...]
    negated: bool

    @property
    def references(self) -> Iterator[Reference]:
        """Every reference in it."""
        yield self.reference
        yield from (value for value in self.values if isinstance(value, Reference))

    def holds(self, value: Any, values: Sequence[Any]) -> bool:
        """Whether a value meets the condition, given what it is compared with."""
        return any(is_same(value, other) for other in values) is not self.negated

    def __str__(self) -> str:
        words = " or ".join(written(value) for value in self.values)
        return f"{self.reference} {'is not' if self.negated else 'is'} {words}"


def is_same(one: Any, other: Any) -> bool:
    """Whether two plain values are the same; `true` is not 1.

    >>> is_same(1, 1.0), is_same(1, True), is_same("a", "a")
    (True, False, True)
    """
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


@dataclass(frozen=True, slots=True)
class Step:
    """One use of an operation or of another recipe.

    Attributes:
        use: what it uses; empty if that could not be read.
        is_whole: whether all of it could be read; if not, nobody need be told what it lacks.
    """

    name: str
    span: Span
    use: str
    use_span: Span
    arguments: Mapping[str, Named]
    conditions: tuple[Condition, ...] = ()
    foreach: Expression | None = None
    is_whole: bool = True

    @property
    def references(self) -> Iterator[Reference]:
        """Every reference that the step itself writes."""
        for argument in self.arguments.values():
            yield from references(argument.expression)
        for condition in self.conditions:
            yield from condition.references
        if self.foreach is not None:
            yield from references(self.foreach)


@dataclass(frozen=True, slots=True)
class Recipe:
    """A recipe, read but not yet checked against what is installed.

    Attributes:
        source: its text under the name that people know it by.
        folder: where `use: ./other.yaml` begins.
        path: its file, if it was read from one.
        settings: what was set from outside, as it was written.
        problems: what is wrong with the text where the rest could be read all the same; planning refuses it with what
            it finds itself.
    """

    name: str
    about: str
    inputs: Mapping[str, Input]
    context: Mapping[str, Named]
    steps: Mapping[str, Step]
    outputs: Mapping[str, Named]
    source: Source
    folder: Path
    path: Path | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def with_context(self, entry: Named) -> Recipe:
        """The recipe with one context entry replaced or added."""
        return replace(self, context={**self.context, entry.name: entry})

    def with_argument(self, step: str, argument: Named) -> Recipe:
        """The recipe with one argument of one step replaced or added."""
        changed = replace(self.steps[step], arguments={**self.steps[step].arguments, argument.name: argument})
        return replace(self, steps={**self.steps, step: changed})
