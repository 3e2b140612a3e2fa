"""Whether what fills a parameter fits it: type, shape, unit and, where the value is known, the value itself."""

from __future__ import annotations

from typing import Any

from foveola.adapters import accepts_none
from foveola.diagnostics import did_you_mean, nearest
from foveola.operations import Parameter
from foveola.planning.constants import type_of_value
from foveola.planning.fits import fits
from foveola.planning.fitting import Fitting, with_unit
from foveola.planning.known import check_group
from foveola.planning.offers import Offers
from foveola.planning.plan import Binding
from foveola.planning.problems import Problems, Scale
from foveola.planning.scope import NowhereError, Scope
from foveola.planning.types import Each, possible_values, shown
from foveola.recipes.model import (
    Condition,
    Constant,
    Expression,
    Reference,
    Step,
    is_same,
    references,
    written_value,
)
from foveola.recipes.places import part_span


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
        self._missing: set[str] = set()

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
        fitted = {
            name: Fitting(step, binding, self.scope, self.problems, self.offers).fitted()
            for name, binding in bindings.items()
        }
        if used is not None and used.operation is not None:
            for name, group in used.operation.groups.items():
                parameters = [one for one in used.parameters.values() if one.argument == name]
                check_group(step, group, parameters, fitted, self.scope, self.problems)
        return fitted

    def _refuse_missing(self, step: Step, parameter: Parameter) -> None:
        """Refuse a step that lacks what it must be given. What exams say is never to be wired, and is told once."""
        name, said_by_exams = parameter.name, parameter.name in self.scope.exam_type.declared()
        if said_by_exams and name in self._missing:
            return
        self._missing.add(name)
        takes = with_unit(parameter.annotation, self.scope.unit(parameter.unit, step.name) or parameter.unit)
        offers = None if said_by_exams else self.offers.to(parameter, step)
        hint = f"wire {offers}" if offers else f"give it in `with` or `context`, or --set exam.{name}=..."
        if said_by_exams and (meant := nearest(name, self.scope.strange_names)):
            hint = f"the exam says {meant!r}; {hint}"
        message = f"{step.use} needs {name!r} ({takes}), and nothing gives it"
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
        if isinstance(found, Each):
            message = f"{condition.reference} has a value for each key; a condition looks at one"
            self.problems.refuse(
                message, condition.reference.span, "give this step a `foreach` over it, and look at $item"
            )
            return
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
