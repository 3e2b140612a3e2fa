"""What a step was given, as far as a result tells: constants, defaults, the exam's words, other answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from foveola.operations import Operation, Output
from foveola.planning.plan import Plan, PlannedStep
from foveola.planning.types import item_type, part_type, stripped
from foveola.recipes.model import EXAM, ITEM, KEY, Constant, Expression, ListOf, MapOf, Reference
from foveola.running.evaluation import part_of
from foveola.running.loading import loaded
from foveola.values import plain

Keys = tuple[str, ...]
"""The place of a part in a value."""

Known = Mapping[tuple[str, Keys], Any]
"""What is known of answers: the value by the step (`outer.inner`, `step[key]`) and the part of its answer."""


class UnknownError(Exception):
    """The result does not tell."""


class Telling(Protocol):
    """A result, as far as what steps were given can be read off it."""

    @property
    def answers(self) -> Mapping[str, Output]:
        """What steps answered, as far as it is at hand."""

    @property
    def known(self) -> Known:
        """Every part of an answer that an output holds."""


class LazyPlain(Mapping[str, Any]):
    """Values in their documented form, each made when it is asked for."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> Any:
        return plain(loaded(self._values[name]), lists=False)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def with_defaults(operation: Operation[..., Output], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What an operation was given, its defaults among it."""
    return {**{name: one.default for name, one in operation.parameters.items() if not one.required}, **inputs}


def fields_of(output: Output) -> dict[str, Any]:
    """The parts of an answer by the names that callers know."""
    return {field.alias or name: getattr(output, name) for name, field in type(output).model_fields.items()}


class Given(Mapping[str, Any]):
    """What a step was given, as far as the result tells: constants, defaults, the exam's words, other outputs."""

    def __init__(
        self,
        reported: Telling,
        exam: Mapping[str, Any],
        plan: Plan,
        prefix: str,
        step: PlannedStep,
        key: str | None,
    ) -> None:
        self._reported = reported
        self._exam = exam
        self._plan = plan
        self._prefix = prefix
        self._step = step
        self._key = key

    def __getitem__(self, name: str) -> Any:
        binding = self._step.bindings[name]
        try:
            if binding.expression is not None:
                return self._value(binding.expression)
            if not binding.parameter.required:
                return plain(binding.parameter.default, lists=False)
            return self._exam[name]
        except (UnknownError, TypeError):
            raise KeyError(name) from None

    def __iter__(self) -> Iterator[str]:
        for name in self._step.bindings:
            try:
                self[name]
            except KeyError:
                continue
            yield name

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _value(self, expression: Expression) -> Any:
        match expression:
            case Constant(value=value):
                return plain(value, lists=False)
            case ListOf(items=items):
                return [self._value(item) for item in items]
            case MapOf(items=entries):
                return {key: self._value(item) for key, item in entries.items()}
            case Reference():
                return self._look_up(expression)
        raise UnknownError

    def _look_up(self, reference: Reference) -> Any:
        if reference.name == KEY or (reference.name == ITEM and self._is_of_names()):
            if self._key is None:
                raise UnknownError
            return self._key
        if reference.factor != 1.0:
            raise UnknownError
        if reference.name == EXAM:
            return _told(self._exam, reference.path)
        answer = self._reported.answers.get(self._prefix + reference.name)
        if answer is not None:
            return _told(plain(_answer_part(answer, reference.path), lists=False), ())
        known = self._reported.known
        for length in range(len(reference.path), -1, -1):
            found = known.get((self._prefix + reference.name, reference.path[:length]))
            if found is not None:
                return _told(found, reference.path[length:])
        raise UnknownError

    def _is_of_names(self) -> bool:
        """Whether the step runs for each of some names, so that an item is its own key."""
        each = self._step.foreach
        if not isinstance(each, Reference) or each.name not in self._plan.steps:
            return False
        operation = self._plan.steps[each.name].operation
        if operation is None:
            return False
        kind: Any = operation.output
        for part in each.path:
            kind = part_type(kind, part)
        return stripped(item_type(kind)) is str


def _answer_part(answer: Output, path: Keys) -> Any:
    """A part of an answer; None where there is none."""
    found: Any = answer
    for part in path:
        found = part_of(found, part)
    return loaded(found)


def _told(value: Any, path: Keys) -> Any:
    found = part_in(value, path)
    if found is None:
        raise UnknownError
    return found


def part_in(value: Any, path: Keys) -> Any:
    """A part of a documented value; None where there is none."""
    for key in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value
