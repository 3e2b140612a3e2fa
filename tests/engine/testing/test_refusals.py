"""The check of refusals: what cannot be measured is answered, or refused by an error that names the parameter."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import pytest

from foveola import Array, InputError, Micrometres, Output

BAD = "answer it, or raise InputError with the parameter's name and what it takes"
AnyRow = Annotated[np.ndarray, Array(), Micrometres.__metadata__[0]]


class Mean(Output):
    """A mean."""

    mean: Micrometres
    """Of what was given."""


def first(rows: Any) -> Mean:
    """Stumble over nothing."""
    return Mean(mean=float(np.nan_to_num(rows[0])))


def whole(rows: Any) -> Mean:
    """Stumble over NaN."""
    return Mean(mean=float(int(np.sum(rows))))


def squared(rows: Any) -> Mean:
    """Stumble over another shape."""
    (size,) = rows.shape
    return Mean(mean=float(size))


def unnamed(rows: Any) -> Mean:
    """Refuse NaN without saying where."""
    if np.isnan(rows).any():
        raise InputError("", "takes numbers")
    return Mean(mean=float(rows.sum()))


@pytest.mark.parametrize(
    ("of", "fault"),
    [
        pytest.param(
            {"body": first},
            "nothing as `rows` raises IndexError: index 0 is out of bounds for axis 0 with size 0",
            id="nothing",
        ),
        pytest.param({"body": whole}, "NaN as `rows` raises ValueError: cannot convert float NaN to integer", id="NaN"),
        pytest.param(
            {"body": squared, "takes": {"rows": AnyRow}},
            "another shape as `rows` raises ValueError: not enough values to unpack (expected 1, got 0)",
            id="another shape",
        ),
        pytest.param(
            {"body": unnamed},
            "NaN as `rows` is refused without a parameter's name: takes numbers",
            id="a refusal without a name",
        ),
    ],
)
def test_a_bad_refusal_is_told(made, faults_of, of, fault):
    """With what to do, and nothing else."""
    assert faults_of(made(**of, answer=Mean)) == [f"refusal: {fault}; {BAD}"]
