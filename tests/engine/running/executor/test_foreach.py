"""Steps that run once for each item of a list or a map."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("loop", "values"),
    [
        pytest.param("[1, 2]", {"0": 2.0, "1": 3.0}, id="list by place"),
        pytest.param("{a: 1, b: 2}", {"a": 2.0, "b": 3.0}, id="map by key"),
        pytest.param("$s.named", {"k0": 1.0, "k1": 2.0, "k2": 3.0}, id="map of an answer"),
        pytest.param("$s.listed", {"0": 1.0, "1": 2.0, "2": 3.0}, id="list of an answer"),
        pytest.param("[$s.named.k2, 5]", {"0": 3.0, "1": 6.0}, id="list with references"),
        pytest.param("{x: $s.named.k2}", {"x": 3.0}, id="map with references"),
        pytest.param("$inner.value", {"p": 3.0, "q": 4.0}, id="what another foreach answered"),
        pytest.param("[]", {}, id="nothing"),
    ],
)
def test_foreach_keeps_the_keys(ran, loop, values):
    """Of each answer the field is taken; each item is a step of its own."""
    steps = (
        "  s: {use: spread}\n  inner: {use: add, foreach: {p: 1, q: 2}, with: {value: $item}}\n"
        f"  f: {{use: add, foreach: {loop}, with: {{value: $item}}}}"
    )
    result = ran(steps, outputs="{o: $f.value}")
    assert result.outputs["o"] == values
    assert [name for name in result.steps if name.startswith("f")] == [f"f[{key}]" for key in values]


def test_foreach_over_names_is_keyed_by_them(ran):
    """And gives each its name."""
    result = ran("  f: {use: take, foreach: [rnfl, gcl], with: {word: $item}}", outputs="{o: $f.given}")
    assert result.outputs["o"] == {"rnfl": "rnfl", "gcl": "gcl"}
    assert list(result.steps) == ["f[rnfl]", "f[gcl]"]


def test_each_answer_goes_to_a_step_as_a_map(ran):
    """By the same keys."""
    result = ran(
        "  f: {use: add, foreach: {a: 1, b: 2}, with: {value: $item}}\n  t: {use: take, with: {named: $f.value}}",
        outputs="{o: $t.given}",
    )
    assert result.outputs["o"] == {"a": 2.0, "b": 3.0}


def test_an_item_that_fails_leaves_the_others(ran, states, reasons):
    """The output has null for it; a step that needs them all is skipped."""
    result = ran(
        "  f: {use: add, foreach: [1, 2], with: {value: $item}}\n"
        "  g: {use: fail, foreach: {a: 1}, with: {value: $item}}\n"
        "  h: {use: quit, foreach: {x: 1, y: 2}, when: {$key: x}, with: {value: $item}}\n"
        "  t: {use: take, with: {named: $g.value}}",
        outputs="{f: $f.value, g: $g.value, h: $h.value, t: $t}",
    )
    assert result.outputs == {"f": {"0": 2.0, "1": 3.0}, "g": {"a": None}, "h": {"x": None, "y": None}, "t": None}
    assert states(result) == {
        "f[0]": "computed",
        "f[1]": "computed",
        "g[a]": "failed",
        "h[x]": "failed",
        "h[y]": "skipped",
        "t": "skipped",
    }
    assert reasons(result)["t"] == "needs 'g[a]', which failed"
    assert reasons(result)["h[y]"] == "runs only where $key is x; it is y"


def test_conditions_on_items_are_asked_of_each(ran, reasons):
    """Those on other things once, before anything is run over."""
    steps = (
        "  j: {use: judge, with: {value: 1}}\n"
        "  f: {use: add, foreach: {a: 1, b: 9}, when: {$item: {not: 9}}, with: {value: $item}}\n"
        "  g: {use: add, foreach: {a: 1}, when: {$j.status: large}, with: {value: $item}}\n"
        "  t: {use: take, with: {anything: $g}}"
    )
    result = ran(steps, outputs="{f: $f.value, g: $g, t: $t}")
    assert result.outputs == {"f": {"a": 2.0, "b": None}, "g": None, "t": None}
    assert reasons(result)["t"].startswith("needs 'g', which was skipped (runs only where $j.status is large")


@pytest.mark.parametrize(
    ("said", "state", "reason"),
    [
        pytest.param(None, "skipped", "there is nothing to run over ($exam.eyes is null)", id="null"),
        pytest.param(5, "failed", "TypeError: `foreach` runs over a list or a map; $exam.eyes is int", id="number"),
        pytest.param("ab", "failed", "TypeError: `foreach` runs over a list or a map; $exam.eyes is str", id="text"),
        pytest.param(
            ["a", "a"],
            "failed",
            "ValueError: `foreach` keys its answers by 'a', which $exam.eyes has twice",
            id="twice",
        ),
    ],
)
def test_what_cannot_be_run_over_is_no_crash(ran, states, said, state, reason):
    """Where only the run can know."""
    steps = "  f: {use: take, foreach: $exam.eyes, with: {anything: $item}}\n  a: {use: add, with: {value: 1}}"
    result = ran(steps, {"eyes": said})
    assert (result.steps["f"].state, result.steps["f"].reason) == (state, reason)
    assert states(result)["a"] == "computed"
