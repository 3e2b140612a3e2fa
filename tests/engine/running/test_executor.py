"""Plans run: states and reasons, what a failure takes down, `foreach`, recipes within, and what is remembered."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pytest

from foveola import Array, Exam, InputError, Micrometres, Millimetres, Output, Record, StepError, operation, run
from foveola.planning.planner import make_plan
from foveola.recipes.reader import parse_recipe
from foveola.running.executor import execute
from foveola.running.memo import MemoryMemo, StoreMemo
from foveola.running.results import Result
from foveola.running.store import Store
from foveola.testing import closed_registry

Line = Annotated[np.ndarray, Array("n")]
CALLS: list[str] = []
"""Which operations ran, in their order."""
GIVEN: list[Any] = []
"""What `weigh` was given."""


class Number(Output):
    """A number."""

    value: float
    half: float | None = None
    coverage: Mapping[str, float] | None = None


class Word(Output):
    """A word."""

    status: Literal["small", "large"]
    flag: bool = False


class Values(Output):
    """Several numbers."""

    values: Line
    named: Mapping[str, float]
    listed: tuple[float | None, ...] = ()


class Inner(Record):
    """A record with a map in it."""

    named: Mapping[str, float]


class Nested(Output):
    """A record in an answer."""

    inner: Inner


class Bare(Output, bare="statistics"):
    """An answer that is shown as its map."""

    statistics: Mapping[str, float]


class Taken(Output):
    """What was given."""

    given: Any


@operation("add")
def add(value: float, more: float = 1.0) -> Number:
    """Add."""
    CALLS.append("add")
    return Number(value=value + more, half=value / 2 if value > 0 else None, coverage={"all": 0.5})


@operation("judge")
def judge(value: float) -> Word:
    """Judge."""
    CALLS.append("judge")
    return Word(status="large" if value > 5 else "small", flag=value > 5)


@operation("spread")
def spread(count: int = 3) -> Values:
    """Spread."""
    numbers = [float(k) for k in range(count)]
    return Values(values=np.array(numbers), named={f"k{k:g}": k for k in numbers}, listed=tuple(numbers))


@operation("pit")
def pit() -> Values:
    """Answer with a null in a list."""
    return Values(values=np.zeros(1), named={}, listed=(1.0, None))


@operation("nest")
def nest() -> Nested:
    """Nest."""
    return Nested(inner=Inner(named={"a": 1.0}))


@operation("show")
def show() -> Bare:
    """Answer with something that is shown as its map."""
    return Bare(statistics={"mean": 2.0})


@operation("take")
def take(
    anything: Any = None,
    listed: list[float] | None = None,
    named: Mapping[str, float] | None = None,
    word: str | None = None,
    inner: Inner | None = None,
) -> Taken:
    """Take whatever is given."""
    given = {name: value for name, value in locals().items() if value is not None}
    return Taken(given=next(iter(given.values()), None))


@operation("weigh")
def weigh(thing: Any) -> Number:
    """Take a thing of any kind."""
    GIVEN.append(thing)
    return Number(value=len(thing))


@operation("fail")
def fail(value: float) -> Number:
    """Fail."""
    raise ZeroDivisionError("by " + str(value))


@operation("quit")
def quit_(value: float) -> Number:
    """Try to end the process."""
    raise SystemExit(int(value))


@operation("interrupt")
def interrupt(value: float) -> Number:
    """Be interrupted by a person."""
    raise KeyboardInterrupt(value)


@operation("lie")
def lie(value: float) -> Number:
    """Answer something else."""
    return {"value": value}


@operation("scribble")
def scribble(values: Line) -> Number:
    """Write into what was given."""
    values[0] = 9.0
    return Number(value=float(values[0]))


@operation("scribble_words")
def scribble_words(anything: Any) -> Number:
    """Write into what was given."""
    anything["a"] = 9.0
    return Number(value=1.0)


@operation("scribble_within")
def scribble_within(inner: Inner) -> Number:
    """Write into what was given, further in."""
    inner.named["a"] = 9.0
    return Number(value=1.0)


@operation("warn")
def warn(value: float) -> Number:
    """Warn."""
    return Number(value=value, warnings=(f"{value} is odd",))


class Lengths(Output):
    """Lengths."""

    mm: Millimetres
    some: tuple[Millimetres | None, ...]
    named: Mapping[str, Millimetres]


@operation("lengths")
def lengths() -> Lengths:
    """Give lengths."""
    return Lengths(mm=0.5, some=(0.5, None), named={"a": 0.5})


@operation("thin")
def thin(um: Micrometres, some: list[Micrometres | None], named: Mapping[str, Micrometres]) -> Taken:
    """Take them in µm."""
    return Taken(given=[um, *some, named["a"]])


class Scan(Exam):
    """An exam of one eye."""

    laterality: Literal["L", "R"]
    pitch: Millimetres


OPERATIONS = [
    *(add, judge, spread, pit, nest, show, take, weigh, fail, quit_, interrupt, lie, lengths, thin),
    *(scribble, scribble_words, scribble_within, warn),
]
REGISTRY = closed_registry(OPERATIONS, {"Exam": Scan})


@pytest.fixture(autouse=True)
def _no_calls() -> None:
    CALLS.clear()


def ran(steps: str, exam: Mapping[str, Any] | None = None, **options: Any) -> Result:
    """A recipe of some steps, run; every step is an output of its name."""
    names = [line.partition(":")[0].strip() for line in steps.strip().splitlines()]
    outputs = options.pop("outputs", "{" + ", ".join(f"{name}: ${name}" for name in names) + "}")
    inputs = options.pop("inputs", "{}")
    text = f"recipe: x\ninputs: {inputs}\nsteps:\n{steps.rstrip()}\noutputs: {outputs}\n"
    recipe = parse_recipe(text, "r.yaml", options.pop("folder", Path()))
    return run(recipe, exam or {}, registry=REGISTRY, **{"memo": None, **options})


def states(result: Result) -> dict[str, str]:
    """What became of each step."""
    return {name: step.state for name, step in result.steps.items()}


def reasons(result: Result) -> dict[str, str | None]:
    """Why."""
    return {name: step.reason for name, step in result.steps.items() if step.reason is not None}


# States


def test_a_step_is_computed_with_its_call_its_answer_and_its_time():
    """And its output is shown in the documented form."""
    result = ran("  a: {use: add, with: {value: 2}}")
    step = result.steps["a"]
    assert (step.name, step.use, step.state, step.reason) == ("a", "add", "computed", None)
    assert step.answer == Number(value=3.0, half=1.0, coverage={"all": 0.5})
    assert step.seconds > 0
    assert step.call.inputs == {"value": 2}
    assert result.outputs == {"a": {"value": 3.0, "half": 1.0, "coverage": {"all": 0.5}}}
    assert result.failed == []


def test_what_no_output_needs_does_not_run():
    """Neither for the recipe nor for the outputs that are wanted."""
    steps = "  a: {use: add, with: {value: 2}}\n  b: {use: judge, with: {value: 2}}"
    assert states(ran(steps, outputs="{o: $a.value}")) == {"a": "computed"}
    assert states(ran(steps, only=["b"])) == {"b": "computed"}
    assert CALLS == ["add", "judge"]


def test_each_step_runs_once_however_many_need_it():
    """Its answer is shared."""
    ran(
        "  a: {use: add, with: {value: 2}}\n  b: {use: judge, with: {value: $a.value}}\n"
        "  c: {use: judge, with: {value: $a.value}}"
    )
    assert CALLS == ["add", "judge", "judge"]


def test_a_step_whose_condition_does_not_hold_is_skipped_and_so_is_what_needs_it():
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
def test_conditions_are_compared_with_what_is(when, runs):
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
def test_a_null_that_reaches_a_parameter_that_takes_none_skips_the_step(argument, reason):
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
def test_a_null_inside_a_value_skips_the_step_too(argument, reason):
    """Where the parameter has none inside."""
    steps = (
        "  a: {use: add, with: {value: -1}}\n  p: {use: pit}\n"
        "  s: {use: add, foreach: {yes: 1, no: 2}, when: {$key: yes}, with: {value: $item}}\n"
        f"  b: {{use: take, with: {{{argument}}}}}"
    )
    assert reasons(ran(steps))["b"] == reason


def test_null_is_given_to_what_takes_it():
    """As a value like any other."""
    result = ran("  a: {use: add, with: {value: -1}}\n  b: {use: take, with: {word: null, anything: $a.half}}")
    assert states(result) == {"a": "computed", "b": "computed"}


def test_a_step_that_fails_takes_down_only_what_needs_it():
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


def test_a_failure_keeps_its_cause_and_can_be_run_again():
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
def test_whatever_an_operation_does_becomes_its_steps_failure(step, reason, store, tmp_path):
    """And a sentence about it; what it was given is as it was."""
    steps = f"  s: {{use: spread}}\n  n: {{use: nest}}\n  b: {step}"
    memo = StoreMemo(Store(tmp_path)) if store else None
    for _ in range(1 + store):
        result = ran(steps, memo=memo)
    assert reasons(result) == {"b": reason}
    assert result.outputs["n"] == {"inner": {"named": {"a": 1.0}}}
    assert result.outputs["s"]["values"].tolist() == [0.0, 1.0, 2.0]


def test_a_person_may_interrupt():
    """That is nobody's failure."""
    with pytest.raises(KeyboardInterrupt):
        ran("  a: {use: interrupt, with: {value: 1}}")


