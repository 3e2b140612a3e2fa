"""What becomes of each step: computed, skipped with a reason, or failed with a cause that takes down what needs it."""

from __future__ import annotations

import pytest

from foveola import StepError
from foveola.running.memo import StoreMemo
from foveola.running.store import Store


def test_a_step_is_computed_with_its_call_its_answer_and_its_time(ran, registry):
    """And its output is shown in the documented form."""
    result = ran("  a: {use: add, with: {value: 2}}")
    step = result.steps["a"]
    assert (step.name, step.use, step.state, step.reason) == ("a", "add", "computed", None)
    assert step.answer == registry.operation("add")(2)
    assert step.seconds > 0
    assert step.call.inputs == {"value": 2}
    assert result.outputs == {"a": {"value": 3.0, "half": 1.0, "coverage": {"all": 0.5}}}
    assert result.failed == []


def test_what_no_output_needs_does_not_run(ran, states, calls):
    """Neither for the recipe nor for the outputs that are wanted."""
    steps = "  a: {use: add, with: {value: 2}}\n  b: {use: judge, with: {value: 2}}"
    assert states(ran(steps, outputs="{o: $a.value}")) == {"a": "computed"}
    assert states(ran(steps, only=["b"])) == {"b": "computed"}
    assert calls == ["add", "judge"]


def test_each_step_runs_once_however_many_need_it(ran, calls):
    """Its answer is shared."""
    ran(
        "  a: {use: add, with: {value: 2}}\n  b: {use: judge, with: {value: $a.value}}\n"
        "  c: {use: judge, with: {value: $a.value}}"
    )
    assert calls == ["add", "judge", "judge"]


def test_a_step_whose_condition_does_not_hold_is_skipped_and_so_is_what_needs_it(ran, states, reasons):
    """With the reason of the first, however long the chain."""
    result = ran(
        "  a: {use: judge, with: {value: 2}}\n"
        "  b: {use: add, when: {$a.status: large}, with: {value: 2}}\n"
        "  c: {use: add, with: {value: $b.value}}\n"
        "  d: {use: add, with: {value: $c.value}}\n"
        "  e: {use: add, with: {value: 1}}"
    )
    assert states(result) == {"a": "computed", "b": "skipped", "c": "skipped", "d": "skipped", "e": "computed"}
    said = "runs only where $a.status is large; it is small"
    assert reasons(result) == {"b": said, **dict.fromkeys("cd", f"needs 'b', which was skipped ({said})")}
    assert [name for name, value in result.outputs.items() if value is None] == ["b", "c", "d"]


@pytest.mark.parametrize(
    ("when", "runs"),
    [
        pytest.param("{$a.status: large}", True, id="value"),
        pytest.param("{$a.status: small}", False, id="another"),
        pytest.param("{$a.status: [small, large]}", True, id="list"),
        pytest.param("{$a.status: {not: small}}", True, id="not"),
        pytest.param("{$a.status: {not: [small, large]}}", False, id="not any"),
        pytest.param("{$a.status: large, $a.flag: true}", True, id="both"),
        pytest.param("{$a.status: large, $a.flag: false}", False, id="not both"),
        pytest.param("{$exam.laterality: null}", True, id="what the exam does not say"),
        pytest.param("{$exam.laterality: L}", False, id="null is no value"),
        pytest.param("{$a.status: $exam.size}", True, id="another reference"),
        pytest.param("{$exam.count: 3}", True, id="number"),
        pytest.param("{$exam.count: 3.0}", True, id="the same number"),
    ],
)
def test_conditions_are_compared_with_what_is(ran, states, when, runs):
    """All must hold."""
    steps = f"  a: {{use: judge, with: {{value: 9}}}}\n  b: {{use: add, when: {when}, with: {{value: 1}}}}"
    result = ran(steps, {"size": "large", "count": 3})
    assert states(result)["b"] == ("computed" if runs else "skipped")


@pytest.mark.parametrize(
    ("argument", "reason"),
    [
        pytest.param("value: $a.half", "value is null ($a.half)", id="a field"),
        pytest.param("value: $exam.pitch", "value is null ($exam.pitch)", id="what the exam does not say"),
        pytest.param("value: $n", "value is null ($n)", id="an input that is null by default"),
    ],
)
def test_a_null_that_reaches_a_parameter_that_takes_none_skips_the_step(ran, reasons, argument, reason):
    """With the reason."""
    steps = f"  a: {{use: add, with: {{value: -1}}}}\n  b: {{use: add, with: {{{argument}}}}}"
    result = ran(steps, inputs="{n: {type: float, default: null}}")
    assert reasons(result) == {"b": reason}
    assert result.outputs["b"] is None


@pytest.mark.parametrize(
    ("argument", "reason"),
    [
        pytest.param("listed: [1, $a.half]", "listed.1 is null ([1, $a.half])", id="in a written list"),
        pytest.param("named: {x: $a.half}", "named.x is null ({x: $a.half})", id="in a written map"),
        pytest.param("listed: $p.listed", "listed.1 is null ($p.listed)", id="in a list of an answer"),
        pytest.param("named: $s.value", "named.no is null ($s.value)", id="for an item that was skipped"),
    ],
)
def test_a_null_inside_a_value_skips_the_step_too(ran, reasons, argument, reason):
    """Where the parameter has none inside."""
    steps = (
        "  a: {use: add, with: {value: -1}}\n  p: {use: pit}\n"
        "  s: {use: add, foreach: {yes: 1, no: 2}, when: {$key: yes}, with: {value: $item}}\n"
        f"  b: {{use: take, with: {{{argument}}}}}"
    )
    assert reasons(ran(steps))["b"] == reason


