"""What an operation says of itself: what it, its parameters and its answers are, and which units they have."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterator
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import numpy as np

from foveola.descriptions import documented_fields
from foveola.hookspecs import Fault
from foveola.operations import Operation, Output
from foveola.units import unit_of
from foveola.values import Array, Record, annotation_of

SENTENCE_ENDS = (".", "?", "!")


def find_in_words(operation: Operation[..., Output], unitless: Collection[str] = ()) -> Iterator[Fault]:
    """What is not described, not frozen, or has no unit.

    Raises:
        TypeError: the signature says too little to look further.
    """
    parameters, output = operation.parameters, operation.output
    if not operation.about.endswith(SENTENCE_ENDS):
        remedy = "begin its docstring with a sentence that says what it is for, in one line"
        yield Fault("description", "it does not say what it is for", remedy)
    for name, parameter in parameters.items():
        if not parameter.description:
            remedy = "describe it in the `Args:` of the docstring"
            yield Fault("description", f"its parameter `{name}` is not described", remedy)
    for name, description in documented_fields(output).items():
        if not description:
            yield Fault("description", f"`{name}` of its answer is not described", "write a docstring below the field")
    if not output.model_config.get("frozen"):
        yield Fault("frozen", f"its answer {output.__name__} can be changed", "leave `frozen` as Output has it")
    numbers = {
        **{name: f"its parameter `{name}`" for name, one in parameters.items() if _lacks_unit(one.annotation)},
        **{name: f"`{name}` of its answer" for name in _unitless(output)},
    }
    for name, said in numbers.items():
        if name not in unitless:
            remedy = "annotate it (Millimetres, Micrometres, Pixels, ...), or name it in unitless if it has none"
            yield Fault("unit", f"{said} has no unit", remedy)


def _unitless(record: type[Record], prefix: str = "", above: tuple[type, ...] = ()) -> Iterator[str]:
    """The fields of an answer that hold numbers without a unit; of the records in it, field by field."""
    for name, field in record.model_fields.items():
        annotation = annotation_of(field)
        if _lacks_unit(annotation):
            yield prefix + name
        elif unit_of(annotation) is None:
            for inner in _records(annotation):
                if inner not in above:
                    yield from _unitless(inner, f"{prefix}{name}.", (*above, record))


def _lacks_unit(annotation: Any) -> bool:
    """Whether a type is, or holds outside of its records, real numbers of which nobody says what they count."""
    return unit_of(annotation) is None and any(part is float or part is np.ndarray for part in _parts(annotation))


def _records(annotation: Any) -> Iterator[type[Record]]:
    return (part for part in _parts(annotation) if inspect.isclass(part) and issubclass(part, Record))


def _parts(annotation: Any) -> Iterator[Any]:
    """The classes that a type is made of; arrays of whole numbers are none."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        if not any(isinstance(item, Array) and not item.dtype.startswith("float") for item in parts[1:]):
            yield from _parts(parts[0])
    elif origin in {Union, UnionType} or parts:
        for part in parts:
            yield from _parts(part)
    else:
        yield annotation
