"""Why a step would be computed, or differs between two results; nothing is computed to find out."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from foveola import Millimetres, Output, operation
from foveola.planning.planner import make_plan
from foveola.recipes.reader import parse_recipe
from foveola.running.executor import execute
from foveola.running.memo import StoreMemo
from foveola.running.store import Store
from foveola.running.why import compare, foresee
from foveola.surfaces.python import load_exam
from foveola.testing import closed_registry

COMPUTED: list[str] = []


class Number(Output):
    """A number and some others."""

    value: float
    many: Mapping[str, float]


@operation("measure")
def measure(zone: Millimetres, layers: list[str], limit: float = 1.0) -> Number:
    """Measure."""
    COMPUTED.append("measure")
    return Number(value=min(zone * len(layers), 100 * limit), many={str(k): zone + k for k in range(30)})


@operation("limit")
def limited(value: float, many: Mapping[str, float], most: float = 10.0) -> Number:
    """Limit."""
    COMPUTED.append("limit")
    return Number(value=min(value, most), many=many)


@operation("double")
def double(value: float | None) -> Number:
    """Double."""
    COMPUTED.append("double")
    return Number(value=2 * (value or 0), many={})


@operation("total")
def total(values: Mapping[str, float]) -> Number:
    """Sum."""
    COMPUTED.append("total")
    return Number(value=sum(values.values()), many={})


RECIPE = """
recipe: why
inputs: {zone: float, ready: {type: bool, default: true}}
steps:
  size: {use: measure, with: {zone: $zone, layers: [rnfl, gcl]}}
  capped: {use: limit, with: {value: $size.value, many: $size.many}}
  each: {use: double, foreach: $capped.many, with: {value: $item}}
  end: {use: total, with: {values: $each.value}}
  aside: {use: double, when: {$ready: true}, with: {value: 3}}
