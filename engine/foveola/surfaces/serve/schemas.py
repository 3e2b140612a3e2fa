"""Types as JSON Schema: what may be asked, and what is answered, with units, shapes and ranges."""

from __future__ import annotations

from collections.abc import Iterator
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

import annotated_types
import numpy as np
from pydantic import BeforeValidator
from pydantic.fields import FieldInfo

from foveola.adapters import accepts_none
from foveola.descriptions import documented_fields
from foveola.operations import Output
from foveola.planning.types import array_of, is_exam, is_literal, is_record, is_union, list_items, map_item
from foveola.units import Unit, UnitBy, unit_of
from foveola.values import ABSENT_WHEN_NULL, EXTRA, Array, Record, annotation_of

Schema = dict[str, Any]

NAMES = {float: "number", int: "integer", str: "string", bool: "boolean", NoneType: "null"}
LIMITS = {
    annotated_types.Gt: ("gt", "exclusiveMinimum"),
    annotated_types.Ge: ("ge", "minimum"),
    annotated_types.Lt: ("lt", "exclusiveMaximum"),
    annotated_types.Le: ("le", "maximum"),
    annotated_types.MultipleOf: ("multiple_of", "multipleOf"),
}
ANOTHER_FORM = {"type": ["array", "object"], "description": "Or another form that it reads."}
LENGTHS = {annotated_types.MinLen: ("min_length", "min"), annotated_types.MaxLen: ("max_length", "max")}


def schema_of(annotation: Any, *, answered: bool = False) -> Schema:
    """The schema of a type.

    Args:
        annotation: the type, with what is annotated to it.
        answered: as it is answered, where any number that cannot be told is null.
    """
    array = array_of(annotation)
    if array is not None:
        return {**_array(array, answered=answered), **_annotated(annotation, {})}
    if get_origin(annotation) is Annotated:
        schema = schema_of(get_args(annotation)[0], answered=answered)
        if any(isinstance(item, BeforeValidator) for item in _metadata(annotation)):
            schema = _without_limits(schema)  # what it makes of a value is nobody's to know
        return {**schema, **_annotated(annotation, schema)}
    if is_union(annotation):
        return _union([schema_of(part, answered=answered) for part in get_args(annotation)])
    if is_literal(annotation):
        return {"enum": list(get_args(annotation))}
    if annotation in NAMES:
        is_telling = answered and annotation is float
        return {"type": ["number", "null"] if is_telling else NAMES[annotation]}
    if is_record(annotation):
        return _record(annotation, answered=answered)
    if is_exam(annotation):
        return {"type": "object", "description": "An exam: its values by name."}
    if (item := map_item(annotation)) is not None:
        return {"type": "object", "additionalProperties": schema_of(item, answered=answered)}
    if (items := list_items(annotation)) is not None:
        kinds = [schema_of(item, answered=answered) for item in items.types]
        each = {"type": "array", "items": _union(kinds)}  # few who read OpenAPI know `prefixItems`
        return {**each, "minItems": len(kinds), "maxItems": len(kinds)} if items.fixed else each
    return {}


def answer_of(output: type[Output]) -> Schema:
    """The schema of an answer, without and with its extras."""
    fields, described = output.model_fields, documented_fields(output)
    shown = {
        field.alias or name: _described(schema_of(annotation_of(field), answered=True), described[name])
        for name, field in fields.items()
    }
    extras = {field.alias or name: shown[field.alias or name] for name, field in fields.items() if EXTRA.marks(field)}
    documented = {name: schema for name, schema in shown.items() if name not in extras}
    always = [
        field.alias or name
        for name, field in fields.items()
        if not EXTRA.marks(field) and not ABSENT_WHEN_NULL.marks(field)
    ]
    whole = {
        "type": "object",
        "properties": {**documented, **extras},
        "required": always,
        "additionalProperties": False,
    }
    about = " ".join((output.__doc__ or "").split())
    if output.bare is None:
        return {**whole, "description": about}
    bare = shown[fields[output.bare].alias or output.bare]
    if bare.get("type") == "object":
        return {**bare, "properties": {**bare.get("properties", {}), **extras}, "description": about}
    return {"anyOf": [bare, whole], "description": about}


