"""Whether what fills a parameter fits it, and what it is in the parameter's unit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NoReturn

from foveola.diagnostics import Span
from foveola.planning.constants import Place, RefusedError, fit_constant
from foveola.planning.fits import can_be_scaled, fits, may_lose_null, way_to
from foveola.planning.known import check_value
from foveola.planning.offers import Offers
from foveola.planning.plan import Binding
from foveola.planning.problems import Problems, Scale
from foveola.planning.scope import Scope
from foveola.planning.types import list_items, shown, stripped, unit_in
from foveola.recipes.model import Constant, Expression, ListOf, MapOf, Reference, Step, Unreadable
from foveola.units import Unit, UnitBy


class Fitting:
    """Fits what fills one parameter of one step to it."""

    def __init__(self, step: Step, binding: Binding, scope: Scope, problems: Problems, offers: Offers) -> None:
        self._step = step
        self._binding = binding
        self._scope = scope
        self._problems = problems
        self._offers = offers
        self._notes: list[str] = []
        self._may_hold_null = False

    def fitted(self) -> Binding:
        """The binding with its expression in the parameter's unit, and a note where that was another."""
        binding, parameter = self._binding, self._binding.parameter
        if binding.expression is None:
            return binding
        unit = parameter.unit
        known = self._scope.unit(unit, self._step.name)
        undecided = unit if known is None and isinstance(unit, UnitBy) else None
        place = Place(parameter.name, parameter.annotation, known, undecided)
        try:
            expression = self._fit(binding.expression, place)
            check_value(binding, expression, self._scope, self._problems)
        except RefusedError:
            return binding
        note = "; ".join(self._notes)
        return replace(binding, expression=expression, note=note, may_hold_null=self._may_hold_null)

    def _fit(self, expression: Expression, place: Place) -> Expression:
        match expression:
            case Constant():
                constant, notes = fit_constant(expression, place, self._refuse)
                self._notes += notes
                return constant
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
                raise RefusedError

    def _fit_list(self, expression: ListOf, place: Place) -> Expression:
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

    def _parts(self, place: Place, kind: Any, keys: Iterable[str]) -> dict[str, Place] | None:
        """The places within a place that takes a list or map; None where one cannot be told."""
        parts = {key: part for key in keys if (part := place.part(key)) is not None}
        return parts if fits(kind, place.annotation) and len(parts) == len(list(keys)) else None

    def _fit_whole(self, expression: ListOf | MapOf, place: Place) -> Expression:
        """Fit a list or map where nothing can be told of its parts."""
        found = self._scope.type_of(expression, self._step)
        if found is not None and not fits(found, place.annotation):
            message = f"{place.name} takes {with_unit(place.annotation, place.unit)}; this is {shown(found)}"
            self._refuse(message, expression.span)
        return expression

    def _fit_wire(self, reference: Reference, place: Place) -> Reference:
        found = self._scope.type_of(reference, self._step)
        if found is None:
            raise RefusedError
        source = unit_in(found)
        way = way_to(found, place.annotation)
        if way is None:
            takes = with_unit(place.annotation, place.unit)
            self._refuse_wire(f"{place.name} takes {takes}; {reference} is {with_unit(found, source)}", reference)
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

    def _refuse(self, message: str, span: Span, hint: str | None = None) -> NoReturn:
        """Refuse what fills the parameter. Of a context entry one step's trouble is enough."""
        once_per: Scale = "place" if self._binding.source == "context" else "problem"
        self._problems.refuse(message, span, hint, once_per=once_per)
        raise RefusedError

    def _refuse_wire(self, message: str, reference: Reference) -> NoReturn:
        parameter = self._binding.parameter
        offers = self._offers.to(parameter, self._step)
        self._refuse(message, reference.span, f"{parameter.name} can take {offers}" if offers else None)


def with_unit(annotation: Any, unit: Unit | UnitBy | None) -> str:
    """A type and the unit that its numbers are in, as a person says it."""
    return f"{shown(annotation)} in {unit}" if unit else shown(annotation)
