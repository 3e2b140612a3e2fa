"""What a reference can be, and which value fits which parameter, by their annotations alone."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import numpy as np

from foveola.exams import Exam
from foveola.operations import Output
from foveola.values import Array, Record


@dataclass(frozen=True)
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
    """The type of `$value.part`.

    Raises:
        NoSuchPartError: there is no such part.
    """
    core = stripped(annotation)
    if core is Any:
        return Any
    if isinstance(core, Each):
        return Each(part_type(core.item, part))
    if isinstance(core, Answers):
        if part not in core.types:
            raise NoSuchPartError(list(core.types))
        return core.types[part]
    if inspect.isclass(core) and issubclass(core, Exam):
        return core.declared().get(part, Any)
    if inspect.isclass(core) and issubclass(core, Record):
        return _field_type(core, part)
    match get_origin(core), get_args(core):
        case (origin, (_, item)) if inspect.isclass(origin) and issubclass(origin, Mapping):
            return item
        case (origin, (item, *_)) if origin in {list, tuple} and part.isdigit():
            return item
    raise NoSuchPartError([])


def _field_type(record: type[Record], part: str) -> Any:
    fields = {field.alias or name: field for name, field in record.model_fields.items()}
    if part in fields:
        field = fields[part]
        return Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
    if record.bare is not None and not issubclass(record, Output):
        return part_type(record.model_fields[record.bare].annotation, part)
    raise NoSuchPartError(list(fields))


def part_of(value: Any, part: str) -> Any:
    """The value of `$value.part`; None where there is none."""
    match value:
        case None:
            return None
        case EachAnswer():
            return EachAnswer({key: part_of(item, part) for key, item in value.items()})
        case Exam():
            return value.get(part)
        case Record():
            fields = {field.alias or name: name for name, field in type(value).model_fields.items()}
            if part in fields:
                return getattr(value, fields[part])
            return part_of(getattr(value, value.bare), part) if value.bare and not isinstance(value, Output) else None
        case Mapping():
            return value.get(part)
        case _:
            return value[int(part)] if int(part) < len(value) else None


class EachAnswer(dict[str, Any]):
    """What a `foreach` step answered, by key."""


def item_type(annotation: Any) -> Any:
    """The type of `$item` when `foreach` runs over a value; None if it cannot run over it."""
    core = stripped(annotation)
    if core is Any:
        return Any
    if isinstance(core, Each):
        return core.item
    if inspect.isclass(core) and issubclass(core, Record):
        return item_type(core.model_fields[core.bare].annotation) if core.bare else core.item_annotation()
    match get_origin(core), get_args(core):
        case (origin, (_, item)) if inspect.isclass(origin) and issubclass(origin, Mapping):
            return item
        case (origin, (item, *_)) if origin in {list, tuple}:
            return item
    return None


def fits(source: Any, target: Any) -> bool:
    """Whether a value of one type can be given where the other is taken. Null is not looked at: it skips the step."""
    source, target = stripped(source, keep_array=True), stripped(target, keep_array=True)
    if Any in (source, target) or source == target or target is object:
        return True
    if _is_union(source):
        return all(fits(part, target) for part in get_args(source))
    if _is_union(target):
        return any(fits(source, part) for part in get_args(target) if part is not type(None))
    if isinstance(source, Each):
        source = Mapping[str, source.item]
    if (array := _array_of(target)) is not None:
        return _fits_array(source, array)
    if _array_of(source) is not None:
        return _is_record(target) and target.bare is not None and fits(source, _bare_type(target))
    if _is_literal(source) or _is_literal(target):
        return _fits_literal(source, target)
    if _is_record(target) and not (_is_record(source) and issubclass(source, target)):
        return _fits_record(source, target)
    if inspect.isclass(source) and inspect.isclass(target) and not get_args(source) and not get_args(target):
        return issubclass(source, target) or (target is float and source is int)
    return _fits_container(source, target)


def _fits_record(source: Any, target: type[Record]) -> bool:
    """Whether a record reads the value by its bare field; records of different classes are different things."""
    if target.bare is None:
        return False
    if _is_record(source):
        return issubclass(target, source)
    return fits(source, _bare_type(target))


def _fits_container(source: Any, target: Any) -> bool:
    source_origin, target_origin = get_origin(source), get_origin(target)
    source_parts = [part for part in get_args(source) if part is not Ellipsis]
    target_parts = [part for part in get_args(target) if part is not Ellipsis]
    if _is_record(source) and source.bare is not None:
        return fits(_bare_type(source), target)
    if _is_mapping(source_origin) and _is_mapping(target_origin):
        return fits(source_parts[-1], target_parts[-1])
    if source_origin in {list, tuple} and target_origin in {list, tuple}:
        fixed = [parts for parts, whole in ((source_parts, source), (target_parts, target)) if _has_fixed_length(whole)]
        if len(fixed) == 2 and len(fixed[0]) != len(fixed[1]):  # noqa: PLR2004  both of them
            return False
        return all(fits(one, other) for one in source_parts for other in target_parts)
    return False


def _fits_array(source: Any, target: Array) -> bool:
    if (array := _array_of(source)) is not None:
        return not array.axes or not target.axes or len(array.axes) == len(target.axes)
    if _is_record(source):
        return source.bare is not None and fits(_bare_type(source), Annotated[np.ndarray, target])
    depth = 0
    while get_origin(source) in {list, tuple}:
        source, depth = stripped(get_args(source)[0]), depth + 1
    return depth > 0 and source in {int, float, Any} and (not target.axes or depth == len(target.axes))


def _fits_literal(source: Any, target: Any) -> bool:
    if not _is_literal(target):
        return all(fits(type(value), target) for value in get_args(source))
    if not _is_literal(source):
        return any(isinstance(value, source) for value in get_args(target)) if inspect.isclass(source) else False
    return bool(set(get_args(source)) & set(get_args(target)))


def possible_values(annotation: Any) -> tuple[Any, ...] | None:
    """The values that a type has: the words of a literal, true and false. None: too many to tell."""
    core = stripped(annotation)
    if _is_literal(core):
        return get_args(core)
    if core is bool:
        return (True, False)
    if _is_union(core):
        parts = [possible_values(part) for part in get_args(core)]
        return None if None in parts else tuple(value for part in parts for value in part or ())
    return None


def shown(annotation: Any) -> str:
    """A type as a person says it.

    >>> shown(Literal["mean", "std"]), shown(list[float]), shown(Annotated[np.ndarray, Array("rows", "columns")])
    ("'mean' or 'std'", 'a list of numbers', 'an array [rows, columns]')
    """
    core = stripped(annotation, keep_array=True)
    if (array := _array_of(core)) is not None:
        return str(array)
    if core is Any:
        return "anything"
    if isinstance(core, Each):
        return f"{shown(core.item)}, for each key"
    if isinstance(core, Answers):
        return f"the outputs {', '.join(core.types)}"
    if _is_literal(core):
        return " or ".join(repr(value) for value in get_args(core))
    if _is_union(core):
        return " or ".join(shown(part) for part in get_args(core))
    words = {float: "a number", int: "a whole number", str: "a text", bool: "true or false"}
    if core in words:
        return words[core]
    plurals = {float: "numbers", int: "whole numbers", str: "texts"}
    if get_origin(core) in {list, tuple}:
        item = stripped(get_args(core)[0])
        return f"a list of {plurals.get(item, shown(item))}" if not isinstance(item, Each | Answers) else "a list"
    if _is_mapping(get_origin(core)):
        return "a map"
    return getattr(core, "__name__", str(core))


def stripped(annotation: Any, *, keep_array: bool = False) -> Any:
    """The type without its annotations and without null."""
    while True:
        if get_origin(annotation) is Annotated:
            if keep_array and _array_of(annotation) is not None:
                return annotation
            annotation = get_args(annotation)[0]
        elif _is_union(annotation):
            parts = [part for part in get_args(annotation) if part is not type(None)]
            if len(parts) != 1:
                return Union[tuple(parts)]  # noqa: UP007  a union of parts known at run time
            annotation = parts[0]
        else:
            return annotation


def _array_of(annotation: Any) -> Array | None:
    if annotation is np.ndarray:
        return Array()
    if get_origin(annotation) is not Annotated:
        return None
    return next((item for item in get_args(annotation)[1:] if isinstance(item, Array)), None)


def _bare_type(record: type[Record]) -> Any:
    field = record.model_fields[record.bare or ""]
    return Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation


def _has_fixed_length(annotation: Any) -> bool:
    return get_origin(annotation) is tuple and Ellipsis not in get_args(annotation)


def _is_record(annotation: Any) -> bool:
    return inspect.isclass(annotation) and issubclass(annotation, Record)


def _is_mapping(origin: Any) -> bool:
    return inspect.isclass(origin) and issubclass(origin, Mapping)


def _is_literal(annotation: Any) -> bool:
    return get_origin(annotation) is Literal


def _is_union(annotation: Any) -> bool:
    return get_origin(annotation) in {Union, UnionType}
