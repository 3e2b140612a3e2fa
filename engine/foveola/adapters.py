"""Types as readers of values: strict about numbers and text, and what is wrong is told by the field's name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import numpy as np
from pydantic import BeforeValidator, ConfigDict, PlainValidator, Strict, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from foveola.errors import InputError
from foveola.values import Array, Record, annotation_of

_TOLD = "told"  # the type of an error of pydantic whose sentence is ours, its `field` the place in the value
_PLAIN_LABELS = {"float", "int", "str", "bool"}


def read_as(reader: TypeAdapter[Any], value: Any, field: str = "") -> Any:
    """Read a value, telling what is wrong by the field's name.

    Args:
        reader: what `adapter` gives for a type.
        value: what somebody said.
        field: what they call it; "" if the value has no name, so that only places within it are told.

    Raises:
        InputError: the value is not what the reader takes.
    """
    try:
        return reader.validate_python(value)
    except InputError as error:
        raise error.below(field) from None
    except ValidationError as error:
        raise _input_error(error, value).below(field) from None


@cache
def adapter(annotation: Any) -> TypeAdapter[Any]:
    """The reader of a type: strict about numbers and text, finite unless an array, records by their own `read`."""
    return TypeAdapter(_strict(annotation), config=ConfigDict(arbitrary_types_allowed=True, allow_inf_nan=False))


def unannotated(annotation: Any) -> Any:
    """The type that an annotation is about."""
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def accepts_none(annotation: Any) -> bool:
    """Whether null is among the values of a type."""
    if get_origin(annotation) is Annotated:
        return accepts_none(get_args(annotation)[0])
    if get_origin(annotation) in {Union, UnionType}:
        return any(accepts_none(part) for part in get_args(annotation))
    if get_origin(annotation) is Literal:
        return None in get_args(annotation)
    return annotation is None or annotation is type(None) or annotation is Any


def _strict(annotation: Any) -> Any:
    """The same type, refusing `"5"` for 5 and true for 1, reading records by their own `read`."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return Annotated[_strict(parts[0]), *parts[1:]] if not _is_array(parts[1:]) else annotation
    if origin in {Union, UnionType}:
        return Union[tuple(_strict(part) for part in parts)]  # noqa: UP007  a union of parts known at run time
    if origin in {list, tuple, Sequence, Mapping, dict}:
        return origin[tuple(part if part is Ellipsis else _strict(part) for part in parts)]
    if annotation in {float, int, bool, str}:
        return Annotated[annotation, BeforeValidator(_unwrap_numpy), Strict()]
    if annotation is np.ndarray:
        return Annotated[np.ndarray, Array()]
    if inspect.isclass(annotation) and issubclass(annotation, Record):
        return Annotated[Any, PlainValidator(_reader(annotation))]
    return annotation


def _reader(record: type[Record]) -> Callable[[Any], Any]:
    """How values become a record. What is wrong is told as pydantic tells it: lists and unions add to it.

    Fields are read as parameters are; a record's own `read` sees what was given.
    """
    sees_what_was_given = _home_of(record, "read") is not Record

    def read(value: Any) -> Any:
        try:
            if not sees_what_was_given and not isinstance(value, record):
                value = _with_strict_fields(record, value)
            return record.read(value)
        except InputError as error:
            told = error
        except ValidationError as error:
            told = _input_error(error, value)
            first, _, rest = told.field.partition(".")
            told = InputError(rest, told.message) if first == record.bare else told  # nobody has said that name
        except ValueError as error:
            told = InputError("", str(error))
        raise PydanticCustomError(_TOLD, "{message}", {"message": told.message, "field": told.field})

    return read


def _with_strict_fields(record: type[Record], value: Any) -> Any:
    readers = _field_readers(record)
    if record.bare is not None:
        return read_as(readers[record.bare], value)
    if not isinstance(value, Mapping):
        raise ValueError(f"takes {', '.join(record.model_fields)} by name, not {type(value).__name__}")
    return {name: read_as(readers[name], item, name) if name in readers else item for name, item in value.items()}


def _home_of(kind: type, name: str) -> type:
    return next(parent for parent in kind.__mro__ if name in vars(parent))


@cache
def _field_readers(record: type[Record]) -> Mapping[str, TypeAdapter[Any]]:
    fields = record.model_fields.items()
    return {said: adapter(annotation_of(field)) for name, field in fields for said in {name, field.alias or name}}


def _unwrap_numpy(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _is_array(metadata: tuple[Any, ...]) -> bool:
    return any(isinstance(item, Array) for item in metadata)


def _input_error(error: ValidationError, value: Any) -> InputError:
    """The one of pydantic's errors that got furthest into the value, which of a union's is the one that was meant."""
    told = [_told(one, value) for one in error.errors(include_url=False)]
    return max(told, key=lambda one: one.field.count(".") + bool(one.field))


def _told(error: Mapping[str, Any], value: Any) -> InputError:
    message = str(error["msg"])
    if error["type"] == "value_error":
        message = message.removeprefix("Value error, ")
    elif error["type"] != _TOLD:
        message = message.replace("Input should be", "must be")
        message = message[:1].lower() + message[1:]
    place = [*_place(error["loc"], value), error["ctx"]["field"] if error["type"] == _TOLD else ""]
    return InputError(".".join(part for part in place if part), message)


def _place(location: tuple[int | str, ...], value: Any) -> Iterator[str]:
    """The parts of pydantic's location that are places in the value; others name an alternative of a union."""
    for part in location:
        known = isinstance(value, Mapping) and part in value
        if known or not (isinstance(part, str) and (part in _PLAIN_LABELS or "[" in part or "-" in part)):
            yield str(part)
        if known or (isinstance(value, list | tuple) and isinstance(part, int) and part < len(value)):
            value = value[part]
