"""`check_operation`: what every author of an operation would otherwise have to test alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from foveola import plugins
from foveola.hookspecs import Fault
from foveola.operations import Operation, Output
from foveola.testing.answers import find_in_answers
from foveola.testing.examples import Examples, examples_of
from foveola.testing.refusals import find_in_refusals
from foveola.testing.words import find_in_words


class FaultyOperationError(AssertionError):
    """An operation does not do what every operation must.

    Attributes:
        operation: its name.
        faults: all that was found.
    """

    def __init__(self, operation: str, faults: Sequence[Fault]) -> None:
        self.operation = operation
        self.faults = tuple(faults)
        told = "".join(f"\n  {fault}" for fault in self.faults)
        super().__init__(f"{operation} has {len(self.faults)} fault{'s' * (len(self.faults) > 1)}:{told}")


def check_operation(
    operation: Operation[..., Output], *examples: Mapping[str, Any], unitless: Collection[str] = ()
) -> None:
    """Check what must be true of every operation, and what installed packages ask of it beyond that.

    It and all its parameters and answers are described; every quantity says its unit; its example runs; the same input
    gives the same bytes and is left as it was; input and answer can be said in JSON; NaN, empty and ill-shaped input is
    answered, or refused by an error that names the parameter. Packages add checks by the hook `foveola_faults`.

    Args:
        operation: what to check.
        examples: what to call it with, by flat names, beside the examples of its docstring.
        unitless: parameters and fields of the answer that have none: ratios, thresholds, places counted in samples.

    Raises:
        FaultyOperationError: with everything that is wrong, and what to do about each.
    """
    faults = list(_find(operation, examples, unitless))
    if faults:
        raise FaultyOperationError(operation.name, faults)


def _find(
    operation: Operation[..., Output], more: Sequence[Mapping[str, Any]], unitless: Collection[str]
) -> Iterator[Fault]:
    try:
        yield from find_in_words(operation, unitless)
    except TypeError as error:
        yield Fault("signature", str(error), "give each argument a type, and the answer an Output")
        return
    examples = examples_of(operation, more)
    yield from examples.faults
    for find in (find_in_answers, find_in_refusals, _ask_packages):
        yield from find(operation, examples)


def _ask_packages(operation: Operation[..., Output], examples: Examples) -> Iterator[Fault]:
    for faults in plugins.installed().ask_each("foveola_faults", operation=operation, examples=examples.values):
        yield from faults or ()
