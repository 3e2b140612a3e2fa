"""What the types of references and parameters hold: their parts, items, units and values, and how people call them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Literal, Optional, Union, get_args, get_origin

import numpy as np

from foveola.adapters import accepts_none
from foveola.exams import Exam
from foveola.operations import Output
from foveola.units import Unit, UnitBy, unit_of
from foveola.values import Array, Record, annotation_of


@dataclass(frozen=True, eq=False)
class Answers:
    """The type of what a recipe used as a step answers: its outputs, each with a type."""

    types: Mapping[str, Any]


@dataclass(frozen=True)
class Each:
    """The type of what a `foreach` step answers: one answer for each key. A part of it is that part of each."""

    item: Any


class NoSuchPartError(Exception):
    """A type has no such part.

    Attributes:
        known: the parts that it has.
    """

    def __init__(self, known: Sequence[str]) -> None:
        super().__init__()
        self.known = tuple(known)


def part_type(annotation: Any, part: str) -> Any:
    """The type of `$value.part`, null among it where the whole may be null.

    Raises:
        NoSuchPartError: there is no such part.
    """
    core = stripped(annotation)
    if isinstance(core, Each):
        return Each(part_type(core.item, part))
    found = _part_type(core, part)
    return _or_null(found) if accepts_none(annotation) or is_exam(core) else found


def _part_type(core: Any, part: str) -> Any:
    if core is Any:
        return Any
    if isinstance(core, Answers):
        if part not in core.types:
            raise NoSuchPartError(list(core.types))
        return core.types[part]
    if is_exam(core):
        return core.declared().get(part, Any)
    if is_record(core):
        return _field_type(core, part)
    if (mapped := map_item(core)) is not None:
        return mapped
    if (items := list_items(core)) is not None and part.isdigit() and (not items.fixed or int(part) < len(items.types)):
        return items.types[int(part) if items.fixed else 0]
    raise NoSuchPartError([])


def parts_of(annotation: Any) -> list[str]:
    """The parts that a type is known to have."""
    core = stripped(annotation)
    if isinstance(core, Each):
        return parts_of(core.item)
    if isinstance(core, Answers):
        return list(core.types)
    return [field.alias or name for name, field in core.model_fields.items()] if is_record(core) else []


def _field_type(record: type[Record], part: str) -> Any:
    fields = {field.alias or name: field for name, field in record.model_fields.items()}
    if part in fields:
        return annotation_of(fields[part])
    if record.bare is not None and not issubclass(record, Output):
        return part_type(record.model_fields[record.bare].annotation, part)
    raise NoSuchPartError(list(fields))


def _or_null(kind: Any) -> Any:
    if isinstance(kind, Each | Answers) or accepts_none(kind):
        return kind
    return Optional[kind]  # noqa: UP045  a type known at run time


def item_type(annotation: Any) -> Any:
    """The type of `$item` when `foreach` runs over a value; None if it cannot run over it."""
    core = stripped(annotation)
    if core is Any:
        return Any
    if isinstance(core, Each):
        return core.item
    if is_record(core):
        return item_type(core.model_fields[core.bare].annotation) if core.bare else core.item_annotation()
    if (mapped := map_item(core)) is not None:
        return mapped
    items = list_items(core)
    return None if items is None else items.types[0] if len(set(items.types)) == 1 else Any


def slot_type(annotation: Any, key: str) -> Any:
    """The type of what is written at one place of a list or map; None where that cannot be told."""
    core = stripped(annotation, keep_array=True)
    if (array := array_of(core)) is not None:
        inner = Annotated[np.ndarray, Array(*array.axes[1:])] if len(array.axes) > 1 else float
        return inner if array.axes else None
    if is_record(core):
        bare = bare_type(core)
        return None if bare is None else slot_type(bare, key)
    try:
        return part_type(core, key) if core is Any or map_item(core) or list_items(core) else None
    except NoSuchPartError:
        return None


@dataclass(frozen=True)
class Items:
    """The types of a list's items: of each place if `fixed`, else one for all."""

    types: tuple[Any, ...]
    fixed: bool


def list_items(annotation: Any) -> Items | None:
    """What a list holds; None if the type is no list."""
    origin = get_origin(annotation) or annotation
    if not (inspect.isclass(origin) and issubclass(origin, Sequence) and origin not in {str, bytes}):
        return None
    parts = get_args(annotation)
    if origin is tuple and parts and Ellipsis not in parts:
        return Items(parts, fixed=True)
    return Items(parts[:1] or (Any,), fixed=False)


def map_item(annotation: Any) -> Any:
    """What a map holds under each key; None if the type is no map."""
    origin = get_origin(annotation) or annotation
    if not (inspect.isclass(origin) and issubclass(origin, Mapping)) or issubclass(origin, Exam):
        return None
    return (get_args(annotation) or (str, Any))[-1]


