"""What tests of commands share: a folder of recipes and exams, in which little is installed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from click.testing import CliRunner, Result

from foveola import Exam, Millimetres, Output, Reader, operation
from foveola.registry import OPERATIONS, READERS, RECIPES, TYPES, Registry
from foveola.surfaces.cli import cli


class Number(Output):
    """A number."""

    value: float
    half: float | None = None


class Thing(Output):
    """Something that JSON cannot say."""

    thing: Any


@operation("add")
def add(value: float, more: float = 1.0) -> Number:
    """Add one number to another.

    Args:
        value: a number.
        more: another.

    >>> add(1).value
    2.0
    """
    return Number(value=value + more, half=value / 2 if value > 0 else None, warnings=("odd",) if value % 2 else ())


@operation("fail")
def fail(value: float, kind: Literal["error", "exit", "base"] = "error") -> Number:
    """Fail in one way or another."""
    kinds = {"error": ZeroDivisionError, "exit": SystemExit, "base": BaseException}
    raise kinds[kind](f"by {value:g}")


@operation("make_thing")
def make_thing() -> Thing:
    """Make something that JSON cannot say."""
    return Thing(thing=object)


class Scan(Exam):
    """An exam."""

    pitch: Millimetres
    laterality: Literal["L", "R"]


@dataclass(frozen=True)
class Point:
    """An entry point that has its thing at hand."""

    group: str
    name: str
    thing: Any
    dist: Any = None
    value: str = "tests"

    def load(self) -> Any:
        """The thing."""
        return self.thing


RECIPE = """\
recipe: sum
about: Adds what there is
inputs:
  start: float
steps:
  a: {use: add, with: {value: $start}}
  b: {use: add, with: {value: $a.half}}
  c: {use: add, with: {value: $exam.pitch, more: 500}}
outputs: {a: $a.value, b: $b.value, c: $c}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with recipes and exams; nothing else is installed."""

    def read(path: Path) -> Mapping[str, Any]:
        return json.loads(path.read_text(encoding="utf-8"))

    shipped = tmp_path / "shipped"
    shipped.mkdir()
    (shipped / "sum.yaml").write_text(RECIPE, encoding="utf-8")
    points = [
        *(Point(OPERATIONS, one.name, one) for one in (add, fail, make_thing)),
        Point(RECIPES, "tests", shipped),
        Point(READERS, "json", Reader("json", lambda path: path.suffix == ".json", read)),
        Point(TYPES, "Exam", Scan),
    ]
    registry = Registry(points)
    monkeypatch.setattr(Registry, "installed", lambda: registry)
    (tmp_path / "eye.json").write_text('{"start": 2, "pitch": 0.25}', encoding="utf-8")
    (tmp_path / "sum.yaml").write_text(RECIPE, encoding="utf-8")
    return tmp_path


@pytest.fixture
def ran(folder: Path) -> Callable[..., Result]:
    """The command, run in this process and folder; a traceback is an error of the test."""

    def run(*words: str, stdin: str | bytes | None = None) -> Result:
        with chdir(folder):
            return CliRunner().invoke(cli, words, input=stdin, catch_exceptions=False)

    return run


@pytest.fixture
def recipe_of(folder: Path) -> Callable[..., str]:
    """Writes a recipe file of some steps; its name."""

    def write(steps: str, outputs: str = "{o: $s}") -> str:
        (folder / "x.yaml").write_text(f"recipe: x\nsteps:\n  {steps}\noutputs: {outputs}\n", encoding="utf-8")
        return "x.yaml"

    return write
