"""The check of words: everything is described, every quantity says its unit, and answers are frozen."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import pytest
from pydantic import ConfigDict

from foveola import Array, Micrometres, Output

UNIT = "annotate it (Millimetres, Micrometres, Pixels, ...), or name it in unitless if it has none"
ABOUT = "begin its docstring with a sentence that says what it is for, in one line"
SIGNATURE = "give each argument a type, and the answer an Output"


class Share(Output):
    """A share without a unit."""

    ratio: float
    """As it was given."""


class Thawed(Output):
    """A mean that can be changed."""

    model_config = ConfigDict(frozen=False)
    mean: Micrometres = 0.0
    """Of what was given."""


class Wordless(Output):
    """A mean of which nothing is said."""

    mean: Micrometres


def thawed(rows: Any) -> Thawed:
    """Answer what can be changed."""
    return Thawed(mean=float(len(rows)))


@pytest.mark.parametrize(
    ("of", "faults"),
    [
        pytest.param(
            {"doc": "No sentence"},
            [
                f"description: it does not say what it is for; {ABOUT}",
                "description: its parameter `rows` is not described; describe it in the `Args:` of the docstring",
            ],
            id="description",
        ),
        pytest.param(
            {"body": lambda rows: Wordless(mean=float(np.nan_to_num(rows).sum())), "answer": Wordless},
            ["description: `mean` of its answer is not described; write a docstring below the field"],
            id="description of the answer",
        ),
        pytest.param(
            {"body": thawed, "answer": Thawed},
            ["frozen: its answer Thawed can be changed; leave `frozen` as Output has it"],
            id="frozen",
        ),
        pytest.param(
            {"takes": {"rows": Annotated[np.ndarray, Array("rows")]}},
            [f"unit: its parameter `rows` has no unit; {UNIT}"],
            id="unit of an array",
        ),
        pytest.param(
            {"answer": dict},
            [f"signature: its signature does not say which Output it returns; {SIGNATURE}"],
            id="signature",
        ),
    ],
)
def test_what_an_operation_does_not_say_is_told(made, faults_of, of, faults):
    """With what to do, and nothing else."""
    assert faults_of(made(**of)) == faults


def test_numbers_without_a_unit_are_told(made, faults_of):
    """Those that are given and those that are answered."""
    made_of_it = made(lambda share: Share(ratio=share), Share, takes={"share": float})
    assert faults_of(made_of_it, {"share": 0.5}) == [
        f"unit: its parameter `share` has no unit; {UNIT}",
        f"unit: `ratio` of its answer has no unit; {UNIT}",
    ]
