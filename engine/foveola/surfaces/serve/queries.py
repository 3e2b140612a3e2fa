"""Queries: texts become numbers, truth values and null as the parameter's type says; lists are repeated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import NoneType
from typing import Any, get_args

from foveola.adapters import accepts_none
from foveola.errors import InputError
from foveola.operations import INCLUDE_EXTRAS, Operation, Output, Parameter
from foveola.planning.types import array_of, is_literal, is_union, list_items, stripped
from foveola.registry import Registry
from foveola.surfaces.serve.buckets import fetchers_of, stand_ins_of

SCALARS = {float, int, bool, str, NoneType}
WORDS = {"true": True, "false": False}
NULLS = {"null", "nan", ""}
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)
LONGEST_NUMBER = 100
EXTRAS = Parameter(
    name=INCLUDE_EXTRAS,
    annotation=bool,
    default=False,
    said="Whether the answer has its extras too.",
    argument=INCLUDE_EXTRAS,
)
"""What every operation takes."""


def query_parameters(registry: Registry, operation: Operation[..., Output]) -> dict[str, Parameter] | None:
    """The parameters that a query can say, own ones and those that stand for others; None if one that is needed is not.

    So a GET is served wherever it can be of use, and a POST always.
    """
    fetchers = fetchers_of(registry, operation)
    own = {name: one for name, one in operation.parameters.items() if name not in fetchers}
    if any(one.required and not _is_sayable(one.annotation) for one in own.values()):
        return None
    return {
        name: one
        for name, one in {**own, **stand_ins_of(fetchers), EXTRAS.name: EXTRAS}.items()
        if _is_sayable(one.annotation)
    }


def read_query(pairs: Iterable[tuple[str, str]], parameters: Mapping[str, Parameter]) -> dict[str, Any]:
    """The values of a query.

    Args:
        pairs: names and texts as they came.
        parameters: by name.

    Raises:
        InputError: what is one thing is given twice. What is of the wrong type is left to who reads it.
    """
    texts: dict[str, list[str]] = {}
    for name, text in pairs:
        texts.setdefault(name, []).append(text)
    aliases = {alias: one for one in parameters.values() for alias in one.aliases}
    values: dict[str, Any] = {}
    for name, said in texts.items():
        parameter = parameters.get(name) or aliases.get(name)
        values[name] = said[0] if parameter is None else _value(name, said, parameter.annotation)
    return values


def _value(name: str, said: list[str], annotation: Any) -> Any:
    items = next((found for one in _alternatives(annotation) if (found := list_items(one)) is not None), None)
    if len(said) == 1 and said[0].lower() in NULLS and accepts_none(annotation):
        return None
    if items is None:
        if len(said) > 1:
            raise InputError(name, f"is given {len(said)} times; it is one value")
        return _scalar(said[0], annotation)
    types = items.types if items.fixed and len(items.types) == len(said) else items.types[:1] * len(said)
    return [_scalar(text, kind) for text, kind in zip(said, types, strict=True)]


def _scalar(text: str, annotation: Any) -> Any:
    kinds = _scalars(annotation)
    if bool in kinds and text.lower() in WORDS:  # Python's clients write True
        return WORDS[text.lower()]
    if NUMBER.fullmatch(text) and len(text) <= LONGEST_NUMBER:
        if int in kinds and text.lstrip("+-").isdecimal():
            return int(text)
        if float in kinds:
            return float(text)
    return text


def _is_sayable(annotation: Any) -> bool:
    """Whether a query can say every value of a type: one scalar, or a list of them."""
    if array_of(stripped(annotation, keep_array=True)) is not None:
        return False
    return all(
        bool(_scalars(one))
        or ((items := list_items(one)) is not None and all(_scalars(item) - {NoneType} for item in items.types))
        for one in _alternatives(annotation)
    )


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    core = stripped(annotation)
    return get_args(core) if is_union(core) else (core,)


def _scalars(annotation: Any) -> set[Any]:
    """The kinds of scalar that a type is; none if it is anything else."""
    kinds: set[Any] = {NoneType} if accepts_none(annotation) else set()
    for one in map(stripped, _alternatives(annotation)):
        found = {type(value) for value in get_args(one)} if is_literal(one) else {one}
        if not found <= SCALARS:
            return set()
        kinds |= found
    return kinds
