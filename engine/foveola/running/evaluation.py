"""What an expression is worth in a run: references followed, answers that are not there told apart from null."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from foveola.adapters import accepts_none
from foveola.exams import Exam
from foveola.operations import Output
from foveola.planning.types import slot_type
from foveola.recipes.model import Constant, Expression, ListOf, MapOf, Reference
from foveola.running.loading import Lazy, loaded
from foveola.units import converted
from foveola.values import Record, plain


@dataclass(frozen=True, slots=True)
class Unavailable:
    """What stands for an answer that was not given.

    Attributes:
        reason: why what needs it does not run.
        failed: whether something failed, rather than being skipped.
    """

    reason: str
    failed: bool


class SkipError(Exception):
    """A step does not run.

    Attributes:
        root: the answer that it lacks; None if it is not for want of one.
    """

    def __init__(self, reason: str, root: Unavailable | None = None) -> None:
        super().__init__(reason)
        self.root = root


class EachAnswer(dict[str, Any]):
    """What a `foreach` step answered, by key."""


class RecipeAnswer(dict[str, Any]):
    """What a recipe used as a step answered: its outputs by name.

    Attributes:
        coverage: how much was measured of what each output is about, as far as that is known.
    """

    def __init__(self, outputs: Mapping[str, Any], coverage: Mapping[str, Any]) -> None:
        super().__init__(outputs)
        self.coverage = coverage


def evaluate(expression: Expression, known: Mapping[str, Any]) -> Any:
    """What a step is given.

    Raises:
        SkipError: an answer in it is not there.
    """
    if type(expression) is Reference:  # which most are; a step of a thousand has no time for `match`
        return _given(look_up(expression, known))
    if type(expression) is Constant:
        return expression.value
    return _evaluate(expression, lambda reference: _given(look_up(reference, known)))


def evaluate_output(expression: Expression, known: Mapping[str, Any]) -> Any:
    """What an output is: null wherever something in it is not there, but `Unavailable` if that is all of it."""
    if isinstance(expression, Reference):
        return look_up(expression, known)
    return _evaluate(expression, lambda reference: shown(look_up(reference, known)))


def _evaluate(expression: Expression, follow: Callable[[Reference], Any]) -> Any:
    match expression:
        case Reference():
            return follow(expression)
        case ListOf(items=items):
            return [_evaluate(item, follow) for item in items]
        case MapOf(items=entries):
            return {key: _evaluate(item, follow) for key, item in entries.items()}
        case Constant(value=value):
            return value
    raise AssertionError(expression)  # what cannot be read is refused before anything runs


def look_up(reference: Reference, known: Mapping[str, Any]) -> Any:
    """The value of a reference, as it is: answers that are not there are `Unavailable`, also within it."""
    value = known[reference.name]
    for part in reference.path:
        value = part_of(value, part)
    return value if reference.factor == 1.0 else converted(loaded(_given(value)), reference.factor)


def part_of(value: Any, part: str) -> Any:
    """The value of `$value.part`; None where there is none."""
    if isinstance(value, Record) and part in value.__dict__:
        return value.__dict__[part]
    match value:
        case None | Unavailable():
            return value
        case Lazy():
            return value.part(part)
        case EachAnswer():
            return EachAnswer({key: part_of(item, part) for key, item in value.items()})
        case Record():
            return _field_of(value, part)
        case Exam() | Mapping():
            return value.get(part)
        case list() | tuple() | np.ndarray() if part.isdigit() and int(part) < len(value):
            return value[int(part)]
    return None


def _field_of(record: Record, part: str) -> Any:
    """A field by its alias, or a part of what the record is shown as."""
    for name, field in type(record).model_fields.items():
        if field.alias == part:
            return getattr(record, name)
    return part_of(getattr(record, record.bare), part) if record.bare and not isinstance(record, Output) else None


def _given(value: Any) -> Any:
    """A value for a step: what was skipped in it is null.

    Raises:
        SkipError: it is not there, or something in it failed.
    """
    if type(value) is Unavailable:
        raise SkipError(value.reason, value)
    if isinstance(value, EachAnswer | RecipeAnswer):
        return {key: None if _was_skipped(item) else _given(item) for key, item in value.items()}
    return value


def _was_skipped(value: Any) -> bool:
    return isinstance(value, Unavailable) and not value.failed


def shown(value: Any) -> Any:
    """A value as an output shows it: whatever is not there is null."""
    if isinstance(value, Unavailable):
        return None
    if isinstance(value, EachAnswer | RecipeAnswer):
        return {key: shown(item) for key, item in value.items()}
    return loaded(value)


def null_within(value: Any, annotation: Any) -> str | None:
    """Where null stands inside a value whose type has none there: the keys, joined by dots."""
    if isinstance(value, Mapping):
        items: Iterator[tuple[str, Any]] = iter(value.items())
    elif isinstance(value, list | tuple):
        items = ((str(place), item) for place, item in enumerate(value))
    else:
        return None
    for key, item in items:
        slot = slot_type(annotation, key)
        if slot is None:
            continue
        if item is None and not accepts_none(slot):
            return key
        if (inner := null_within(item, slot)) is not None:
            return f"{key}.{inner}"
    return None


def coverage_of(expression: Expression, known: Mapping[str, Any]) -> Any:
    """How much was measured of what an output is about, as far as the answer that it is of says so."""
    return _coverage(known[expression.name], expression.path) if isinstance(expression, Reference) else None


def _coverage(answer: Any, path: tuple[str, ...]) -> Any:
    match answer:
        case EachAnswer():
            found = {key: _coverage(item, path) for key, item in answer.items()}
            return {key: one for key, one in found.items() if one is not None} or None
        case RecipeAnswer():
            return answer.coverage.get(path[0]) if path else (dict(answer.coverage) or None)
        case Output():
            return plain(answer.__dict__.get("coverage"))  # pydantic takes its time over a field that is not there
        case Lazy():
            return plain(loaded(answer.part("coverage")))
    return None
