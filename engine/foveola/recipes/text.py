"""YAML, narrowed: what a recipe is written in, read with the place of every value.

Scalars follow the core schema of YAML 1.2, so that `no`, `on`, `1:30` and dates are texts, and so is `010`. Anchors,
aliases, merge keys, tags, duplicate keys, keys that are lists or maps and second documents are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from foveola.diagnostics import Problem, Span
from foveola.recipes.complaints import DEEPEST, DIRECTIVE, NO_TAG, TAG, TOO_DEEP, problem_of
from foveola.recipes.quantities import parse_number

_LARGEST = 1_000_000  # characters; a recipe has some thousands
_REFUSED = re.compile(  # what YAML forbids, and U+0085, 2028 and 2029, where PyYAML ends a line and editors do not
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]"
)
_BEGINNING = Span(1, 1, 1, 2)
_NOTHING = Problem("nothing is written here", _BEGINNING)
_MERGE = "merge keys are not read"
_LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
_CONSTANTS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value; `text` is how it is written, without quotes, and `quoted` says that it is text by its quotes."""

    value: str | int | float | bool | None
    text: str
    quoted: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list of values."""

    items: tuple[Node, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Entry:
    """A key and its value."""

    key: Scalar
    value: Node


@dataclass(frozen=True, slots=True)
class Mapping:
    """Entries in the order in which they are written, no two with the same key.

    Attributes:
        entries: those that could be read.
        span: where it stands.
        lost: the keys of those that were refused, as far as they are texts.
    """

    entries: tuple[Entry, ...]
    span: Span
    lost: frozenset[str] = frozenset()


Node = Scalar | Sequence | Mapping


def parse(text: str | bytes, name: str) -> tuple[Node | None, list[Problem]]:
    r"""Read a text, and everything that is wrong with it as YAML.

    Args:
        text: what is written; bytes are UTF-8.
        name: what people know the text by.

    Returns:
        The value, and the problems in the order of the text. Where reading can go on after a problem it does, leaving
        out what was refused; where it cannot, the value is None.

    >>> node, problems = parse("zone: 6 mm\nlayers: [rnfl, gcl]", "circle.yaml")
    >>> [(entry.key.text, entry.value.span.column) for entry in node.entries]
    [('zone', 7), ('layers', 9)]
    >>> [problem.message for problem in parse("a: &b 1\na: 2", "twice.yaml")[1]]
    ['anchors are not read', "the key 'a' is given twice"]
    """
    composer = _Composer(_events(text, name))
    try:
        return composer.document(), composer.problems
    except _UnreadableError as error:
        return None, [*composer.problems, error.problem]


class _UnreadableError(Exception):
    """Reading cannot go on after this problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class _Composer:
    """Makes nodes of events, and collects what is refused on the way."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self.problems: list[Problem] = []

    def document(self) -> Node:
        next(self._events)  # the stream starts
        start = next(self._events)
        if not isinstance(start, yaml.DocumentStartEvent):
            raise _UnreadableError(_NOTHING)
        if start.version not in {None, (1, 2)} or start.tags:
            self._refuse(DIRECTIVE, _span(start))
        node = self._node(next(self._events))
        if _is_empty(node):
            raise _UnreadableError(_NOTHING)
        next(self._events)  # the document ends
        if isinstance(second := next(self._events), yaml.DocumentStartEvent):
            self._refuse("a second document begins here", _span(second), "give it a file of its own")
        return node

    def _node(self, event: Any) -> Node:
        span = _span(event)
        if isinstance(event, yaml.AliasEvent):
            self._refuse("aliases are not read", span, "write the value out")
            return Scalar(None, f"*{event.anchor}", quoted=False, span=span)
        if event.anchor is not None:
            self._refuse("anchors are not read", span, "write the value out wherever it is used")
        if event.tag is not None:
            self._refuse(TAG, span, NO_TAG)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(event)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(event)
        text, quoted = event.value, bool(event.style)
        return Scalar(text if quoted else _value(text), text, quoted, span)

    def _sequence(self, start: yaml.SequenceStartEvent) -> Sequence:
        items: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event))
        return Sequence(tuple(items), _collection_span(start, items[-1] if items else None, event))

    def _mapping(self, start: yaml.MappingStartEvent) -> Mapping:
        entries: dict[str, Entry] = {}
        lost: set[str] = set()
        value: Node | None = None
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            known = len(self.problems)
            key, is_read = self._node(event), len(self.problems) == known
            value = self._node(next(self._events))
            refusal = _refusal_of(key, value, entries, in_flow=bool(start.flow_style))
            if refusal is not None:
                if refusal.message == _MERGE:
                    del self.problems[known:]  # what is merged goes with it
                self.problems.insert(known, refusal)
            elif isinstance(key, Scalar) and is_read:
                entries[key.text] = Entry(key, value)
                continue
            lost.add(key.text if isinstance(key, Scalar) else "")
        return Mapping(tuple(entries.values()), _collection_span(start, value, event), frozenset(lost))

    def _refuse(self, message: str, span: Span, hint: str | None = None) -> None:
        self.problems.append(Problem(message, span, hint))


def _refusal_of(key: Node, value: Node, entries: dict[str, Entry], *, in_flow: bool) -> Problem | None:
    """What speaks against an entry among those before it."""
    if not isinstance(key, Scalar):
        return Problem("a key is a single value, not a list or a map", key.span)
    if key.text == "<<" and not key.quoted:
        return Problem(_MERGE, key.span, "write the merged entries out")
    if key.text in entries:
        hint = f"it stands in line {entries[key.text].key.span.line} too"
        return Problem(f"the key {key.text!r} is given twice", key.span, hint)
    if in_flow and not key.quoted and ":" in key.text and _is_empty(value):
        return Problem(f"{key.text!r} has no value", key.span, "put a space after the colon")
    return None


def _events(text: str | bytes, name: str) -> Iterator[Any]:
    """Read a text as the events of PyYAML, no deeper than a composer can follow."""
    decoded = _decoded(text, name)
    depth = 0
    try:
        for event in yaml.parse(decoded, Loader=_LOADER):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST:
                raise _UnreadableError(Problem(TOO_DEEP, _span(event)))
            yield event
    except yaml.MarkedYAMLError as error:
        raise _UnreadableError(problem_of(error, decoded)) from None
    except (ValueError, OverflowError):  # what PyYAML's own parser makes of an escape such as "\UFFFFFFFF"
        raise _UnreadableError(Problem("an escape names no character", _BEGINNING)) from None


def _decoded(text: str | bytes, name: str) -> str:
    if len(text) > _LARGEST:
        raise _UnreadableError(Problem(f"this is longer than {_LARGEST:,} characters", _BEGINNING))
    try:
        decoded = text if isinstance(text, str) else text.decode()
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode().removeprefix("\ufeff")
        message = f"the byte 0x{error.object[error.start]:02X} is not UTF-8"
        raise _UnreadableError(Problem(message, Span.after(before), f"save {name} as UTF-8")) from None
    decoded = decoded.removeprefix("\ufeff")
    if refused := _REFUSED.search(decoded):
        message = f"the character U+{ord(refused[0]):04X} cannot stand in a recipe"
        raise _UnreadableError(Problem(message, Span.after(decoded[: refused.start()])))
    return decoded


def _value(text: str) -> str | int | float | bool | None:
    """Say what an unquoted scalar is, by the core schema of YAML 1.2."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    number = parse_number(text)
    return text if number is None else number


def _is_empty(node: Node) -> bool:
    return isinstance(node, Scalar) and not node.text and not node.quoted


def _span(event: Any) -> Span:
    start, end = event.start_mark, event.end_mark
    return Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def _collection_span(start: yaml.CollectionStartEvent, last: Node | None, end: yaml.CollectionEndEvent) -> Span:
    """Span a list or map; a block, which nothing closes, ends with its last value."""
    opening, closing = _span(start), _span(end)
    if last is not None and not start.flow_style:
        closing = last.span
    return Span(opening.line, opening.column, closing.end_line, closing.end_column)