def test_warnings_are_gathered_with_their_steps():
    """In the order of the steps."""
    result = ran("  a: {use: warn, with: {value: 1}}\n  b: {use: warn, with: {value: $a.value}}")
    assert result.warnings == ["a: 1.0 is odd", "b: 1.0 is odd"]
    assert result.steps["b"].warnings == ("1.0 is odd",)


def test_a_listener_hears_of_each_step_as_it_ends():
    """Whatever became of it; of steps within before the step that they are in."""
    heard = []
    ran(
        "  a: {use: fail, with: {value: 2}}\n  b: {use: add, with: {value: $a.value}}\n"
        "  c: {use: add, foreach: [x, y], with: {value: 1}}",
        listener=lambda step: heard.append((step.name, step.state)),
    )
    assert heard == [("a", "failed"), ("b", "skipped"), ("c[x]", "computed"), ("c[y]", "computed")]


# What references are worth


@pytest.mark.parametrize(
    ("reference", "value"),
    [
        pytest.param("$a.value", 3.0, id="field"),
        pytest.param("$s.named.k1", 1.0, id="field of a field"),
        pytest.param("$s.listed.2", 2.0, id="item"),
        pytest.param("$b", {"mean": 2.0}, id="an answer that is shown as its map"),
        pytest.param("$b.statistics", {"mean": 2.0}, id="the same by its field"),
        pytest.param("$exam.pitch", 0.25, id="exam"),
        pytest.param("$exam.deep.list.1", 6, id="deep in what the exam says"),
        pytest.param("$exam.deep.list.9", None, id="beyond a list"),
        pytest.param("$exam.deep.none.x", None, id="no such key"),
        pytest.param("$exam.deep.word.0", None, id="a text has no parts"),
        pytest.param("$exam.deep.word.x", None, id="nor by name"),
        pytest.param("$exam.missing.x", None, id="what the exam does not say"),
        pytest.param("[$a.value, {b: $$5}]", [3.0, {"b": "$5"}], id="list and map"),
        pytest.param("5 mm", "5 mm", id="written"),
    ],
)
def test_references_are_followed(reference, value):
    """As deep as values go; null where there is nothing."""
    steps = "  a: {use: add, with: {value: 2}}\n  s: {use: spread}\n  b: {use: show}"
    exam = {"pitch": 0.25, "deep": {"list": [5, 6], "word": "abc"}}
    assert ran(steps, exam, outputs=f"{{o: {reference}}}").outputs["o"] == value


