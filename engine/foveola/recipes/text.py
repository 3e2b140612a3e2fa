"""YAML, narrowed: what a recipe is written in, read with the place of every value.

Scalars follow the core schema of YAML 1.2, so that `no`, `on`, `1:30` and dates are texts, and so is `010`. Anchors,
aliases, merge keys, tags, duplicate keys, keys that are lists or maps and second documents are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import yaml

from foveola.diagnostics import Problem, Span
from foveola.recipes.quantities import parse_number

_LARGEST = 1_000_000  # characters; a recipe has some thousands
_DEEPEST = 64  # lists and maps within one another; a recipe has about six
_REFUSED = re.compile(  # what YAML forbids, and U+0085, 2028 and 2029, where PyYAML ends a line and editors do not
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]"
)
_NOTHING = "nothing is written here"
_DIRECTIVE = "directives other than '%YAML 1.2' are not read"
_TAG = "tags are not read"
_NO_TAG = "quotes make a text; numbers, true, false and null need nothing"
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
    """Entries in the order in which they are written, no two with the same key."""

    entries: tuple[Entry, ...]
    span: Span


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
    >>> plain(node)
    {'zone': '6 mm', 'layers': ['rnfl', 'gcl']}
    >>> [problem.message for problem in parse("a: &b 1\na: 2", "twice.yaml")[1]]
    ['anchors are not read', "the key 'a' is given twice"]
    """
    composer = _Composer(_events(text, name))
    try:
        return composer.document(), composer.problems
    except _UnreadableError as error:
        return None, [*composer.problems, error.problem]


def plain(node: Node) -> Any:
    """Forget the places: lists, dicts and scalars."""
    match node:
        case Scalar():
            return node.value
        case Sequence():
            return [plain(item) for item in node.items]
        case Mapping():
            return {entry.key.value: plain(entry.value) for entry in node.entries}


