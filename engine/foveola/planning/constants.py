"""Values that are written out, read as the type and in the unit of the place that they go to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, NoReturn

from foveola.adapters import accepts_none, adapter, read_as
from foveola.diagnostics import Span, did_you_mean
from foveola.errors import InputError, sentence
from foveola.planning.fits import fits
from foveola.planning.types import is_exam, slot_type, stripped, unit_in
from foveola.recipes.model import Constant, Expression, written_value
from foveola.recipes.places import part_span
from foveola.recipes.quantities import KNOWN_UNITS, UNITS, UnknownUnitError, parse_quantity, quantity_of
from foveola.units import Unit, UnitBy, unit_of

Refuse = Callable[[str, Span, str | None], NoReturn]
"""Tells what is wrong, where, and what to do next."""


class RefusedError(Exception):
    """It does not fit; that has been told."""


@dataclass(frozen=True)
class Place:
    """Where a value is to go: a parameter or an input, or a part of one, with its type and unit.

    Attributes:
        undecided: what decides the unit, where only a run can know that.
    """

    name: str
    annotation: Any
    unit: Unit | None
    undecided: UnitBy | None = None

    @classmethod
    def of(cls, name: str, annotation: Any) -> Place:
        """A place whose unit no parameter decides."""
        unit = unit_in(annotation)
        return cls(name, annotation, unit if isinstance(unit, Unit) else None)

    def part(self, key: str) -> Place | None:
        """A place within; None where its type cannot be told."""
        annotation = slot_type(self.annotation, key)
        if annotation is None:
            return None
        unit = unit_of(annotation)
        own_unit = unit if isinstance(unit, Unit) else self.unit
        return replace(self, name=f"{self.name}.{key}", annotation=annotation, unit=own_unit)


def fit_constant(constant: Constant, place: Place, refuse: Refuse) -> tuple[Constant, list[str]]:
    """A constant with its numbers in the unit of its place.

    Args:
        constant: what is written.
        place: where it goes.
        refuse: is told what is wrong with it.

    Returns:
        The constant, and what to say of each number that was written in another unit.
    """
    if constant.value is None and accepts_none(place.annotation):
        return constant, []
    reading = _Reading(constant, refuse)
    if is_exam(stripped(place.annotation)):
        if not isinstance(constant.value, dict | str):  # of these a run makes an exam
            refuse(f"{place.name} takes an exam: its values by name, or the path of its files", constant.span, None)
        return constant, []
    value = reading.in_unit(constant.value, place, ())
    reading.check(value, place)
    return replace(constant, value=value), reading.notes


class _Reading:
    """Reads one constant."""

    def __init__(self, constant: Constant, refuse: Refuse) -> None:
        self._constant = constant
        self._refuse = refuse
        self.notes: list[str] = []

    def in_unit(self, value: Any, place: Place | None, path: tuple[str, ...]) -> Any:
        """A value, or a part of it, with each `6 mm` as a number in the unit of its place."""
        if place is None:
            return value
        if isinstance(value, list):
            return [self.in_unit(item, place.part(str(key)), (*path, str(key))) for key, item in enumerate(value)]
        if isinstance(value, dict):
            return {key: self.in_unit(item, place.part(key), (*path, key)) for key, item in value.items()}
        if not isinstance(value, str) or not _takes_numbers(place.annotation):
            return value
        span = part_span(self._constant, path)
        try:
            quantity = parse_quantity(value)
        except UnknownUnitError as error:
            if fits(str, place.annotation):
                return value
            self._refuse(str(error), span, did_you_mean(error.unit, UNITS) or KNOWN_UNITS)
        if quantity is None:
            return value
        number = None if place.unit is None else quantity.value_in(place.unit)
        if number is None:
            self._refuse(*_wrong_unit(place, f"{quantity.value:g} {quantity.unit}", span))
        if quantity.unit != str(place.unit):
            self.notes.append(f"{value} read as {number:g} {place.unit}")
        return number

    def check(self, value: Any, place: Place) -> None:
        """Refuse what the type of the place does not take."""
        try:
            read_as(adapter(place.annotation), value)
        except InputError as error:
            path = error.field.split(".") if error.field else []
            message = ".".join([place.name, *path]) + f": {error.message}"
            self._refuse(message, part_span(self._constant, path), None)
        except Exception as error:  # noqa: BLE001  a plugin's own reading may raise anything
            self._refuse(f"{place.name}: {sentence(error)}", self._constant.span, None)


def _takes_numbers(annotation: Any) -> bool:
    return stripped(annotation) is not Any and fits(int, annotation)


def _wrong_unit(place: Place, quantity: str, span: Span) -> tuple[str, Span, str | None]:
    if place.undecided is not None:
        message = f"{place.name} is in {place.undecided}, which only a run can know"
        return message, span, "write the number alone, in that unit"
    if place.unit is None:
        return f"{place.name} takes a number without a unit; {quantity} has one", span, None
    return f"{place.name} is in {place.unit}; {quantity} is not", span, None


def type_of_value(value: Any) -> Any:
    """The type of a value that is written out.

    >>> type_of_value([1, 2.5]), type_of_value({"a": [True]})
    (list[float], collections.abc.Mapping[str, list[bool]])
    """
    match value:
        case bool() | int() | float() | str():
            return type(value)
        case list():
            return list[joined([type_of_value(item) for item in value])]  # type: ignore[misc]
        case dict():
            return Mapping[str, joined([type_of_value(item) for item in value.values()])]  # type: ignore[misc]
        case _:
            return Any


def joined(types: Sequence[Any]) -> Any:
    """The one type that holds values of all of these."""
    first, *others = types or [Any]
    if all(other is first or other == first for other in others):
        return first
    return float if all(one in (int, float) for one in types) else Any


def loop_over_quantities(expression: Expression) -> tuple[Expression, Any] | None:
    """A written list or map of quantities as numbers in the unit of the first, under what is written of each."""
    if not (isinstance(expression, Constant) and isinstance(expression.value, list | dict) and expression.value):
        return None
    items = expression.value
    named = items if isinstance(items, dict) else {written_value(item): item for item in items}
    read = {key: quantity_of(item) for key, item in named.items()}
    quantities = {key: one for key, one in read.items() if one is not None}
    first = next(iter(quantities.values()), None)
    if first is None or len(quantities) < len(items):
        return None
    unit = Unit(first.unit)
    values = {key: one.value_in(unit) for key, one in quantities.items()}
    return None if None in values.values() else (replace(expression, value=values), Annotated[float, unit])
