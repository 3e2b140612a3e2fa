"""The check of answers: the same for the same input, which is left as it was, and in JSON."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from foveola import Micrometres, Output, Record

PURE = "annotate what it reads as parameters, and change a copy of what it is given"
JSON = "take numbers, text, arrays and records, which say themselves and read what they said"
SAY = "answer numbers, text, arrays and records"


class Mean(Output):
    """A mean."""

    mean: Micrometres
    """Of what was given."""


class Thing:
    """What JSON cannot say."""


class Things(Output):
    """Something."""

    thing: Any
    """What JSON cannot say."""


class Halves(Record):
    """Two numbers."""

    superior: Micrometres
    inferior: Micrometres


class MoreHalves(Halves):
    """Halves that are read as they were given, and say less than they are."""


CALLS: list[int] = []


def counted(rows: Any) -> Mean:  # noqa: ARG001  what it is given does not matter to it
    """Another answer each time."""
    CALLS.append(1)
    return Mean(mean=float(len(CALLS)))


def five(rows: Any) -> Any:
    """Answer something else than the signature says."""
    return 5 + len(rows) - len(rows)


def unsayable(rows: Any) -> Things:
    """Answer what JSON cannot say."""
    return Things(thing=Thing(), warnings=(str(len(rows)),))


def scribbled(rows: Any) -> Mean:
    """Write into what was given, where that can be."""
    answer = Mean(mean=float(np.nan_to_num(rows).sum()))
    if rows.flags.writeable:
        rows[0] = 9.0
    return answer


def emptied(names: list[str]) -> Mean:
    """Take things out of what was given."""
    names.clear()
    return Mean(mean=1.0)


def hidden(halves: Halves) -> Mean:
    """See more in a value than it says."""
    return Mean(mean=1.0 if type(halves) is Halves else 2.0)


@pytest.mark.parametrize(
    ("body", "answer", "faults"),
    [
        pytest.param(five, Mean, ["answer: it answers int, not Mean; return what the signature says"], id="another"),
        pytest.param(
            counted,
            Mean,
            [
                f"pure: the same input gives another answer the second time; {PURE}",
                f"json: its example given in JSON has another answer; {JSON}",
            ],
            id="another each time",
        ),
        pytest.param(scribbled, Mean, [f"pure: it changes its argument `rows`; {PURE}"], id="changes an array"),
        pytest.param(
            unsayable,
            Things,
            [f"json: its answer cannot be said in JSON ('Thing' object is not iterable); {SAY}"],
            id="that JSON cannot say",
        ),
    ],
)
def test_a_bad_answer_is_told(made, faults_of, body, answer, faults):
    """With what to do, and nothing else."""
    assert faults_of(made(body, answer)) == faults


@pytest.mark.parametrize(
    ("body", "takes", "example", "fault"),
    [
        pytest.param(
            emptied,
            {"names": list[str]},
            {"names": ["rnfl"]},
            f"pure: it changes its argument `names`; {PURE}",
            id="changes a list",
        ),
        pytest.param(
            hidden,
            {"halves": Halves},
            {"halves": MoreHalves(superior=1.0, inferior=2.0)},
            f"json: its example given in JSON has another answer; {JSON}",
            id="an input that says less than it is",
        ),
    ],
)
def test_an_answer_is_held_against_any_input(made, faults_of, body, takes, example, fault):
    """Not only arrays."""
    assert faults_of(made(body, Mean, takes=takes), example) == [fault]