class _UnreadableError(Exception):
    """Reading cannot go on after this problem."""

    def __init__(self, message: str, span: Span | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.problem = Problem(message, span, hint)


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
            self._refuse(_DIRECTIVE, _span(start))
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
            self._refuse(_TAG, span, _NO_TAG)
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
        entries: dict[object, Entry] = {}
        value: Node | None = None
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            known = len(self.problems)
            key, value = self._node(event), self._node(next(self._events))
            if not isinstance(key, Scalar):
                refusal = Problem("a key is a single value, not a list or a map", key.span)
            elif key.text == "<<" and not key.quoted:
                refusal = Problem("merge keys are not read", key.span, "write the merged entries out")
                del self.problems[known:]  # what is merged goes with it
            elif key.value in entries:
                first = entries[key.value].key.span.line
                refusal = Problem(f"the key {key.text!r} is given twice", key.span, f"it stands in line {first} too")
            else:
                entries[key.value] = Entry(key, value)
                if not start.flow_style or key.quoted or ":" not in key.text or not _is_empty(value):
                    continue
                refusal = Problem(f"{key.text!r} has no value", key.span, "put a space after the colon")
            self.problems.insert(known, refusal)
        return Mapping(tuple(entries.values()), _collection_span(start, value, event))

    def _refuse(self, message: str, span: Span, hint: str | None = None) -> None:
        self.problems.append(Problem(message, span, hint))


def _events(text: str | bytes, name: str) -> Iterator[Any]:
    """Read a text as the events of PyYAML, no deeper than a composer can follow."""
    decoded = _decoded(text, name)
    depth = 0
    try:
        for event in yaml.parse(decoded, Loader=_LOADER):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                raise _UnreadableError(f"lists and maps are nested more than {_DEEPEST} deep", _span(event))
            yield event
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(error, decoded) from None
    except (ValueError, OverflowError):  # what PyYAML's own parser makes of an escape such as "\UFFFFFFFF"
        raise _UnreadableError("an escape names no character") from None


def _decoded(text: str | bytes, name: str) -> str:
    if len(text) > _LARGEST:
        raise _UnreadableError(f"this is longer than {_LARGEST:,} characters")
    try:
        decoded = text if isinstance(text, str) else text.decode()
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode().removeprefix("\ufeff")
        message = f"the byte 0x{error.object[error.start]:02X} is not UTF-8"
        raise _UnreadableError(message, Span.after(before), f"save {name} as UTF-8") from None
    decoded = decoded.removeprefix("\ufeff")
    if refused := _REFUSED.search(decoded):
        message = f"the character U+{ord(refused[0]):04X} cannot stand in a recipe"
        raise _UnreadableError(message, Span.after(decoded[: refused.start()]))
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


class _Complaint(NamedTuple):
    """What PyYAML finds wrong, in words that help.

    The pattern matches four lines: PyYAML's words, the line above the place, and the line of the place before and after
    it. The place is where PyYAML gave up or, `at_start`, where the thing begins that it could not read.
    """

    pattern: str
    message: str
    hint: str | None = None
    at_start: bool = False


_BEGINNING = "a text cannot begin with {found}"
_QUOTE = "put it in quotes"
_UNCLOSED = "this {found} is never closed"
_COLON = "a ':' is not expected here"
_NO_COLON = "a key is not followed by ': '"
_SPACE = "put a space after the colon"
_GLUED = r"\s*[\w$.-]+:\S"
_BROKEN_OFF = r".*(expected key|<block end>|'-' indicator|<document start>)"
_COMPLAINTS = (
    _Complaint(r".*(a tab|cannot start any token\n.*\n.*\n\t)", "a tab does not indent", "indent with spaces"),
    _Complaint(r".*(cannot start any token|mapping keys)", _BEGINNING, _QUOTE),
    _Complaint(r"while scanning an? (alias|anchor|block)", _BEGINNING, _QUOTE, at_start=True),
    _Complaint(
        r"while parsing a flow .*',' or", _UNCLOSED, "its end, or a ',', is missing before {end}", at_start=True
    ),
    _Complaint(
        r"while scanning a quoted scalar.*unexpected", _UNCLOSED, "end the text with the same quote", at_start=True
    ),
    _Complaint(r".*quoted", "there is no such escape", "between single quotes a backslash is a backslash"),
    _Complaint(r".*mapping values.*\n.*\n.*:\s", _COLON, "put the text in quotes if the colon belongs to it"),
    _Complaint(r".*mapping values.*\n" + _GLUED, _COLON, f"{_SPACE} in the line above"),
    _Complaint(r".*mapping values", _COLON, "indent the key as those beside it"),
    _Complaint(r".*expected ':'\n.*\n.*\n" + _GLUED, _NO_COLON, _SPACE, at_start=True),
    _Complaint(r".*expected ':'", _NO_COLON, at_start=True),
    _Complaint(_BROKEN_OFF + r".*\n.*\n *\n", "this does not continue the lines above", "indent it as its neighbours"),
    _Complaint(_BROKEN_OFF, "the value has ended before this", "put quotes round the whole of it"),
    _Complaint(r".*sequence entries", "a list cannot begin here", "write each '- ' on a line of its own"),
    _Complaint(r".*node content", "a value is missing before {found}"),
    _Complaint(r".*(directive|YAML document)", _DIRECTIVE),
    _Complaint(r".*\btag\b", _TAG, _NO_TAG, at_start=True),
)


def _syntax_error(error: yaml.MarkedYAMLError, text: str) -> _UnreadableError:
    """Say PyYAML's error in words that help, at the place that is to be mended."""
    given_up: Any = error.problem_mark  # optional in its type alone
    end = Span.after(text[: given_up.index])
    lines = ["", *text.splitlines(), ""]
    for complaint in _COMPLAINTS:
        mark = (complaint.at_start and error.context_mark) or given_up
        above, line = lines[mark.line : mark.line + 2]
        before, after = line[: mark.column], line[mark.column :]
        if re.match(complaint.pattern, f"{error.context}: {error.problem}\n{above}\n{before}\n{after}"):
            message = complaint.message.format(found=repr(after[0]) if after else "the end of the line")
            hint = complaint.hint and complaint.hint.format(end=f"line {end.line}, column {end.column}")
            return _UnreadableError(message, Span.after(text[: mark.index]), hint)
    return _UnreadableError(f"this is not YAML: {error.problem}", end)
