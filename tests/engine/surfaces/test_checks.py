"""`check` and `plan`: what is wrong and what would be computed, for people and for programs."""

from __future__ import annotations

import json

import pytest


def test_check_says_that_nothing_is_wrong(ran):
    """On stderr: there is no data."""
    result = ran("check", "sum.yaml", "eye.json")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "sum.yaml: 3 steps, nothing wrong\n"


def test_check_says_what_is_wrong_with_its_place(ran, recipe_of):
    """All of it, and how much that is."""
    result = ran("check", recipe_of("s: {use: ad}\n  t: {use: add, with: {vlaue: 1}}"))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "x.yaml:3:12: no operation is called 'ad'\n"
        "   3 |   s: {use: ad}\n"
        "                  ^\n"
        "hint: did you mean 'add'?\n\n"
        "x.yaml:4:24: add has no parameter 'vlaue'\n"
        "   4 |   t: {use: add, with: {vlaue: 1}}\n"
        "                              ^\n"
        "hint: did you mean 'value'?\n\n"
        "2 problems\n"
    )


@pytest.mark.parametrize(
    ("steps", "status", "messages"),
    [
        pytest.param("s: {use: add, with: {value: 1}}", 0, [], id="nothing"),
        pytest.param("s: {use: ad}", 2, ["no operation is called 'ad'"], id="something"),
    ],
)
def test_check_says_the_same_to_programs(ran, recipe_of, steps, status, messages):
    """With ranges."""
    result = ran("check", "--json", recipe_of(steps))
    assert result.exit_code == status
    problems = json.loads(result.stdout)
    assert [problem["message"] for problem in problems] == messages
    assert all(problem["range"]["start"] == {"line": 3, "column": 12} for problem in problems)
    assert result.stderr == ""


def test_check_looks_at_the_exam(ran, folder):
    """Where there is one."""
    (folder / "ear.json").write_text("{}", encoding="utf-8")
    assert ran("check", "sum").exit_code == 0
    result = ran("check", "sum", "ear.json")
    assert result.exit_code == 2
    assert "the exam 'ear' has no 'start'\n" in result.stderr
    assert "hint: --set exam.start=... gives it" in result.stderr
    assert ran("check", "sum", "ear.json", "--set", "exam.start=1").exit_code == 0


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[" * 60_000, id="brackets"),
        pytest.param("a: *b", id="aliases"),
        pytest.param("\x00\x01\x02", id="control characters"),
        pytest.param("", id="nothing"),
        pytest.param(
            "recipe: x\nsteps: {a: {use: add, with: {value: &x [*x]}}}\noutputs: {}", id="a circle of aliases"
        ),
        pytest.param("recipe: &a [&b [*a, *b]]", id="more of them"),
        pytest.param("recipe: x\nsteps:\n" + "  a: {use: add}\n" * 3000 + "outputs:", id="a name three thousand times"),
    ],
)
def test_no_text_is_a_traceback(ran, folder, text):
    """Each is an error with a place, or in a line."""
    (folder / "odd.yaml").write_text(text, encoding="utf-8")
    result = ran("check", "odd.yaml")
    assert result.exit_code == 2
    assert result.stderr.startswith("odd.yaml")


def test_plan_shows_what_would_be_computed(ran):
    """In order, and from where each parameter comes."""
    result = ran("plan", "sum", "eye.json")
    assert result.exit_code == 0
    assert "a: add\n    value  $start" in result.stdout
    assert result.stderr == ""


def test_plan_says_the_same_to_programs(ran):
    """And conversions to people."""
    result = ran("plan", "--json", "sum", "--set", "c.value=$exam.pitch")
    assert [step["name"] for step in json.loads(result.stdout)["steps"]] == ["a", "b", "c"]


def test_a_plan_of_what_is_wrong_is_status_2(ran, recipe_of):
    """As a check of it is."""
    result = ran("plan", recipe_of("s: {use: ad}"))
    assert (result.exit_code, result.stdout) == (2, "")