def test_outputs_have_null_for_what_is_not_there():
    """Alone, or within what is."""
    steps = "  a: {use: fail, with: {value: 2}}\n  b: {use: add, with: {value: 2}}"
    result = ran(steps, outputs="{o: $a.value, list: [$a.value, $b.value], map: {a: $a, b: $b.value}}")
    assert result.outputs == {"o": None, "list": [None, 3.0], "map": {"a": None, "b": 3.0}}


def test_millimetres_arrive_as_what_the_parameter_takes():
    """Numbers, lists and maps of them; null stays null."""
    text = (
        "recipe: x\nsteps:\n  l: {use: lengths}\n"
        "  t: {use: thin, with: {um: $l.mm, some: $l.some, named: $l.named}}\noutputs: {o: $t.given}"
    )
    registry = closed_registry([lengths, thin])
    assert run(parse_recipe(text), {}, registry=registry, memo=None).outputs["o"] == [500.0, 500.0, None, 500.0]


# Foreach


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
def test_foreach_keeps_the_keys(loop, values):
    """Of each answer the field is taken; each item is a step of its own."""
    steps = (
        "  s: {use: spread}\n  inner: {use: add, foreach: {p: 1, q: 2}, with: {value: $item}}\n"
        f"  f: {{use: add, foreach: {loop}, with: {{value: $item}}}}"
    )
    result = ran(steps, outputs="{o: $f.value}")
    assert result.outputs["o"] == values
    assert [name for name in result.steps if name.startswith("f")] == [f"f[{key}]" for key in values]