def test_null_is_given_to_what_takes_it(ran, states):
    """As a value like any other."""
    result = ran("  a: {use: add, with: {value: -1}}\n  b: {use: take, with: {word: null, anything: $a.half}}")
    assert states(result) == {"a": "computed", "b": "computed"}


def test_a_step_that_fails_takes_down_only_what_needs_it(ran, states, reasons):
    """With its cause; the rest is computed."""
    result = ran(
        "  a: {use: fail, with: {value: 2}}\n  b: {use: add, with: {value: $a.value}}\n"
        "  c: {use: judge, with: {value: $b.value}}\n  d: {use: add, with: {value: 1}}"
    )
    assert states(result) == {"a": "failed", "b": "skipped", "c": "skipped", "d": "computed"}
    assert reasons(result) == {
        "a": "ZeroDivisionError: by 2.0",
        "b": "needs 'a', which failed",
        "c": "needs 'a', which failed",
    }
    assert [step.name for step in result.failed] == ["a"]
    assert result.outputs == {
        "a": None,
        "b": None,
        "c": None,
        "d": {"value": 2.0, "half": 0.5, "coverage": {"all": 0.5}},
    }


def test_a_failure_keeps_its_cause_and_can_be_run_again(ran):
    """Alone, on what it was given."""
    step = ran("  a: {use: fail, with: {value: 2}}").steps["a"]
    assert isinstance(step.cause, ZeroDivisionError)
    assert step.cause.__traceback__ is not None
    assert isinstance(step.error, StepError)
    assert step.error.__cause__ is step.cause
    assert str(step.error) == "step 'a' failed: ZeroDivisionError: by 2.0"
    assert step.call.inputs == {"value": 2}
    with pytest.raises(ZeroDivisionError):
        step.call.run()


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        pytest.param("{use: quit, with: {value: 3}}", "SystemExit: 3", id="ends the process"),
        pytest.param(
            "{use: lie, with: {value: 3}}", "TypeError: lie says that it answers Number; this is dict", id="lies"
        ),
        pytest.param(
            "{use: scribble, with: {values: $s.values}}",
            "ValueError: assignment destination is read-only; what steps are given is shared between them: "
            "change a copy of it",
            id="writes into an array",
        ),
        pytest.param(
            "{use: scribble_words, with: {anything: $s.named}}",
            "TypeError: 'mappingproxy' object does not support item assignment; what steps are given is shared "
            "between them: change a copy of it",
            id="writes into a map",
        ),
        pytest.param(
            "{use: scribble_words, with: {anything: {a: 1}}}",
            "TypeError: 'mappingproxy' object does not support item assignment; what steps are given is shared "
            "between them: change a copy of it",
            id="writes into what the recipe says",
        ),
        pytest.param(
            "{use: scribble_within, with: {inner: $n.inner}}",
            "TypeError: 'mappingproxy' object does not support item assignment; what steps are given is shared "
            "between them: change a copy of it",
            id="writes into a record",
        ),
    ],
)
@pytest.mark.parametrize("store", [False, True], ids=["computed", "from the store"])
def test_whatever_an_operation_does_becomes_its_steps_failure(ran, reasons, step, reason, store, tmp_path):
    """And a sentence about it; what it was given is as it was."""
    steps = f"  s: {{use: spread}}\n  n: {{use: nest}}\n  b: {step}"
    memo = StoreMemo(Store(tmp_path)) if store else None
    for _ in range(1 + store):
        result = ran(steps, memo=memo)
    assert reasons(result) == {"b": reason}
    assert result.outputs["n"] == {"inner": {"named": {"a": 1.0}}}
    assert result.outputs["s"]["values"].tolist() == [0.0, 1.0, 2.0]


def test_a_person_may_interrupt(ran):
    """That is nobody's failure."""
    with pytest.raises(KeyboardInterrupt):
        ran("  a: {use: interrupt, with: {value: 1}}")


def test_warnings_are_gathered_with_their_steps(ran):
    """In the order of the steps."""
    result = ran("  a: {use: warn, with: {value: 1}}\n  b: {use: warn, with: {value: $a.value}}")
    assert result.warnings == ["a: 1.0 is odd", "b: 1.0 is odd"]
    assert result.steps["b"].warnings == ("1.0 is odd",)


def test_a_listener_hears_of_each_step_as_it_ends(ran):
    """Whatever became of it; of steps within before the step that they are in."""
    heard = []
    ran(
        "  a: {use: fail, with: {value: 2}}\n  b: {use: add, with: {value: $a.value}}\n"
        "  c: {use: add, foreach: [x, y], with: {value: 1}}",
        listener=lambda step: heard.append((step.name, step.state)),
    )
    assert heard == [("a", "failed"), ("b", "skipped"), ("c[x]", "computed"), ("c[y]", "computed")]
