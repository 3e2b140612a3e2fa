"""Whether what fills a parameter fits it: type, shape, unit and, where the value is known, the value itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from foveola.diagnostics import Span, did_you_mean
from foveola.errors import FoveolaError, InputError, sentence
from foveola.operations import Parameter, accepts_none, adapter, read_as
from foveola.planning.fits import can_be_scaled, fits, may_lose_null, way_to
from foveola.planning.plan import Binding
from foveola.planning.problems import Problems
from foveola.planning.scope import UNKNOWN, Scope, type_of_value
from foveola.planning.types import (
    is_exam,
    list_items,
    possible_values,
    shown,
    slot_type,
    stripped,
    unit_in,
)
from foveola.planning.wiring import EXAM
from foveola.recipes.model import (
    Condition,
    Constant,
    Expression,
    ListOf,
    MapOf,
    Reference,
    Step,
    Unreadable,
    is_same,
    written_value,
)
from foveola.recipes.places import part_span
from foveola.recipes.quantities import UNITS, UnknownUnitError, parse_quantity
from foveola.units import Unit, UnitBy, converted, unit_of


def check_step(step: Step, scope: Scope, problems: Problems) -> dict[str, Binding]:
    """Check one step.

    Returns:
        Its bindings, their expressions in the units of the parameters that they fill.
    """
    for argument in step.arguments.values():
        scope.check(argument.expression, step, problems)
    _check_loop(step, scope, problems)
    for condition in step.conditions:
        _check_condition(step, condition, scope, problems)
    used, bindings = scope.used[step.name], scope.bindings[step.name]
    if used is not None and step.is_whole:
        for name, parameter in used.parameters.items():
            if parameter.required and name not in bindings:
                _refuse_missing(step, parameter, scope, problems)
    return {name: _Fitting(step, binding, scope, problems).fitted() for name, binding in bindings.items()}


def _refuse_missing(step: Step, parameter: Parameter, scope: Scope, problems: Problems) -> None:
    takes = _with_unit(parameter.annotation, scope.unit(parameter.unit, step.name) or parameter.unit)
    offers = scope.offers(parameter, step)
    hint = f"wire {offers}" if offers else f"give it in `with` or `context`, or --set exam.{parameter.name}=..."
    problems.refuse(f"{step.use} needs {parameter.name!r} ({takes}), and nothing gives it", step.use_span, hint)


def _check_loop(step: Step, scope: Scope, problems: Problems) -> None:
    if step.foreach is None or not scope.check(step.foreach, None, problems):
        return
    over, item = scope.loop(step)
    if isinstance(over, Unreadable):
        return
    if isinstance(over, Constant) and not isinstance(over.value, list | dict):
        message = f"`foreach` runs over a list or a map, not over {written_value(over.value)}"
        problems.refuse(message, over.span)
    elif item is None:
        problems.refuse(f"`foreach` runs over a list or a map, not over {shown(scope.type_of(over))}", over.span)
    elif isinstance(over, Constant) and isinstance(over.value, list):
        texts = [value for value in over.value if isinstance(value, str)]
        for place, value in enumerate(over.value):
            if len(texts) == len(over.value) and value in over.value[:place]:
                problems.refuse(f"`foreach` has {value!r} twice, and keys its answers by it", part_span(over, [place]))


def _check_condition(step: Step, condition: Condition, scope: Scope, problems: Problems) -> None:
    is_sound = [scope.check(reference, step, problems) for reference in condition.references]
    if not all(is_sound) or (found := scope.type_of(condition.reference, step)) is None:
        return
    possible = possible_values(found)
    for value in condition.values:
        if isinstance(value, Reference):
            other = scope.type_of(value, step)
            if other is not None and not fits(other, found) and not fits(found, other):
                message = f"{condition.reference} ({shown(found)}) is never {value} ({shown(other)})"
                problems.refuse(message, value.span)
        elif value.value is None:
            if not accepts_none(found):
                problems.refuse(f"{condition.reference} is never null", value.span, _can_be(found, possible))
        elif possible is not None:
            if not any(is_same(value.value, one) for one in possible):
                hint = did_you_mean(str(value.value), map(str, possible)) or _can_be(found, possible)
                problems.refuse(f"{condition.reference} is never {_quoted(value.value)}", value.span, hint)
        elif not fits(type_of_value(value.value), found):
            problems.refuse(f"{condition.reference} is never {_quoted(value.value)}", value.span, _can_be(found, None))


def _can_be(found: Any, possible: tuple[Any, ...] | None) -> str:
    return f"it is {shown(found)}" if possible is None else f"it can be {', '.join(map(written_value, possible))}"


def _with_unit(annotation: Any, unit: Unit | UnitBy | None) -> str:
    return f"{shown(annotation)} in {unit}" if unit else shown(annotation)


def _quoted(value: Any) -> str:
    return repr(value) if isinstance(value, str) else written_value(value)


@dataclass(frozen=True)
class _Place:
    """Where an expression is to go: a parameter, or a part of one, with its type and unit."""

    name: str
    annotation: Any
    unit: Unit | None
    undecided: UnitBy | None = None

    def part(self, key: str) -> _Place | None:
        """A place within; None where its type cannot be told."""
        annotation = slot_type(self.annotation, key)
        if annotation is None:
            return None
        unit = unit_of(annotation)
        return replace(
            self, name=f"{self.name}.{key}", annotation=annotation, unit=unit if isinstance(unit, Unit) else self.unit
        )


class _RefusedError(Exception):
    """It does not fit; that has been told."""


class _Fitting:
    """Fits what fills one parameter of one step to it."""

    def __init__(self, step: Step, binding: Binding, scope: Scope, problems: Problems) -> None:
        self._step = step
        self._binding = binding
        self._scope = scope
        self._problems = problems
        self._notes: list[str] = []
        self._may_hold_null = False

    def fitted(self) -> Binding:
        """The binding with its expression in the parameter's unit, and a note where that was another."""
        binding, parameter = self._binding, self._binding.parameter
        if binding.expression is None:
            return binding
        unit = unit_in(parameter.annotation)
        known = self._scope.unit(unit, self._step.name)
        undecided = unit if known is None and isinstance(unit, UnitBy) else None
        place = _Place(parameter.name, parameter.annotation, known, undecided)
        try:
            expression = self._fit(binding.expression, place)
            self._check_known_value(expression)
        except _RefusedError:
            return binding
        note = "; ".join(self._notes)
        return replace(binding, expression=expression, note=note, may_hold_null=self._may_hold_null)

    def _fit(self, expression: Expression, place: _Place) -> Expression:
        match expression:
            case Constant():
                return self._fit_constant(expression, place)
            case Reference():
                return self._fit_wire(expression, place)
            case ListOf():
                return self._fit_list(expression, place)
            case MapOf(items=entries):
                self._may_hold_null = True
                parts = self._parts(place, Mapping[str, Any], entries)
                if parts is None:
                    return self._fit_whole(expression, place)
                return replace(expression, items={key: self._fit(item, parts[key]) for key, item in entries.items()})
            case Unreadable():
                raise _RefusedError

    def _fit_list(self, expression: ListOf, place: _Place) -> Expression:
        self._may_hold_null = True
        takes = list_items(stripped(place.annotation))
        if takes is not None and takes.fixed and len(takes.types) != len(expression.items):
            message = f"{place.name} takes {len(takes.types)} values; this has {len(expression.items)}"
            self._refuse(message, expression.span)
        items = {str(number): item for number, item in enumerate(expression.items)}
        parts = self._parts(place, list[Any], items)
        if parts is None:
            return self._fit_whole(expression, place)
        return replace(expression, items=tuple(self._fit(item, parts[key]) for key, item in items.items()))

    def _parts(self, place: _Place, kind: Any, keys: Iterable[str]) -> dict[str, _Place] | None:
        """The places within a place that takes a list or map; None where one cannot be told."""
        parts = {key: part for key in keys if (part := place.part(key)) is not None}
        return parts if fits(kind, place.annotation) and len(parts) == len(list(keys)) else None

    def _fit_whole(self, expression: ListOf | MapOf, place: _Place) -> Expression:
        """Fit a list or map where nothing can be told of its parts."""
        found = self._scope.type_of(expression, self._step)
        if found is not None and not fits(found, place.annotation):
            message = f"{place.name} takes {_with_unit(place.annotation, place.unit)}; this is {shown(found)}"
            self._refuse(message, expression.span)
        return expression

    def _fit_wire(self, reference: Reference, place: _Place) -> Reference:
        found = self._scope.type_of(reference, self._step)
        if found is None:
            raise _RefusedError
        source = unit_in(found)
        way = way_to(found, place.annotation)
        if way is None:
            takes = _with_unit(place.annotation, place.unit)
            self._refuse_wire(f"{place.name} takes {takes}; {reference} is {_with_unit(found, source)}", reference)
        factor = source.factor_to(place.unit) if isinstance(source, Unit) and place.unit is not None else 1.0
        if factor is None:
            message = f"{place.name} is in {place.unit}; {reference} is in {source}, which never becomes {place.unit}"
            self._refuse_wire(message, reference)
        if factor != 1.0:
            if not can_be_scaled(found):
                message = f"{place.name} is in {place.unit}; {reference} is in {source}"
                self._refuse_wire(f"{message}, and {shown(found)} is not converted", reference)
            self._notes.append(f"{reference} converted from {source} to {place.unit}")
        self._may_hold_null |= may_lose_null(found, place.annotation)
        return replace(reference, path=(*reference.path, *way), factor=factor)

    def _fit_constant(self, constant: Constant, place: _Place) -> Constant:
        """The constant in the parameter's unit, read by the parameter's own type."""
        if constant.value is None and accepts_none(place.annotation):
            return constant
        value = self._in_unit(constant, constant.value, place, ())
        if not is_exam(place.annotation):  # a run makes an exam of what is written
            self._read(constant, value, place)
        return replace(constant, value=value)

    def _read(self, constant: Constant, value: Any, place: _Place) -> None:
        try:
            read_as(adapter(place.annotation), value)
        except InputError as error:
            path = error.field.split(".") if error.field else []
            name = ".".join([place.name, *path])
            self._refuse(f"{name}: {error.message}", part_span(constant, path))
        except Exception as error:  # noqa: BLE001  a plugin's own reading may raise anything
            self._refuse(f"{place.name}: {sentence(error)}", constant.span)

    def _in_unit(self, constant: Constant, value: Any, place: _Place | None, path: tuple[str, ...]) -> Any:
        """Numbers with units, anywhere inside a value, as numbers in the unit of their place."""
        if place is None:
            return value
        if isinstance(value, list):
            keyed = [(str(key), item) for key, item in enumerate(value)]
            return [self._in_unit(constant, item, place.part(key), (*path, key)) for key, item in keyed]
        if isinstance(value, dict):
            return {key: self._in_unit(constant, item, place.part(key), (*path, key)) for key, item in value.items()}
        if not isinstance(value, str) or fits(str, place.annotation):
            return value
        span = part_span(constant, path)
        try:
            quantity = parse_quantity(value)
        except UnknownUnitError as error:
            self._refuse(str(error), span, did_you_mean(error.unit, UNITS))
        if quantity is None:
            return value
        factor = None if place.unit is None else Unit(quantity.unit).factor_to(place.unit)
        if factor is None:
            self._refuse(_not_in_unit(place, f"{quantity.value:g} {quantity.unit}"), span)
        elif factor != 1.0:
            number = converted(quantity.value, factor)
            self._notes.append(f"{value} read as {number:g} {place.unit}")
            return number
        return quantity.value

    def _check_known_value(self, expression: Expression) -> None:
        """Read what the exam says as the parameter does, where that is known: its range is checked too."""
        binding, parameter = self._binding, self._binding.parameter
        if binding.source not in {"exam", "input"} or not isinstance(expression, Reference) or parameter.name == EXAM:
            return
        value = self._scope.value_of(binding)
        if value is UNKNOWN or value is None or (binding.source == "input" and not isinstance(value, str | int | float)):
            return
        try:
            for part in expression.path[1:] if binding.source == "exam" else expression.path:
                value = getattr(value, part)
            parameter.read(value if expression.factor == 1.0 else converted(value, expression.factor))
        except Exception as error:  # noqa: BLE001  a plugin's own reading may raise anything
            said = error if isinstance(error, FoveolaError) else f"{parameter.name}: {sentence(error)}"
            hint = f"--set exam.{parameter.name}=... gives another"
            self._problems.refuse(f"the {binding.source}'s {said}", self._step.use_span, hint)

    def _refuse(self, message: str, span: Span, hint: str | None = None) -> NoReturn:
        """Refuse what fills the parameter."""
        self._problems.refuse(message, span, hint, once=self._binding.source == "context")
        raise _RefusedError

    def _refuse_wire(self, message: str, reference: Reference) -> NoReturn:
        parameter = self._binding.parameter
        offers = self._scope.offers(parameter, self._step)
        self._refuse(message, reference.span, f"{parameter.name} can take {offers}" if offers else None)


def _not_in_unit(place: _Place, quantity: str) -> str:
    if place.undecided is not None:
        symbols, parameter = " or ".join(dict.fromkeys(place.undecided.symbols.values())), place.undecided.parameter
        return f"{place.name} is in {symbols}, by {parameter}, which only a run can know; write the number alone"
    takes = f"is in {place.unit}" if place.unit else "takes a number without a unit"
    return f"{place.name} {takes}; {quantity} is not"