def possible_values(annotation: Any) -> tuple[Any, ...] | None:
    """The values that a type has: the words of a literal, true and false. None: too many to tell."""
    core = stripped(annotation)
    if is_literal(core):
        return get_args(core)
    if core is bool:
        return (True, False)
    if is_union(core):
        parts = [possible_values(part) for part in get_args(core)]
        return None if None in parts else tuple(value for part in parts for value in part or ())
    return None


def unit_in(annotation: Any) -> Unit | UnitBy | None:
    """The unit of the numbers in a value of a type, however deep they lie in lists and maps."""
    return unit_in(annotation.item) if isinstance(annotation, Each) else unit_of(annotation)


def told(annotation: Any, choose: Callable[[UnitBy], Unit | None]) -> Any:
    """The same type with every unit that a parameter decides as it has been decided."""
    if isinstance(annotation, Each):
        return Each(told(annotation.item, choose))
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        metadata = [choose(item) if isinstance(item, UnitBy) else item for item in parts[1:]]
        return Annotated[told(parts[0], choose), *metadata]
    if is_union(annotation):
        return Union[tuple(told(part, choose) for part in parts)]  # noqa: UP007  a union of parts known at run time
    if parts and (map_item(annotation) is not None or list_items(annotation) is not None):
        return origin[tuple(part if part is Ellipsis else told(part, choose) for part in parts)]
    return annotation


def shown(annotation: Any) -> str:
    """A type as a person says it.

    >>> shown(Literal["mean", "std"]), shown(list[float]), shown(Annotated[np.ndarray, Array("rows", "columns")])
    ("'mean' or 'std'", 'a list of numbers', 'an array [rows, columns]')
    """
    core = stripped(annotation, keep_array=True)
    if (array := array_of(core)) is not None:
        return str(array)
    if core is Any:
        return "anything"
    if isinstance(core, Each):
        return f"{shown(core.item)}, for each key"
    if isinstance(core, Answers):
        return f"the outputs {', '.join(core.types)}"
    if is_literal(core):
        return " or ".join(repr(value) for value in get_args(core))
    if is_union(core):
        return " or ".join(dict.fromkeys(shown(part) for part in get_args(core)))
    if is_exam(core):
        return "an exam"
    words = {float: "a number", int: "a whole number", str: "a text", bool: "true or false"}
    if core in words:
        return words[core]
    if map_item(core) is not None:
        return "a map"
    if (items := list_items(core)) is not None:
        plurals = {float: "numbers", int: "whole numbers", str: "texts", Any: "anything"}
        return f"a list of {' or '.join(dict.fromkeys(_in_plural(item, plurals) for item in items.types))}"
    return getattr(core, "__name__", str(core))


def _in_plural(item: Any, plurals: Mapping[Any, str]) -> str:
    core = stripped(item)
    if isinstance(core, Each | Answers):
        return "answers"
    return plurals.get(core) or shown(core)


def stripped(annotation: Any, *, keep_array: bool = False) -> Any:
    """The type without its annotations and without null."""
    while True:
        if get_origin(annotation) is Annotated:
            if keep_array and array_of(annotation) is not None:
                return annotation
            annotation = get_args(annotation)[0]
        elif is_union(annotation):
            parts = [part for part in get_args(annotation) if part is not type(None)]
            if len(parts) != 1:
                return Union[tuple(parts)]  # noqa: UP007  a union of parts known at run time
            annotation = parts[0]
        else:
            return annotation


def without_null(annotation: Any) -> Any:
    """The type without null, its annotations kept."""
    parts = [part for part in get_args(annotation) if part is not type(None)] if is_union(annotation) else []
    return parts[0] if len(parts) == 1 else annotation


def array_of(annotation: Any) -> Array | None:
    """What is said of an array; None if the type is none."""
    if annotation is np.ndarray:
        return Array()
    if get_origin(annotation) is not Annotated:
        return None
    return next((item for item in get_args(annotation)[1:] if isinstance(item, Array)), None)


def bare_type(record: type[Record]) -> Any:
    """The type of the field that a record is shown as; None if it is shown as all of them."""
    return None if record.bare is None else annotation_of(record.model_fields[record.bare])


def is_record(annotation: Any) -> bool:
    """Whether a type is a record."""
    return inspect.isclass(annotation) and issubclass(annotation, Record)


def is_exam(annotation: Any) -> bool:
    """Whether a type is a kind of exam."""
    return inspect.isclass(annotation) and issubclass(annotation, Exam)


def is_literal(annotation: Any) -> bool:
    """Whether a type is one of some words."""
    return get_origin(annotation) is Literal


def is_union(annotation: Any) -> bool:
    """Whether a type is one of several."""
    return get_origin(annotation) in {Union, UnionType}