def _record(record: type[Record], *, answered: bool) -> Schema:
    about = {"title": record.__name__, "description": " ".join((record.__doc__ or "").split())}
    if answered and _home_of(record, "plain") is not Record:
        items = record.item_annotation()
        shape = {} if record.bare is None and items is None else _documented(record, answered=True)
        return {**shape, **about}
    documented = _documented(record, answered=answered)
    if not answered and _home_of(record, "read") is not Record:
        documented = _union([*documented.get("anyOf", [documented]), ANOTHER_FORM])
    return {**documented, **about}


def _documented(record: type[Record], *, answered: bool) -> Schema:
    """The form that the guide documents: the bare field, a list of what `foreach` runs over, or all fields."""
    if record.bare is not None:
        return schema_of(annotation_of(record.model_fields[record.bare]), answered=answered)
    fields, described = record.model_fields, documented_fields(record)
    named = {
        "type": "object",
        "properties": {
            field.alias or name: _described(schema_of(annotation_of(field), answered=answered), described[name])
            for name, field in fields.items()
        },
        "required": [
            field.alias or name
            for name, field in fields.items()
            if (field.is_required() or answered) and not ABSENT_WHEN_NULL.marks(field)
        ],
    }
    items = record.item_annotation()
    forms = [] if items is None else [{"type": "array", "items": schema_of(items, answered=answered)}]
    return forms[0] if answered and forms else _union([*forms, named])


def _array(array: Array, *, answered: bool) -> Schema:
    """An array as lists: null is NaN, and who asks may say true and false for 1 and 0."""
    is_whole = array.dtype != "" and np.dtype(array.dtype).kind in "iu"
    kinds = ["integer"] if is_whole else ["number", "null"]
    schema: Schema = {"type": kinds if answered else [*kinds, "boolean"]}
    if not array.axes:
        return {"description": "Numbers, or lists of equal length of such, however deep."}
    for _ in array.axes:
        schema = {"type": "array", "items": schema}
    return {**schema, "description": f"Shape [{', '.join(array.axes)}].", "x-axes": list(array.axes)}


def _annotated(annotation: Any, schema: Schema) -> Schema:
    found: Schema = {}
    for item in _metadata(annotation):
        match item:
            case Unit() | UnitBy():
                found["x-unit"] = str(item)
            case str():
                continue
            case _ if type(item) in LIMITS:
                attribute, keyword = LIMITS[type(item)]
                found[keyword] = getattr(item, attribute)
            case _ if type(item) in LENGTHS:
                attribute, end = LENGTHS[type(item)]
                found[end + _counted(schema)] = getattr(item, attribute)
    if "anyOf" in schema and set(found) - {"x-unit"}:  # limits are on what is no null
        limits = {keyword: found.pop(keyword) for keyword in set(found) - {"x-unit"}}
        found["anyOf"] = [one if one == {"type": "null"} else {**one, **limits} for one in schema["anyOf"]]
    return found


def _without_limits(schema: Schema) -> Schema:
    words = {keyword for _, keyword in LIMITS.values()}
    kept = {word: value for word, value in schema.items() if word not in words}
    return kept if "anyOf" not in kept else {**kept, "anyOf": [_without_limits(one) for one in kept["anyOf"]]}


def _counted(schema: Schema) -> str:
    return {"object": "Properties", "string": "Length"}.get(str(schema.get("type")), "Items")


def _metadata(annotation: Any) -> Iterator[Any]:
    for item in getattr(annotation, "__metadata__", ()):
        yield from item.metadata if isinstance(item, FieldInfo) else [item]


def _union(parts: list[Schema]) -> Schema:
    distinct: list[Schema] = []
    for part in parts:
        distinct += [part] if part not in distinct else []
    return distinct[0] if len(distinct) == 1 else {"anyOf": distinct}


def _described(schema: Schema, words: str) -> Schema:
    """A schema with what its field says of it."""
    if not words:
        return schema
    shape = f" {schema['description']}" if "x-axes" in schema else ""
    return {**schema, "description": words + shape}


def parameter_schema(parameter_annotation: Any, description: str, default: Any, *, required: bool) -> Schema:
    """The schema of a parameter: its type, its sentence and its default."""
    schema = _described(schema_of(parameter_annotation), description)
    if unit := unit_of(parameter_annotation):
        schema = {
            **schema,
            "x-unit": str(unit),
            "description": f"{schema.get('description', '')} Unit: {unit}.".strip(),
        }
    if not required and (default is not None or accepts_none(parameter_annotation)):
        schema = {**schema, "default": default}
    return schema


def _home_of(kind: type, name: str) -> type:
    return next(parent for parent in kind.__mro__ if name in vars(parent))
