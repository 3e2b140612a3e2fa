"""What an operation's examples give it: those of its docstring, watched while they run, and an author's own."""

from __future__ import annotations

import doctest
import inspect
import io
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from copy import deepcopy
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from foveola.errors import sentence
from foveola.hookspecs import Fault
from foveola.operations import Group, Operation, Output
from foveola.origins import STUMBLES
from foveola.values import Record

CHECK = "example"


@dataclass
class Examples:
    """What an operation was given, and what went wrong.

    Attributes:
        arguments: what its function was given, by argument, call by call.
        faults: what is wrong with the examples themselves.
    """

    arguments: list[dict[str, Any]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def values(self) -> list[dict[str, Any]]:
        """The same by flat names."""
        return [flat(one) for one in self.arguments]


def flat(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments by flat names, a group's fields one by one."""
    values: dict[str, Any] = {}
    for name, value in arguments.items():
        values |= dict(value) if isinstance(value, Group) else {name: value}
    return values


def copied(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Copies into which a function may write as far as Python lets it; records are frozen."""
    return {name: value if isinstance(value, Record) else deepcopy(value) for name, value in arguments.items()}


def examples_of(operation: Operation[..., Output], more: Sequence[Mapping[str, Any]]) -> Examples:
    """Run the examples of an operation's docstring and an author's own, and note what the function is given."""
    found = Examples()
    function = operation.function
    signature = inspect.signature(function)

    answered: list[Any] = []

    @wraps(function)
    def watched(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        found.arguments.append(copied(bound.arguments))
        answer = function(*args, **kwargs)
        answered.append(answer)
        return answer

    operation.function = watched
    try:
        said = _run_docstring(operation)
        for number, values in enumerate(more, 1):
            answered.clear()
            try:
                operation.call(values)
            except STUMBLES as error:
                if answered:  # what is wrong with an answer is found out later
                    continue
                found.faults.append(Fault(CHECK, f"example {number} of the test raises {sentence(error)}", "mend it"))
    finally:
        operation.function = function
    found.faults += (Fault(CHECK, one, "mend what the docstring shows") for one in said)
    if not found.arguments:
        remedy = f"show a call of {function.__name__} in its docstring, or give check_operation one"
        found.faults.append(Fault(CHECK, "there is none that calls it", remedy))
    return found


def _run_docstring(operation: Operation[..., Output]) -> list[str]:
    """Run the docstring's examples; what goes wrong, each in a line."""
    module = sys.modules.get(operation.__module__)
    names = dict(vars(module)) if module is not None else {}
    names[operation.function.__name__] = operation
    text = inspect.cleandoc(operation.__doc__ or "")
    test = doctest.DocTestParser().get_doctest(text, names, operation.name, None, 0)
    runner = _Runner(verbose=False)
    with redirect_stdout(io.StringIO()):
        runner.run(test)
    return runner.told


class _Runner(doctest.DocTestRunner):
    """Runs examples, and keeps what it is told of them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.told: list[str] = []

    def report_failure(self, _out: Any, _test: Any, example: doctest.Example, got: str) -> None:
        self.told.append(f"{_line(example.source)} gives {_line(got) or 'nothing'}, not {_line(example.want)}")

    def report_unexpected_exception(self, _out: Any, _test: Any, example: doctest.Example, exc_info: Any) -> None:
        self.told.append(f"{_line(example.source)} raises {sentence(exc_info[1])}")


def _line(text: str) -> str:
    return " ".join(text.split())
