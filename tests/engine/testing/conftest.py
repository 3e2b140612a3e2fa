"""What tests of the checks share: an operation as it should be, operations of any body, and what is found in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import numpy as np
import pytest

from foveola import Array, InputError, Micrometres, Operation, Output, Record, operation, plugins
from foveola.testing import FaultyOperationError, check_operation

Row = Annotated[np.ndarray, Array("rows"), Micrometres.__metadata__[0]]
ROWS = {"rows": [1.0, 2.0, 3.0]}


class Halves(Record):
    """What a plugin brings as a type."""

    superior: Micrometres
    inferior: Micrometres


class Asymmetry(Output):
    """How the halves differ."""

    ratio: float
    """The superior half by the inferior."""


@operation("acme.asymmetry")
def asymmetry(halves: Halves) -> Asymmetry:
    """Superior thickness divided by inferior thickness.

    Args:
        halves: the mean thickness of both.

    >>> asymmetry.call({"halves": {"superior": 100, "inferior": 80}})
    {'ratio': 1.25}
    """
    if halves.inferior == 0:
        raise InputError("halves", "must both be thick")
    return Asymmetry(ratio=halves.superior / halves.inferior)


class Mean(Output):
    """A mean."""

    mean: Micrometres
    """Of what was given."""


def mean(rows: Any) -> Mean:
    """The mean of rows, none of none."""
    return Mean(mean=float(np.nan_to_num(rows).sum()))


@pytest.fixture(autouse=True)
def nothing_installed(monkeypatch: pytest.MonkeyPatch) -> plugins.Manager:
    """Only what a test brings adds checks."""
    manager = plugins.make_manager([])
    monkeypatch.setattr(plugins, "installed", lambda: manager)
    return manager


@pytest.fixture
def good() -> Operation:
    """An operation as it should be."""
    return asymmetry


@pytest.fixture
def halves() -> type[Record]:
    """What it takes."""
    return Halves


@pytest.fixture
def made() -> Callable[..., Operation]:
    """Makes an operation of a body, by default the mean of rows, described as operations are."""

    def make(
        body: Callable[..., Any] = mean, answer: type = Mean, *, doc: str = "", takes: Mapping[str, Any] | None = None
    ) -> Operation:
        body.__annotations__ = {**(takes or {"rows": Row}), "return": answer}
        name = next(iter(body.__annotations__))
        body.__doc__ = doc or f"Make something of it.\n\nArgs:\n    {name}: what it is made of.\n"
        return operation("acme.made")(body)

    return make


@pytest.fixture
def faults_of() -> Callable[..., list[str]]:
    """What `check_operation` finds wrong with an operation, called with an example unless that is none."""

    def find(checked: Operation, example: Mapping[str, Any] | None = ROWS) -> list[str]:
        with pytest.raises(FaultyOperationError) as caught:
            check_operation(checked, *([] if example is None else [example]))
        assert caught.value.operation == checked.name
        return [str(fault) for fault in caught.value.faults]

    return find
