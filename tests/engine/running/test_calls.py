"""One call of an operation: run, keyed, and run again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from foveola import Output, operation
from foveola.running.calls import Call


class Number(Output):
    """A number."""

    value: float


@operation("add")
def add(value: float, more: float = 1.0) -> Number:
    """Add."""
    return Number(value=value + more)


@operation("add_other", version="1")
def add_other(value: float, more: float = 1.0) -> Number:
    """Add."""
    return Number(value=value + more)


@operation("lie")
def lie(value: float) -> Number:
    """Answer something else."""
    return value


@operation("take")
def take(value: Any) -> Number:
    """Take anything."""
    return Number(value=len(value))


def test_a_call_is_run_as_often_as_one_likes():
    """On the same inputs."""
    call = Call(add, {"value": 2})
    assert call.run() == call.run() == Number(value=3)


def test_a_call_that_answers_something_else_is_an_error():
    """Its signature says what it answers."""
    with pytest.raises(TypeError, match="lie says that it answers Number; this is float"):
        Call(lie, {"value": 2}).run()


def test_a_key_is_made_of_operation_code_and_the_digests_of_inputs():
    """By name, in whatever order they came."""
    call = Call(add, {"value": 2, "more": 3})
    assert call.has_key
    assert list(call.parts) == ["operation", "code", "inputs"]
    assert call.parts["operation"] == "add"
    assert list(call.parts["inputs"]) == ["more", "value"]
    assert call.key == Call(add, {"more": 3, "value": 2}).key


@pytest.mark.parametrize(
    ("operation_", "inputs"),
    [
        pytest.param(add, {"value": 2}, id="fewer inputs"),
        pytest.param(add, {"value": 2, "more": 4}, id="another value"),
        pytest.param(add, {"value": 2, "more": 3.0}, id="another kind of number"),
        pytest.param(add, {"value": 3, "more": 2}, id="turned round"),
        pytest.param(add_other, {"value": 2, "more": 3}, id="another operation"),
        pytest.param(add, {"value": 2, "more": np.array([3])}, id="an array"),
    ],
)
def test_whatever_may_change_the_answer_changes_the_key(operation_, inputs):
    """Alone."""
    assert Call(operation_, inputs).key != Call(add, {"value": 2, "more": 3}).key


def test_what_has_no_digest_has_no_key():
    """It can be run all the same."""
    call = Call(take, {"value": {1, 2}})
    assert not call.has_key
    assert call.run() == Number(value=2)