outputs: {end: $end.value, aside: $aside.value}
"""
REGISTRY = closed_registry([measure, limited, double, total])


@pytest.fixture
def memo(tmp_path) -> Store:
    """A store in which the recipe ran once."""
    run(RECIPE, tmp_path, {"zone": 4.0})
    COMPUTED.clear()
    return Store(tmp_path)


def planned(recipe: str, exam: Mapping[str, object]):
    """The plan and the exam."""
    loaded = load_exam(exam, REGISTRY)
    return make_plan(parse_recipe(recipe), REGISTRY, loaded, None), loaded


def run(recipe: str, folder, exam: Mapping[str, object]):
    """A result."""
    return execute(*planned(recipe, exam), StoreMemo(Store(folder)))


def foreseen(memo: Store, exam: Mapping[str, object], old: str = "", new: str = "") -> dict[str, str | None]:
    """The state of each step, or why it would be computed or skipped; items of `each` but the first left out."""
    assert old in RECIPE
    found = foresee(*planned(RECIPE.replace(old, new) if old else RECIPE, exam), memo)
    assert COMPUTED == []
    said = {one.step: one.state if one.reason is None else f"{one.state}: {one.reason}" for one in found}
    return {name: said for name, said in said.items() if not name.startswith("each[") or name == "each[0]"}


def test_what_is_remembered_is_said_to_be(memo):
    """Each step of it."""
    names = ["size", "capped", "each[0]", "end", "aside"]
    assert dict.fromkeys(names, "remembered").items() == foreseen(memo, {"zone": 4.0}).items()


def test_what_never_ran_is_said_to_have_never_run(tmp_path):
    """And what needs it waits for it."""
    said = foreseen(Store(tmp_path), {"zone": 4.0})
    assert said == {
        "size": "to be computed: never run",
        "capped": "to be computed: its input from step `size` will be computed",
        "each": "to be computed: its input from step `size` will be computed",
        "end": "to be computed: its input from step `size` will be computed",
        "aside": "to be computed: never run",
    }


FIRST = {
    "a value of the exam": ({"zone": 5.0}, "", "", "size", "`zone` 4.0 became 5.0"),
    "a constant": ({"zone": 4.0}, "[rnfl, gcl]", "[rnfl]", "size", "`layers` [rnfl, gcl] became [rnfl]"),
    "a default": ({"zone": 4.0}, "[rnfl, gcl]}", "[rnfl, gcl], limit: 2}", "size", "`limit` (its default) became 2"),
    "further down": (
        {"zone": 4.0},
        "many: $size.many}",
        "many: $size.many, most: 9}",
        "capped",
        "`most` (its default) became 9",
    ),
    "something long": (
        {"zone": 4.0},
        "many: $size.many}",
        "many: {" + ", ".join(f"k{k}: 1.0" for k in range(20)) + "}}",
        "capped",
        "input `many` changed",
    ),
}


@pytest.mark.parametrize(("exam", "old", "new", "step", "reason"), FIRST.values(), ids=FIRST)
def test_the_first_difference_is_the_reason(memo, exam, old, new, step, reason):
    """As a recipe would write it where it is short."""
    assert foreseen(memo, exam, old, new)[step] == f"to be computed: {reason}"


def test_code_that_changed_is_a_reason(memo, monkeypatch):
    """Before anything else."""
    monkeypatch.setattr(measure, "version", "2")
    assert foreseen(memo, {"zone": 5.0})["size"] == "to be computed: code of `measure` changed"


def test_the_most_alike_of_the_records_is_compared(memo, tmp_path):
    """Not the newest."""
    run(RECIPE.replace("[rnfl, gcl]", "[ipl]"), tmp_path, {"zone": 9.0})
    COMPUTED.clear()
    assert foreseen(memo, {"zone": 4.5})["size"] == "to be computed: `zone` 4.0 became 4.5"


def test_what_a_condition_rules_out_is_skipped(memo):
    """With its own reason."""
    said = foreseen(memo, {"zone": 4.0, "ready": False})["aside"]
    assert said == "skipped: runs only where $ready is true; it is false"


def test_to_look_ahead_is_not_to_use(memo):
    """Nothing is written."""
    before = memo._all("SELECT * FROM actions ORDER BY key")
    foreseen(memo, {"zone": 5.0})
    assert memo._all("SELECT * FROM actions ORDER BY key") == before


def test_two_results_are_compared_step_by_step(tmp_path):
    """What differs says why, what does not says nothing."""
    one = run(RECIPE, tmp_path, {"zone": 4.0}).as_json()
    other = run(RECIPE.replace("aside:", "beside:").replace("$aside", "$beside"), tmp_path, {"zone": 5.0}).as_json()
    found = {change.step: change.reason for change in compare(one, other) if not change.step.startswith("each[")}
    assert found == {
        "size": "`zone` 4.0 became 5.0",
        "capped": "`value` 8.0 became 10.0",
        "end": "input `values` changed",
        "aside": "only the first result has it",
        "beside": "only the second result has it",
    }
    assert all(change.reason is None for change in compare(one, one))


def test_early_cut_off_computes_one_step(tmp_path):
    """A change that leaves its result the same recomputes nothing below it, and why says so afterwards."""
    run(RECIPE, tmp_path, {"zone": 8.0})
    COMPUTED.clear()
    run(RECIPE.replace("[rnfl, gcl]}", "[rnfl, gcl], limit: 2}"), tmp_path, {"zone": 8.0})
    assert COMPUTED == ["measure"]


def test_one_parameter_computes_its_descendants_alone(tmp_path):
    """Exactly these."""
    run(RECIPE, tmp_path, {"zone": 4.0})
    COMPUTED.clear()
    result = run(RECIPE.replace("many: $size.many}", "many: $size.many, most: 3}"), tmp_path, {"zone": 4.0})
    assert [name for name, step in result.steps.items() if step.state == "computed"] == ["capped"]
    again = run(RECIPE.replace("[rnfl, gcl]", "[rnfl]"), tmp_path, {"zone": 4.0})
    assert [name for name, step in again.steps.items() if step.state == "computed"] == ["size", "capped"]
