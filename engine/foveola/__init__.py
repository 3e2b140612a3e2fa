"""foveola: analyses of retinal OCT, declared as recipes of typed operations.

This is the front door. Plugin authors import the vocabulary from here; scripts call `call`, `check`, `plan` and `run`.
A name is loaded when it is first used, so that `foveola --help` need not wait for numpy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from foveola.errors import (
        ExamError,
        FoveolaError,
        InputError,
        PluginError,
        PluginWarning,
        RecipeError,
        StepError,
        UnknownNameError,
    )
    from foveola.exams import Exam, LazyValues, derived
    from foveola.hookspecs import Fault, Picture, Subject, Table, hookimpl
    from foveola.operations import Alias, Group, Operation, Output, Parameter, operation
    from foveola.readers import Fetcher, Reader
    from foveola.surfaces.python import call, check, plan, run
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

_HOMES = {
    "errors": "ExamError FoveolaError InputError PluginError PluginWarning RecipeError StepError UnknownNameError",
    "exams": "Exam LazyValues derived",
    "hookspecs": "Fault Picture Subject Table hookimpl",
    "operations": "Alias Group Operation Output Parameter operation",
    "readers": "Fetcher Reader",
    "surfaces.python": "call check plan run",
    "units": (
        "CubicMillimetres Degrees Micrometres Millimetres Percent Pixels PixelsPerMillimetre SquareMillimetres "
        "Unit UnitBy"
    ),
    "values": "ABSENT_WHEN_NULL EXTRA Array Record",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = [
    "ABSENT_WHEN_NULL",
    "EXTRA",
    "Alias",
    "Array",
    "CubicMillimetres",
    "Degrees",
    "Exam",
    "ExamError",
    "Fault",
    "Fetcher",
    "FoveolaError",
    "Group",
    "InputError",
    "LazyValues",
    "Micrometres",
    "Millimetres",
    "Operation",
    "Output",
    "Parameter",
    "Percent",
    "Picture",
    "Pixels",
    "PixelsPerMillimetre",
    "PluginError",
    "PluginWarning",
    "Reader",
    "RecipeError",
    "Record",
    "SquareMillimetres",
    "StepError",
    "Subject",
    "Table",
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
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    return __all__
