"""The inputs of a recipe: their types, their defaults, and whether the exam offers them."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, NoReturn, Optional

from foveola.diagnostics import Span
from foveola.errors import FoveolaError, PluginError, UnknownNameError
from foveola.exams import Exam
from foveola.planning.constants import Place, RefusedError, fit_constant
from foveola.planning.problems import Problems
from foveola.recipes.model import Input
from foveola.registry import Registry
from foveola.units import Unit


def read_input(entry: Input, registry: Registry, exam: Exam | None, problems: Problems) -> tuple[Input, Any]:
    """Read an input.

    Args:
        entry: what the recipe says of it.
        registry: where its type is looked up.
        exam: the exam that must offer it; None: nobody knows, or somebody else gives it.
        problems: where what is wrong is told.

    Returns:
        The input with its default as its type takes it, and the type: anything if that is not known, null among it if
        null is the default. A number whose default has a unit is in that unit.
    """

    def refuse(message: str, span: Span, hint: str | None) -> NoReturn:
        problems.refuse(message, span, hint)
        raise RefusedError

    try:
        found = _type_of(entry, registry, problems)
        if found in {float, int} and entry.unit is not None:
            found = Annotated[found, Unit(entry.unit)]
        if exam is not None:
            _check_exam_has(entry, found, exam, problems)
        if entry.default is None:
            return entry, found
        if entry.default.value is None:
            return entry, Optional[found]  # noqa: UP045  a type known at run time
        return replace(entry, default=fit_constant(entry.default, Place.of(entry.name, found), refuse)[0]), found
    except RefusedError:
        return replace(entry, default=None), Any


def _type_of(entry: Input, registry: Registry, problems: Problems) -> Any:
    try:
        return registry.type_called(entry.type_name) if entry.type_name else Any
    except UnknownNameError as error:
        problems.refuse(f"no type is called {entry.type_name!r}", entry.type_span, error.hint)
    except PluginError as error:
        problems.refuse(str(error), entry.type_span)
    raise RefusedError


def _check_exam_has(entry: Input, kind: Any, exam: Exam, problems: Problems) -> None:
    try:
        exam.value_as(kind, entry.name)
    except KeyError:
        if entry.default is None:
            hint = f"--set exam.{entry.name}=... gives it"
            problems.refuse(f"the exam {exam.name!r} has no {entry.name!r}", entry.span, hint)
    except FoveolaError as error:
        hint = f"--set exam.{entry.name}=... gives another"
        problems.refuse(f"the exam is wrong: {error}", entry.span, hint, once_per="message")
