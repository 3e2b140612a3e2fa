"""What the names of a recipe mean: the type of every reference, and what can be known of its value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from foveola.adapters import adapter, read_as
from foveola.diagnostics import did_you_mean
from foveola.errors import FoveolaError, InputError
from foveola.exams import Exam
from foveola.planning.constants import joined, loop_over_quantities, type_of_value
from foveola.planning.graph import Needs
from foveola.planning.plan import Binding
from foveola.planning.types import (
    Each,
    NoSuchPartError,
    item_type,
    part_type,
    shown,
    told,
    unit_in,
)
from foveola.planning.wiring import Used, Wired
from foveola.recipes.model import (
    EXAM,
    KEY,
    Constant,
    Expression,
    ListOf,
    MapOf,
    Recipe,
    Reference,
    Step,
    Unreadable,
)
from foveola.recipes.reader import RESERVED
from foveola.units import Unit, UnitBy, unit_of

UNKNOWN = object()
"""Stands for a value that only a run can know."""


class NowhereError(Exception):
    """A reference leads nowhere; with what to tell of it, or nothing if it has been told.

    Attributes:
        is_exam: whether the exam is to blame, wherever the reference stands.
    """

    def __init__(self, message: str = "", hint: str | None = None, *, is_exam: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.is_exam = is_exam


@dataclass
class Scope:
    """The names of one recipe, once it is known who fills which parameter.

    Attributes:
        recipe: the recipe.
        inputs: the types of its inputs.
        used: what each step runs; None if that could not be made out.
        bindings: who fills each parameter of each step.
        needs: the steps that each step needs.
        exam_type: the kind of exam that plugins declare.
        exam: the exam, if it is known.
    """

    recipe: Recipe
    inputs: Mapping[str, Any]
    used: Mapping[str, Used | None]
    bindings: Wired
    needs: Needs
    exam_type: type[Exam]
    exam: Exam | None
    _loops: dict[str, tuple[Expression, Any]] = field(default_factory=dict)
    _types: dict[tuple[str, tuple[str, ...], str], Any] = field(default_factory=dict)

    # Types

    def type_of(self, expression: Expression, inside: Step | None = None) -> Any:
        """The type of an expression; None if a reference in it leads nowhere, or it could not be read.

        Args:
            expression: the expression.
            inside: the step that writes it, where `$item` and `$key` mean something.
        """
        match expression:
            case Constant(value=value):
                return type_of_value(value)
            case Unreadable():
                return None
            case Reference():
                try:
                    return self.resolve(expression, inside)
                except NowhereError:
                    return None
            case ListOf(items=items):
                types = [self.type_of(item, inside) for item in items]
                return None if any(one is None for one in types) else list[joined(types)]  # type: ignore[misc]
            case MapOf(items=entries):
                types = [self.type_of(item, inside) for item in entries.values()]
                return None if any(one is None for one in types) else Mapping[str, joined(types)]  # type: ignore[misc]

    def resolve(self, reference: Reference, inside: Step | None) -> Any:
        """The type of a reference.

        Raises:
            NowhereError: it leads nowhere.
        """
        step = inside.name if inside is not None and reference.name in RESERVED else ""
        key = (reference.name, reference.path, step)
        if key not in self._types:
            self._types[key] = self._resolve(reference, inside)
        return self._types[key]

    def _resolve(self, reference: Reference, inside: Step | None) -> Any:
        found = self._type_of_root(reference, inside)
        if reference.name == EXAM and reference.path:
            self._check_exam(reference.path[0])
        for depth, part in enumerate(reference.path):
            try:
                found = part_type(found, part)
            except NoSuchPartError as error:
                known = error.known
                hint = did_you_mean(part, known) or (f"it has {', '.join(known)}" if known else None)
                whole = replace(reference, path=reference.path[:depth])
                raise NowhereError(f"{whole} ({shown(found)}) has no part {part!r}", hint) from None
        return self.with_told_units(found, reference.name)

    def _type_of_root(self, reference: Reference, inside: Step | None) -> Any:
        name = reference.name
        if name in self.inputs:
            return self.inputs[name]
        if name in self.recipe.steps:
            if self.used[name] is None:
                raise NowhereError
            return self.type_of_answer(name)
        if name == EXAM:
            return self.exam_type
        if name not in RESERVED:
            hint = did_you_mean(name, [*self.inputs, *self.recipe.steps])
            if hint is None and self._exam_has(name):
                hint = f"the exam's is '$exam.{name}'"
            raise NowhereError(f"no input or step is called {name!r}", hint)
        if inside is None or inside.foreach is None:
            raise NowhereError(f"${name} is for steps with `foreach`")
        if name == KEY:
            return str
        if (item := self.loop(inside)[1]) is None:
            raise NowhereError
        return item

    def type_of_answer(self, name: str) -> Any:
        """The type of a step's whole answer; None if it is not known what the step runs."""
        used = self.used[name]
        answer = None if used is None else used.answer
        return answer if self.recipe.steps[name].foreach is None else Each(answer)

    def with_told_units(self, found: Any, step: str) -> Any:
        """A type with the units that parameters of its step decide as they decide them."""
        if step not in self.bindings or not isinstance(unit_in(found), UnitBy):
            return found
        return told(found, lambda unit: self.unit(unit, step))

    def loop(self, step: Step) -> tuple[Expression, Any]:
        """What a step runs for each item of, and the type of an item; None if it cannot run over it."""
        assert step.foreach is not None  # noqa: S101  only such steps loop
        if step.name not in self._loops:
            loop = loop_over_quantities(step.foreach)
            self._loops[step.name] = loop or (step.foreach, self._type_of_item(step.foreach))
        return self._loops[step.name]

    def _type_of_item(self, expression: Expression) -> Any:
        found = self.type_of(expression)
        return None if found is None else item_type(found)

    # Units and values

    def unit(self, unit: Unit | UnitBy | None, step: str) -> Unit | None:
        """A unit that is told; what another parameter of a step decides is looked up where that is filled."""
        if not isinstance(unit, UnitBy):
            return unit
        binding = self.bindings[step].get(unit.parameter)
        value = UNKNOWN if binding is None else self.value_of(binding)
        return unit.choose(value) if isinstance(value, str | int | float) else None

    def value_of(self, binding: Binding) -> Any:
        """What fills a parameter, as far as it can be known without running: `UNKNOWN` if not."""
        if binding.expression is None:
            return binding.parameter.default if binding.source == "default" else UNKNOWN
        return self.known(binding.expression)

    def known(self, expression: Expression) -> Any:
        """What an expression is worth, as far as the recipe and the exam say; `UNKNOWN` if only a run can know."""
        if isinstance(expression, Constant):
            return expression.value
        if not isinstance(expression, Reference) or self.exam is None:
            return UNKNOWN
        if expression.name in self.recipe.inputs:
            found, rest = self._input_value(expression.name), expression.path
        elif expression.name == EXAM and expression.path:
            found, rest = self._exam_value(expression.path[0]), expression.path[1:]
        else:
            return UNKNOWN
        for part in rest:
            found = found.get(part) if isinstance(found, Mapping) else UNKNOWN
        return found

    def _input_value(self, name: str) -> Any:
        """What an input is worth: what the exam says, if it is of the input's type, else the default."""
        found, default = self._exam_value(name), self.recipe.inputs[name].default
        if found is None:
            return UNKNOWN if default is None else default.value
        if not isinstance(found, str | int | float):
            return found
        try:
            return read_as(adapter(self.inputs[name]), found)
        except FoveolaError:  # which the input is told of
            return UNKNOWN

    def _exam_value(self, name: str) -> Any:
        try:
            return None if self.exam is None else self.exam.get(name)
        except FoveolaError:  # which is told where it is resolved
            return UNKNOWN

    @property
    def strange_names(self) -> list[str]:
        """What the exam says under names that exams do not know; some are misspelt."""
        return [] if self.exam is None else [name for name in self.exam.given if name not in self.exam.declared()]

    def _exam_has(self, name: str) -> bool:
        return name in self.exam_type.declared() or (self.exam is not None and name in self.exam)

    def _check_exam(self, name: str) -> None:
        """Refuse a value of the exam that cannot be read, and a name that is nearly one that it knows."""
        if self.exam is None:
            return
        try:
            is_there = name in self.exam
            if is_there and name in self.exam.declared():
                self.exam.get(name)
        except FoveolaError as error:
            blamed = _to_blame(error, self.exam) or name
            unit = unit_of(self.exam.declared().get(blamed))
            hint = f"--set exam.{blamed}=... gives another{f', in {unit}' if unit else ''}"
            raise NowhereError(f"the exam is wrong: {error}", hint, is_exam=True) from None
        if is_there or name in self.exam.declared():
            return
        meant = did_you_mean(name, self.exam.declared())  # a name that is near none is one that other exams may have
        if meant is not None:
            raise NowhereError(f"the exam {self.exam.name!r} has no {name!r}", meant)


def _to_blame(error: FoveolaError, exam: Exam) -> str:
    """The value of an exam that an error names: what follows from others is wrong where those are."""
    return error.field.removeprefix(f"{exam.name}.").partition(".")[0] if isinstance(error, InputError) else ""
