"""Turning a scan changes no answer: the same eye is scanned in all eight orientations, and the answers compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from math import isclose, isnan
from typing import Annotated, Any, get_args, get_origin

import numpy as np

from foveola import Array, Fault, FoveolaError, Operation, Output, Record
from foveola_oct.checks.scans import TurnedScan
from foveola_oct.retina import AS_ACQUIRED, ORIENTATIONS, Orientation, PathologySegmentation, ThicknessMap

CHECK = "orientation"
REMEDY = (
    "bring maps and places into the canonical frame (Orientation.canonicalise, .canonical_position), and mark with "
    "AS_ACQUIRED what is meant in slices and columns as they were acquired"
)
EXACT, DRAWN = 1e-6, 0.05
"""How far answers may differ: what is read off the same samples not at all, what is drawn on B-scans as their distance
allows, since other B-scans cut an outline elsewhere. A scan that is turned the wrong way differs by more."""

_DRAWN = {"nerve_landmarks_list", "ilm_list", "nerve_rnfl_layers"}


def find_in_orientations(operation: Operation[..., Output], examples: Sequence[Mapping[str, Any]]) -> Iterable[Fault]:
    """What depends on the orientation in the answers of an operation that takes one."""
    if not set(Orientation.model_fields) <= set(operation.parameters) or not examples:
        return
    first: dict[str, Any] | None = None
    told: set[str] = set()
    tolerance = DRAWN if any(_is_drawn(operation, name) for name in operation.parameters) else EXACT
    for orientation in ORIENTATIONS:
        try:
            values = _turned(orientation).values(operation.parameters.values(), examples[0])
            answer = dict(_canonical(operation.run(values), orientation))
        except (FoveolaError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            yield Fault(CHECK, f"a phantom scanned {_said(orientation)} raises {type(error).__name__}: {error}", REMEDY)
            return
        if first is None:
            first = answer
        for name in first:
            if name not in told and not _alike(first[name], answer.get(name), tolerance):
                told.add(name)
                there = f"{_said(ORIENTATIONS[0])} and {_said(orientation)}"
                yield Fault(CHECK, f"`{name}` of its answer differs between one eye scanned {there}", REMEDY)


_turned = cache(TurnedScan)
"""Eight phantoms serve every operation."""


def _is_drawn(operation: Operation[..., Output], name: str) -> bool:
    return name in _DRAWN or operation.parameters[name].kind is PathologySegmentation


def _said(orientation: Orientation) -> str:
    return " ".join(orientation.model_dump().values())


def _canonical(answer: Output, orientation: Orientation) -> Iterator[tuple[str, Any]]:
    """The fields of an answer as the fundus is seen, without those that are meant as acquired, and without words."""
    for name, field in type(answer).model_fields.items():
        if name != "warnings" and AS_ACQUIRED not in field.metadata:
            yield name, _seen(getattr(answer, name), _whole(field), orientation)


def _seen(value: Any, annotation: Any, orientation: Orientation) -> Any:
    match value:
        case ThicknessMap():
            return orientation.canonicalise(value.values)
        case Record():
            fields = type(value).model_fields
            return {name: _seen(getattr(value, name), _whole(field), orientation) for name, field in fields.items()}
        case Mapping():
            return {key: _seen(item, Any, orientation) for key, item in value.items()}
        case np.ndarray():
            axes = next(_axes(annotation), ())
            if axes == ("slices", "columns"):
                return orientation.canonicalise(value)
            if axes[:1] == ("points",):  # an outline may begin at any of its points, and have any number of them
                return np.array([value.min(axis=0), value.max(axis=0)]) if len(value) else value
            return value
        case _:
            return value


def _whole(field: Any) -> Any:
    return Annotated[field.annotation, "", *field.metadata]


def _axes(annotation: Any) -> Iterator[tuple[str, ...]]:
    if get_origin(annotation) is Annotated:
        yield from (item.axes for item in get_args(annotation)[1:] if isinstance(item, Array))
    for part in get_args(annotation):
        yield from _axes(part)


def _alike(one: Any, other: Any, tolerance: float) -> bool:
    match one:
        case float() | np.floating() if isinstance(other, float | int | np.number):
            both_missing = isnan(one) and isnan(other)
            return both_missing or isclose(one, other, rel_tol=tolerance, abs_tol=tolerance)
        case Mapping():
            return (
                isinstance(other, Mapping)
                and one.keys() == other.keys()
                and all(_alike(one[key], other[key], tolerance) for key in one)
            )
        case np.ndarray():
            return one.shape == np.shape(other) and np.allclose(one, other, tolerance, tolerance, equal_nan=True)
        case list() | tuple():
            return (
                isinstance(other, list | tuple)
                and len(one) == len(other)
                and all(_alike(mine, theirs, tolerance) for mine, theirs in zip(one, other, strict=True))
            )
        case _:
            return bool(one == other)
