"""Operations, exams and entry points, right and wrong, of which messages tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, ConfigDict, Field

from foveola import (
    Alias,
    Array,
    Exam,
    Micrometres,
    Millimetres,
    Output,
    Reader,
    Record,
    Unit,
    UnitBy,
    hookimpl,
    operation,
)
from foveola.registry import READERS, TYPES, Registry

PixelMap = Annotated[np.ndarray, Array("rows", "columns"), Unit("px")]
MicrometreMap = Annotated[np.ndarray, Array("rows", "columns"), Unit("µm")]


def _stumble(value: Any) -> Any:
    raise KeyError(value)


class Map(Record, bare="values"):
    """A map."""

    values: PixelMap


class Found(Output):
    """What was found."""

    status: Literal["found", "not_found"]
    width: Millimetres
    height: Millimetres | None
    map: PixelMap
    depth: MicrometreMap
    record: Annotated[Map, Unit("mm")]
    either: Annotated[float, UnitBy("real", {True: "mm", False: "px"})]
    listed: tuple[float | None, ...]


class Number(Output):
    """A number."""

    value: float


@operation("find")
def find(threshold: Annotated[float, Field(ge=0, le=1)] = 0.5, *, real: bool = False) -> Found:
    """Find something."""
    grid = np.full((2, 2), threshold)
    return Found(
        status="found",
        width=1.0,
        height=None,
        map=grid,
        depth=grid,
        record=Map(values=grid),
        either=float(real),
        listed=(1.0, None),
    )


@operation("average")
def average(thickness: MicrometreMap) -> Number:
    """Average a map."""
    return Number(value=float(thickness.mean()))


@operation("add")
def add(value: float, more: float = 1.0) -> Number:
    """Add."""
    return Number(value=value + more)


@operation("count")
def count(numbers: Annotated[np.ndarray, Array("n", dtype="int64")]) -> Number:
    """Count."""
    return Number(value=float(len(numbers)))


@operation("take")
def take(
    mm: Millimetres = 0,
    pair: tuple[Millimetres, Millimetres] = (0, 0),
    listed: list[float] | None = None,
    named: Mapping[str, float] | None = None,
    record: Annotated[Map, Unit("µm")] | None = None,
    slice_thickness: Annotated[Micrometres, Field(le=3000)] = 1,
    stumbling: Annotated[float, BeforeValidator(_stumble)] = 0,
    either: Annotated[float, UnitBy("real", {True: "mm", False: "px"})] = 0,
    anything: Any = None,
    point: Point | None = None,
    *,
    real: bool = False,
) -> Number:
    """Take whatever is given."""
    return Number(value=len(locals()))


@operation("fail")
def fail(value: float) -> Number:
    """Fail."""
    raise ZeroDivisionError(f"by {value:g}")


@operation("lie")
def lie(value: float) -> Number:
    """Answer something else."""
    return value


@operation("scribble")
def scribble(values: Annotated[np.ndarray, Array("rows", "columns")]) -> Number:
    """Write into what was given."""
    values[0, 0] = 9.0
    return Number(value=1.0)


@operation("alias")
def aliased(a: Annotated[float, Alias("b")]) -> Number:
    """Take a number that has two names."""
    return Number(value=a)


@operation("untyped")
def untyped(value) -> Number:
    """Do not say what is taken."""
    return Number(value=value)


@operation("by_place")
def by_place(value: float, /) -> Number:
    """Take what cannot be given by name."""
    return Number(value=value)


@operation("twice")
def twice(a: Annotated[float, Alias("b")], b: float) -> Number:
    """Take two numbers of one name."""
    return Number(value=a + b)


@operation("unsigned")
def unsigned(value: float):
    """Do not say what is answered."""
    return value


class Thawed(Output):
    """Something that can be changed."""

    model_config = ConfigDict(frozen=False)


@operation("thaw")
def thaw(value: float) -> Thawed:
    """Answer something that can be changed."""
    return Thawed(warnings=(str(value),))


class Scan(Exam):
    """An exam."""

    slice_thickness: Annotated[Millimetres, Field(gt=0)]
    laterality: Literal["L", "R"]


class Hooked:
    """A plugin that answers what nobody asks."""

    @hookimpl
    def foveola_what(self, cli: object) -> object:
        """Answer."""
        return cli

    def __repr__(self) -> str:
        return "acme"


class Stumbling:
    """A plugin that raises."""

    @hookimpl
    def foveola_commands(self, cli: object) -> object:
        """Raise."""
        raise KeyError(cli)


class Point(Record):
    """Two numbers."""

    x: float
    y: float


@dataclass(frozen=True)
class Brought:
    """An entry point that has its thing at hand."""

    group: str
    name: str
    thing: Any
    dist: Any = None
    value: str = "acme:thing"

    def load(self) -> Any:
        """The thing, or what importing it raises."""
        if isinstance(self.thing, Exception):
            raise self.thing
        return self.thing


WORKING = (find, average, add, count, take, fail, lie, scribble, aliased)


def read_numbers(path: Path) -> dict[str, Any]:
    """Read the exam of a number, or of another exam's path."""
    content = path.read_text(encoding="utf-8")
    return {"beside": content} if path.stem == "beside" else {"start": float(content)}


NUMBERS = Reader("numbers", lambda path: path.suffix == ".txt", read_numbers)
BROUGHT = (Brought(TYPES, "Exam", Scan), Brought(READERS, "numbers", NUMBERS))
REGISTRY = Registry(BROUGHT, WORKING)


def registry_with(*brought: Brought) -> Registry:
    """What there is, and something more."""
    return Registry((*BROUGHT, *brought), WORKING)
