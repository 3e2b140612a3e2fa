"""What tests of the executor share: operations of every temper, and recipes of some steps that are run on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pytest

from foveola import Array, Exam, Micrometres, Millimetres, Output, Record, operation, run
from foveola.recipes.reader import parse_recipe
from foveola.registry import Registry
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


@pytest.fixture
def calls() -> list[str]:
    """Which operations ran, in their order."""
    CALLS.clear()
    return CALLS


@pytest.fixture
def given() -> list[Any]:
    """What `weigh` was given."""
    GIVEN.clear()
    return GIVEN


@pytest.fixture
def registry() -> Registry:
    """These operations, and an exam of one eye."""
    return REGISTRY


@pytest.fixture
def ran() -> Callable[..., Result]:
    """A recipe of some steps, run; every step is an output of its name."""

    def run_steps(steps: str, exam: Mapping[str, Any] | None = None, **options: Any) -> Result:
        names = [line.partition(":")[0].strip() for line in steps.strip().splitlines()]
        outputs = options.pop("outputs", "{" + ", ".join(f"{name}: ${name}" for name in names) + "}")
        inputs = options.pop("inputs", "{}")
        text = f"recipe: x\ninputs: {inputs}\nsteps:\n{steps.rstrip()}\noutputs: {outputs}\n"
        recipe = parse_recipe(text, "r.yaml", options.pop("folder", Path()))
        return run(recipe, exam or {}, registry=REGISTRY, **{"memo": None, **options})

    return run_steps


@pytest.fixture
def states() -> Callable[[Result], dict[str, str]]:
    """What became of each step."""
    return lambda result: {name: step.state for name, step in result.steps.items()}


@pytest.fixture
def reasons() -> Callable[[Result], dict[str, str]]:
    """Why."""
    return lambda result: {name: step.reason for name, step in result.steps.items() if step.reason is not None}


@pytest.fixture(params=["memory", "store"])
def memo(request, tmp_path):
    """A memo of either kind."""
    return MemoryMemo() if request.param == "memory" else StoreMemo(Store(tmp_path / "memo"))