def test_foreach_over_names_is_keyed_by_them():
    """And gives each its name."""
    result = ran("  f: {use: take, foreach: [rnfl, gcl], with: {word: $item}}", outputs="{o: $f.given}")
    assert result.outputs["o"] == {"rnfl": "rnfl", "gcl": "gcl"}
    assert list(result.steps) == ["f[rnfl]", "f[gcl]"]


def test_each_answer_goes_to_a_step_as_a_map():
    """By the same keys."""
    result = ran(
        "  f: {use: add, foreach: {a: 1, b: 2}, with: {value: $item}}\n  t: {use: take, with: {named: $f.value}}",
        outputs="{o: $t.given}",
    )
    assert result.outputs["o"] == {"a": 2.0, "b": 3.0}


def test_an_item_that_fails_leaves_the_others():
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


def test_conditions_on_items_are_asked_of_each():
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
def test_what_cannot_be_run_over_is_no_crash(said, state, reason):
    """Where only the run can know."""
    steps = "  f: {use: take, foreach: $exam.eyes, with: {anything: $item}}\n  a: {use: add, with: {value: 1}}"
    result = ran(steps, {"eyes": said})
    assert (result.steps["f"].state, result.steps["f"].reason) == (state, reason)
    assert states(result)["a"] == "computed"


# Recipes as steps

EYE = """
recipe: eye
inputs:
  start: float
  more: {type: float, default: 2}
steps:
  sum: {use: add, with: {value: $start, more: $more}}
  broken: {use: fail, when: {$start: 13}, with: {value: $sum.value}}
  after: {use: add, with: {value: $broken.value}}
  pitch: {use: add, with: {value: $exam.pitch, more: 1}}
outputs: {sum: $sum.value, after: $after.value, pitch: $pitch.value, both: [$sum.value, $after.value]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a recipe that others use."""
    (tmp_path / "eye.yaml").write_text(EYE, encoding="utf-8")
    return tmp_path


def test_a_recipe_runs_as_a_step_with_names_that_begin_with_its_own(folder):
    """Its outputs are its answers."""
    result = ran(
        "  eye: {use: ./eye.yaml, with: {start: 1}}\n  next: {use: add, with: {value: $eye.sum}}",
        {"pitch": 0.25},
        folder=folder,
        outputs="{next: $next.value, pitch: $eye.pitch}",
    )
    assert result.outputs == {"next": 4.0, "pitch": 1.25}
    assert states(result) == dict.fromkeys(["eye.sum", "eye.pitch", "eye", "next"], "computed")


@pytest.mark.parametrize(
    ("start", "state", "reason"),
    [
        pytest.param(1, "computed", None, id="a step within is skipped"),
        pytest.param(13, "failed", "'eye.broken' failed", id="a step within fails"),
    ],
)
def test_what_goes_wrong_within_takes_down_only_what_needs_it(folder, start, state, reason):
    """The other outputs are there; the whole answer has null for what is not."""
    result = ran(
        f"  eye: {{use: ./eye.yaml, with: {{start: {start}}}}}\n  next: {{use: add, with: {{value: $eye.sum}}}}\n"
        "  lost: {use: add, with: {value: $eye.after}}",
        {"pitch": 0.25},
        folder=folder,
        outputs="{eye: $eye, next: $next.value, lost: $lost}",
    )
    whole = {"sum": start + 2.0, "after": None, "pitch": 1.25, "both": [start + 2.0, None]}
    assert result.outputs == {"eye": whole, "next": start + 3.0, "lost": None}
    assert (result.steps["eye"].state, result.steps["eye"].reason) == (state, reason)
    assert result.steps["lost"].reason.startswith("needs 'eye.broken', which ")
    assert [step.name for step in result.failed] == (["eye.broken"] if state == "failed" else [])


def test_a_recipe_in_which_nothing_ran_is_skipped(folder):
    """With the reason of the first of its steps."""
    result = ran("  eye: {use: ./eye.yaml, with: {start: 1}}", folder=folder, outputs="{o: $eye.pitch}")
    assert states(result) == {"eye.pitch": "skipped", "eye": "skipped"}
    assert reasons(result)["eye"] == "'eye.pitch' was skipped (value is null ($exam.pitch))"


