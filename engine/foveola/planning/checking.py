"""Whether what fills a parameter fits it: type, shape, unit and, where the value is known, the value itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NoReturn

from foveola.adapters import accepts_none
from foveola.diagnostics import Span, did_you_mean
from foveola.errors import FoveolaError, sentence
from foveola.operations import Parameter
from foveola.planning.constants import Place, RefusedError, fit_constant, type_of_value
from foveola.planning.fits import can_be_scaled, fits, may_lose_null, way_to
from foveola.planning.offers import Offers
from foveola.planning.plan import Binding
from foveola.planning.problems import Problems, Scale
from foveola.planning.scope import UNKNOWN, NowhereError, Scope
from foveola.planning.types import list_items, possible_values, shown, stripped, unit_in
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
    references,
    written_value,
)
from foveola.recipes.places import part_span
from foveola.units import Unit, UnitBy, converted


class Checker:
    """Checks the steps of one recipe.

    Args:
        scope: what its names mean.
        problems: where what is wrong is told.
    """

    def __init__(self, scope: Scope, problems: Problems) -> None:
        self.scope = scope
        self.problems = problems
        self.offers = Offers(scope)

    def check_references(self, expression: Expression, inside: Step | None = None) -> bool:
        """Refuse every reference that leads nowhere; whether all lead somewhere."""
        is_sound = True
        for reference in references(expression):
            try:
                self.scope.resolve(reference, inside)
            except NowhereError as error:
                is_sound = False
                if error.message:
                    hint = _both(error.hint, self.offers.instead_of(reference, inside))
                    once_per: Scale = "message" if error.is_exam else "place"
                    self.problems.refuse(error.message, reference.span, hint, once_per=once_per)
        return is_sound

    def check_step(self, step: Step) -> dict[str, Binding]:
        """Check a step.

        Returns:
            Its bindings, their expressions in the units of the parameters that they fill.
        """
        for argument in step.arguments.values():
            self.check_references(argument.expression, step)
        if step.foreach is not None and self.check_references(step.foreach):
            self._check_loop(step)
        for condition in step.conditions:
            is_sound = [self.check_references(reference, step) for reference in condition.references]
            if all(is_sound):
                self._check_condition(step, condition)
        used, bindings = self.scope.used[step.name], self.scope.bindings[step.name]
        for binding in bindings.values():
            if binding.source == "exam" and binding.expression is not None:
                self.check_references(binding.expression, step)
        if used is not None and step.is_whole:
            for name, parameter in used.parameters.items():
                if parameter.required and name not in bindings:
                    self._refuse_missing(step, parameter)
        return {name: _Fitting(step, binding, self).fitted() for name, binding in bindings.items()}

    def _refuse_missing(self, step: Step, parameter: Parameter) -> None:
        takes = _with_unit(parameter.annotation, self.scope.unit(parameter.unit, step.name) or parameter.unit)
        offers = self.offers.to(parameter, step)
        hint = f"wire {offers}" if offers else f"give it in `with` or `context`, or --set exam.{parameter.name}=..."
        message = f"{step.use} needs {parameter.name!r} ({takes}), and nothing gives it"
        self.problems.refuse(message, step.use_span, hint)

    def _check_loop(self, step: Step) -> None:
        over, item = self.scope.loop(step)
        found = self.scope.type_of(over)
        if isinstance(over, Constant) and not isinstance(over.value, list | dict):
            message = f"`foreach` runs over a list or a map, not over {written_value(over.value)}"
            self.problems.refuse(message, over.span)
        elif found is not None and item is None:
            self.problems.refuse(f"`foreach` runs over a list or a map, not over {shown(found)}", over.span)
        elif isinstance(over, Constant) and isinstance(over.value, list):
            names = over.value if all(isinstance(value, str) for value in over.value) else []
            for place, name in enumerate(names):
                if name in names[:place]:
                    message = f"`foreach` has {name!r} twice, and keys its answers by it"
                    self.problems.refuse(message, part_span(over, [place]))

    def _check_condition(self, step: Step, condition: Condition) -> None:
        found = self.scope.type_of(condition.reference, step)
        possible = possible_values(found)
        for value in condition.values:
            if isinstance(value, Reference):
                other = self.scope.type_of(value, step)
                if other is not None and not fits(other, found) and not fits(found, other):
                    message = f"{condition.reference} ({shown(found)}) is never {value} ({shown(other)})"
                    self.problems.refuse(message, value.span)
            elif not _can_be(found, possible, value.value):
                said = repr(value.value) if isinstance(value.value, str) else written_value(value.value)
                words = [written_value(one) for one in possible or ()]
                hint = did_you_mean(str(value.value), words) or f"it can be {', '.join(words) or shown(found)}"
                self.problems.refuse(f"{condition.reference} is never {said}", value.span, hint)


def _can_be(found: Any, possible: tuple[Any, ...] | None, value: Any) -> bool:
    if value is None:
        return accepts_none(found)
    if possible is None:
        return fits(type_of_value(value), found)
    return any(is_same(value, one) for one in possible)


def _both(hint: str | None, other: str | None) -> str | None:
    """Two hints as one."""
    if hint is None or other is None:
        return hint or other
    return f"{hint}{' ' if hint.endswith('?') else '; '}{other}"


def _with_unit(annotation: Any, unit: Unit | UnitBy | None) -> str:
    return f"{shown(annotation)} in {unit}" if unit else shown(annotation)


class _Fitting:
    """Fits what fills one parameter of one step to it."""

    def __init__(self, step: Step, binding: Binding, checker: Checker) -> None:
        self._step = step
        self._binding = binding
        self._scope = checker.scope
        self._problems = checker.problems
        self._offers = checker.offers
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
            self._check_known_value(expression)
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
            message = f"{place.name} takes {_with_unit(place.annotation, place.unit)}; this is {shown(found)}"
            self._refuse(message, expression.span)
        return expression

    def _fit_wire(self, reference: Reference, place: Place) -> Reference:
        found = self._scope.type_of(reference, self._step)
        if found is None:
            raise RefusedError
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

    def _check_known_value(self, expression: Expression) -> None:
        """Read what the exam says as the parameter does, where that is known: its range is checked too."""
        binding, parameter = self._binding, self._binding.parameter
        if not isinstance(expression, Reference) or parameter.name == EXAM:
            return
        value = self._scope.known(expression)
        is_large = not isinstance(value, str | int | float)
        if value is UNKNOWN or value is None or (is_large and binding.source != "exam"):
            return  # what is large is read when it runs, but for what the exam has read already
        try:
            parameter.read(value if expression.factor == 1.0 else converted(value, expression.factor))
        except Exception as error:  # noqa: BLE001  a plugin's own reading may raise anything
            said = error if isinstance(error, FoveolaError) else f"{parameter.name}: {sentence(error)}"
            where = f"the {binding.source}'s" if binding.source in {"exam", "input"} else f"{expression} does not fit:"
            name = expression.path[0] if expression.name == EXAM else expression.name
            hint = f"--set exam.{name}=... gives another"
            self._problems.refuse(f"{where} {said}", expression.span, hint, once_per="message")

    def _refuse(self, message: str, span: Span, hint: str | None = None) -> NoReturn:
        """Refuse what fills the parameter. Of a context entry one step's trouble is enough."""
        once_per: Scale = "place" if self._binding.source == "context" else "problem"
        self._problems.refuse(message, span, hint, once_per=once_per)
        raise RefusedError

    def _refuse_wire(self, message: str, reference: Reference) -> NoReturn:
        parameter = self._binding.parameter
        offers = self._offers.to(parameter, self._step)
        self._refuse(message, reference.span, f"{parameter.name} can take {offers}" if offers else None)
