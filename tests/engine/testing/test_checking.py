"""An operation, checked: what passes, all that is wrong at once, and the checks that packages add."""

from __future__ import annotations

from typing import Literal

import pytest

from foveola import Fault, Micrometres, Output, PluginWarning, hookimpl, operation
from foveola.testing import FaultyOperationError, check_operation


class Wordless(Output):
    """A mean of which nothing is said."""

    mean: Micrometres


def test_a_good_operation_passes(good, made):
    """With the examples of its docstring, and with a test's own."""
    check_operation(good, unitless=["ratio"])
    check_operation(made(), {"rows": [1.0, 2.0, 3.0]})


def test_all_faults_are_told_at_once():
    """In one message, each in a line of its own."""

    def bad(thickness: float, kind: Literal["a", "b"] = "a") -> Wordless:
        return Wordless(mean=thickness, warnings=(kind,))

    with pytest.raises(FaultyOperationError) as caught:
        check_operation(operation("acme.bad")(bad))
    head, *lines = str(caught.value).split("\n")
    assert head == "acme.bad has 6 faults:"
    assert [line.split()[0] for line in lines] == [*["description:"] * 4, "unit:", "example:"]


class Asking:
    """A package that adds a check."""

    @hookimpl
    def foveola_faults(self, operation, examples):
        """Find that something was given."""
        return [Fault("acme", f"{operation.name} is given {examples}", "ask somebody else")]


class Passing:
    """A package that finds nothing."""

    @hookimpl
    def foveola_faults(self, operation):
        """Find nothing."""


class Stumbling:
    """A package whose check raises."""

    @hookimpl
    def foveola_faults(self, operation):
        """Raise."""
        raise KeyError(operation.name)


def test_packages_add_checks(nothing_installed, made, faults_of):
    """They are given the operation and what its examples gave it, and their faults are told with the others."""
    nothing_installed.register(Asking())
    nothing_installed.register(Passing())
    assert faults_of(made(), {"rows": [1]}) == ["acme: acme.made is given [{'rows': array([1.])}]; ask somebody else"]


def test_a_package_whose_check_raises_is_named(nothing_installed, made):
    """The author of the operation cannot mend it."""
    nothing_installed.register(Stumbling(), "stumbling")
    with pytest.warns(PluginWarning, match=r"^plugin 'stumbling' of this process: fails when asked foveola_faults"):
        check_operation(made(), {"rows": [1.0, 2.0, 3.0]})
