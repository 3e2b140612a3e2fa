"""Which steps are remembered, within a run and from run to run."""

from __future__ import annotations

import pytest

from foveola.running.memo import MemoryMemo

TWICE = (
    "  a: {use: add, with: {value: 2}}\n  b: {use: add, with: {value: 2}}\n  c: {use: judge, with: {value: $b.value}}"
)


def test_two_steps_with_the_same_inputs_have_results_of_their_own(ran, states, calls, memo):
    """The second is remembered within the run."""
    result = ran(TWICE, memo=memo)
    assert states(result) == {"a": "computed", "b": "remembered", "c": "computed"}
    assert result.outputs["a"] == result.outputs["b"]
    assert result.steps["a"].key == result.steps["b"].key
    assert calls == ["add", "judge"]


def test_a_second_run_computes_nothing(ran, states, calls, memo):
    """And answers the same."""
    first, second = ran(TWICE, memo=memo), ran(TWICE, memo=memo)
    assert set(states(second).values()) == {"remembered"}
    assert second.outputs == first.outputs
    assert calls == ["add", "judge"]


LISTED = """
  a: {use: add, with: {value: 1}}
  b: {use: spread}
  c: {use: weigh, with: {thing: [$a.value, $b.values, {of: $b.values}, MORE]}}
"""


def test_what_is_remembered_is_given_as_itself(ran, states, given, memo):
    """Also in a list to a parameter of any type, which cannot change it."""
    ran(LISTED.replace("MORE", "1"), memo=memo)
    result = ran(LISTED.replace("MORE", "2"), memo=memo)
    assert states(result) == {"a": "remembered", "b": "remembered", "c": "computed"}
    number, array, of, _ = given[-1]
    assert (number, array.tolist(), of["of"].tolist()) == (2.0, [0, 1, 2], [0, 1, 2])
    for change in (array.sort, lambda: of.update({})):
        with pytest.raises((ValueError, AttributeError)):
            change()


def test_what_changes_is_computed_again_and_what_it_does_not_change_is_not(ran, states, memo):
    """An upstream that answers the same recomputes nothing below it."""
    ran(TWICE, memo=memo)
    result = ran(
        TWICE.replace("b: {use: add, with: {value: 2}}", "b: {use: add, with: {value: 1, more: 2}}"), memo=memo
    )
    assert states(result) == {"a": "remembered", "b": "computed", "c": "remembered"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("1", "true", id="one and true"),
        pytest.param("1", "'1'", id="one and its text"),
        pytest.param("1", "1.0", id="one and one point nought"),
        pytest.param("[1]", "{'0': 1}", id="a list and a map"),
    ],
)
def test_values_that_look_alike_are_told_apart(ran, states, memo, one, other):
    """Each has its own answer."""
    for value in (one, other):
        result = ran(f"  a: {{use: take, with: {{anything: {value}}}}}", memo=memo, outputs="{o: $a.given}")
        assert states(result) == {"a": "computed"}


def test_a_failure_is_not_remembered(ran, states, memo):
    """It is tried again."""
    steps = "  a: {use: fail, with: {value: 2}}"
    assert states(ran(steps, memo=memo)) == states(ran(steps, memo=memo)) == {"a": "failed"}


def test_without_a_memo_everything_is_computed_and_has_its_key_all_the_same(ran, states):
    """Results are the same whether or not they were remembered."""
    without, with_ = ran(TWICE), ran(TWICE, memo=MemoryMemo())
    assert set(states(without).values()) == {"computed"}
    assert without.steps["c"].key == with_.steps["c"].key


def test_what_has_no_digest_is_not_remembered(ran, states, memo):
    """But computed."""
    steps = "  a: {use: weigh, with: {thing: $exam.thing}}"
    for _ in range(2):
        result = ran(steps, {"thing": {1, 2}}, memo=memo)
        assert states(result) == {"a": "computed"}
        assert (result.steps["a"].key, result.steps["a"].parts) == (None, None)