def test_a_null_that_a_recipe_does_not_take_skips_it(folder):
    """As it skips an operation."""
    result = ran("  eye: {use: ./eye.yaml, with: {start: $exam.start}}", folder=folder)
    assert reasons(result) == {"eye": "start is null ($exam.start)"}


EYES = """
recipe: eyes
inputs: {right: Exam, left: Exam}
steps:
  each: {use: ./eye.yaml, foreach: {right: $right, left: $left}, with: {exam: $item}}
  one: {use: ./eye.yaml, with: {exam: $left, more: 0}}
outputs: {sums: $each.sum, pitches: $each.pitch, one: $one.sum, side: $right.laterality, whole: $each}
"""


@pytest.mark.parametrize("kind", ["mapping", "exam"])
def test_a_recipe_runs_on_other_exams(folder, kind):
    """Given as named values, or as exams; each is read from its own."""
    (folder / "eyes.yaml").write_text(EYES.replace(", whole: $each", ""), encoding="utf-8")
    right, left = {"start": 1.0, "pitch": 0.5, "laterality": "R"}, {"start": 10.0, "pitch": 0.25, "more": 3.0}
    exam = {"right": right, "left": left, "pitch": 99.0, "start": 99.0}
    if kind == "exam":
        exam = {**exam, "right": Scan(right, name="od"), "left": Scan(left)}
    result = run(folder / "eyes.yaml", exam, registry=REGISTRY, memo=None)
    assert result.outputs == {
        "sums": {"right": 3.0, "left": 13.0},
        "pitches": {"right": 1.5, "left": 1.25},
        "one": 10.0,
        "side": "R",
    }
    assert [name for name in result.steps if name.startswith("each[left]")] == [
        "each[left].sum",
        "each[left].pitch",
        "each[left]",
    ]


def test_exams_lie_within_exams(folder):
    """However deep: a recipe of two eyes on the exam of one visit."""
    (folder / "eyes.yaml").write_text(EYES, encoding="utf-8")
    step = "v: {use: ./eyes.yaml, with: {exam: $first}}"
    text = f"recipe: visits\ninputs: {{first: Exam}}\nsteps:\n  {step}\noutputs: {{o: $v.sums}}"
    (folder / "visits.yaml").write_text(text, encoding="utf-8")
    eye = {"start": 1.0, "pitch": 0.5}
    result = run(folder / "visits.yaml", {"first": {"right": eye, "left": Scan(eye)}}, registry=REGISTRY, memo=None)
    assert result.outputs["o"] == {"right": 3.0, "left": 3.0}
    assert "v.each[right].sum" in result.steps


@pytest.mark.parametrize(
    ("item", "state", "reason"),
    [
        pytest.param({"pitch": 1.0}, "skipped", "the exam 'each[a]' has no 'start'", id="an input is missing"),
        pytest.param({"start": "x"}, "failed", "each[a].start: must be a valid number", id="an input is wrong"),
        pytest.param(5, "failed", "takes an exam: its values by name", id="no exam"),
        pytest.param(None, "skipped", "exam is null ($item)", id="null"),
    ],
)
def test_an_exam_that_only_the_run_knows_is_no_crash(folder, item, state, reason):
    """The other exams are run."""
    steps = "  each: {use: ./eye.yaml, foreach: $exam.visits, with: {exam: $item}}"
    exam = {"visits": {"a": item, "b": {"start": 1.0, "pitch": 0.0}}}
    result = ran(steps, exam, folder=folder, outputs="{o: $each.sum}")
    assert result.outputs["o"] == {"a": None, "b": 3.0}
    assert result.steps["each[a]"].state == state
    assert reason in result.steps["each[a]"].reason


# Inputs


def test_inputs_are_read_as_their_types():
    """From the exam, else from the default; null is no value of the exam."""
    inputs = "{n: {type: float, default: 5}}"
    steps = "  a: {use: add, with: {value: $n}}"
    assert ran(steps, {"n": np.float64(2)}, inputs=inputs).outputs["a"]["value"] == 3.0
    assert ran(steps, {"n": None}, inputs=inputs).outputs["a"]["value"] == 6.0
    assert ran(steps, {}, inputs=inputs).outputs["a"]["value"] == 6.0


