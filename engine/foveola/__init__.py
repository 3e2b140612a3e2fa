"""foveola: analyses of retinal OCT, declared as recipes of typed operations.

This is the front door. Plugin authors import from here; scripts call `call`, `check`, `plan` and `run`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from foveola.errors import (
    ExamError,
    FoveolaError,
    InputError,
    PluginError,
    RecipeError,
    StepError,
    UnknownNameError,
)
from foveola.exams import Exam, derived
from foveola.hookspecs import hookimpl
from foveola.operations import Alias, Group, Operation, Output, operation
from foveola.readers import Reader
from foveola.units import (
    CubicMillimetres,
    Degrees,
    Micrometres,
    Millimetres,
    Percent,
    Pixels,
    PixelsPerMillimetre,
    SquareMillimetres,
    Unit,
    UnitBy,
)
from foveola.values import ABSENT_WHEN_NULL, EXTRA, Array, Record

if TYPE_CHECKING:
    from foveola.surfaces.python import call, check, plan, run

_PYTHON_INTERFACE = ("call", "check", "plan", "run")

__all__ = [
    "ABSENT_WHEN_NULL",
    "EXTRA",
    "Alias",
    "Array",
    "CubicMillimetres",
    "Degrees",
    "Exam",
    "ExamError",
    "FoveolaError",
    "Group",
    "InputError",
    "Micrometres",
    "Millimetres",
    "Operation",
    "Output",
    "Percent",
    "Pixels",
    "PixelsPerMillimetre",
    "PluginError",
    "Reader",
    "RecipeError",
    "Record",
    "SquareMillimetres",
    "StepError",
    "Unit",
    "UnitBy",
    "UnknownNameError",
    "call",
    "check",
    "derived",
    "hookimpl",
    "operation",
    "plan",
    "run",
]


def __getattr__(name: str) -> Any:
    """The four verbs are loaded when they are first used: plugin authors need only the vocabulary."""
    if name in _PYTHON_INTERFACE:
        from foveola.surfaces import python  # noqa: PLC0415  see above

        return getattr(python, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