@pytest.mark.parametrize(
    ("exam", "message"),
    [
        pytest.param({}, "e1: the exam 'e1' has no 'n'", id="missing"),
        pytest.param({"n": "x"}, "e1.n: must be a valid number", id="wrong"),
    ],
)
def test_an_exam_that_does_not_fit_the_plan_is_refused(exam, message):
    """Though the plan was made without it."""
    text = "recipe: x\ninputs: {n: float}\nsteps:\n  a: {use: add, with: {value: $n}}\noutputs: {o: $a}"
    plan = make_plan(parse_recipe(text), REGISTRY)
    with pytest.raises(InputError) as caught:
        execute(plan, Scan(exam, name="e1"))
    assert str(caught.value) == message


# What is remembered


@pytest.fixture(params=["memory", "store"])
def memo(request, tmp_path):
    """A memo of either kind."""
    return MemoryMemo() if request.param == "memory" else StoreMemo(Store(tmp_path / "memo"))


TWICE = (
    "  a: {use: add, with: {value: 2}}\n  b: {use: add, with: {value: 2}}\n  c: {use: judge, with: {value: $b.value}}"
)


def test_two_steps_with_the_same_inputs_have_results_of_their_own(memo):
    """The second is remembered within the run."""
    result = ran(TWICE, memo=memo)
    assert states(result) == {"a": "computed", "b": "remembered", "c": "computed"}
    assert result.outputs["a"] == result.outputs["b"]
    assert result.steps["a"].key == result.steps["b"].key
    assert CALLS == ["add", "judge"]


def test_a_second_run_computes_nothing(memo):
    """And answers the same."""
    first, second = ran(TWICE, memo=memo), ran(TWICE, memo=memo)
    assert set(states(second).values()) == {"remembered"}
    assert second.outputs == first.outputs
    assert CALLS == ["add", "judge"]


LISTED = """
  a: {use: add, with: {value: 1}}
  b: {use: spread}
  c: {use: weigh, with: {thing: [$a.value, $b.values, {of: $b.values}, MORE]}}
"""


def test_what_is_remembered_is_given_as_itself(memo):
    """Also in a list to a parameter of any type, which cannot change it."""
    ran(LISTED.replace("MORE", "1"), memo=memo)
    result = ran(LISTED.replace("MORE", "2"), memo=memo)
    assert states(result) == {"a": "remembered", "b": "remembered", "c": "computed"}
    number, array, of, _ = GIVEN[-1]
    assert (number, array.tolist(), of["of"].tolist()) == (2.0, [0, 1, 2], [0, 1, 2])
    for change in (array.sort, lambda: of.update({})):
        with pytest.raises((ValueError, AttributeError)):
            change()


def test_what_changes_is_computed_again_and_what_it_does_not_change_is_not(memo):
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
def test_values_that_look_alike_are_told_apart(memo, one, other):
    """Each has its own answer."""
    for value in (one, other):
        result = ran(f"  a: {{use: take, with: {{anything: {value}}}}}", memo=memo, outputs="{o: $a.given}")
        assert states(result) == {"a": "computed"}


def test_a_failure_is_not_remembered(memo):
    """It is tried again."""
    steps = "  a: {use: fail, with: {value: 2}}"
    assert states(ran(steps, memo=memo)) == states(ran(steps, memo=memo)) == {"a": "failed"}


def test_without_a_memo_everything_is_computed_and_has_its_key_all_the_same():
    """Results are the same whether or not they were remembered."""
    without, with_ = ran(TWICE), ran(TWICE, memo=MemoryMemo())
    assert set(states(without).values()) == {"computed"}
    assert without.steps["c"].key == with_.steps["c"].key


def test_what_has_no_digest_is_not_remembered(memo):
    """But computed."""
    steps = "  a: {use: weigh, with: {thing: $exam.thing}}"
    for _ in range(2):
        result = ran(steps, {"thing": {1, 2}}, memo=memo)
        assert states(result) == {"a": "computed"}
        assert (result.steps["a"].key, result.steps["a"].parts) == (None, None)


def test_results_do_not_change_from_run_to_run(folder, memo):
    """But for what stands under `run`."""
    (folder / "eyes.yaml").write_text(EYES, encoding="utf-8")
    exam = {"right": {"start": 1.0, "pitch": 0.5}, "left": {"start": 13.0, "pitch": 0.5}}

    def result(memo) -> dict[str, Any]:
        content = run(folder / "eyes.yaml", exam, registry=REGISTRY, memo=memo).as_json()
        content.pop("run")
        return content

    assert result(memo) == result(memo) == result(None)
