"""What is known before anything runs: parameters that travel together are checked together, if all are known."""

from __future__ import annotations

from typing import Literal, Self

import pytest
from pydantic import model_validator

from foveola import Exam, Group, InputError, Micrometres, Millimetres, Output, derived, operation
from foveola.registry import Registry


class Lie(Group):
    """How a scan lies."""

    lies: Literal["across", "down"]
    way: Literal["left", "up"]
    wide: Micrometres = 1.0

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        if self.lies == "across" and self.way != "left":
            raise InputError("way", f"is {self.way}; what lies across has left")
        if self.wide > 500:
            raise ValueError("is too wide")
        return self


class Answer(Output):
    """What it was."""

    way: Literal["left", "up"]


@operation("look")
def look(lie: Lie) -> Answer:
    """Look along a scan."""
    return Answer(way=lie.way)


class Scan(Exam):
    """An exam."""

    lies: Literal["across", "down"]
    way: Literal["left", "up"]
    length: Millimetres

    @derived
    def twice(self) -> Millimetres | None:
        """Twice as long."""
        length = self.get("length")
        return None if length is None else 2 * length


class Point:
    """An entry point that has the exam at hand."""

    group, name, value, dist = "foveola.types", "Exam", "tests:Scan", None

    def load(self) -> type[Exam]:
        """It."""
        return Scan


REGISTRY = Registry([Point()], [look])
MISSING = (
    "3:12 look needs 'lies' ('across' or 'down'), and nothing gives it "
    "(give it in `with` or `context`, or --set exam.lies=...)"
)
AMISS = "way: is up; what lies across has left"


@pytest.mark.parametrize(
    ("arguments", "exam", "problems"),
    [
        pytest.param("", {"lies": "across", "way": "left"}, [], id="go together"),
        pytest.param(
            "",
            {"lies": "across", "way": "up"},
            [f"3:12 the exam's {AMISS} (--set exam.way=... gives another)"],
            id="exam",
        ),
        pytest.param("way: up", {"lies": "across"}, [f"3:30 {AMISS}"], id="written out"),
        pytest.param("lies: across, way: up", None, [f"3:44 {AMISS}"], id="without an exam"),
        pytest.param("way: up", None, [], id="one is not known yet"),
        pytest.param("way: up", {}, [MISSING], id="one is missing"),
        pytest.param("way: $b.way, lies: across", None, [], id="one is another step's"),
        pytest.param(
            "way: up, lies: acros", None, ["3:40 lies: must be 'across' or 'down'"], id="one is wrong already"
        ),
        pytest.param("way: left, lies: down, wide: 1 mm", None, ["3:12 look: is too wide"], id="nothing named"),
    ],
)
def test_what_goes_together_is_checked_where_all_is_known(problems_of, arguments, exam, problems):
    """By the group itself, before anything runs, where the value at fault was given."""
    other = "b: {use: look, with: {way: left, lies: down}}"
    text = f"recipe: x\nsteps:\n  a: {{use: look, with: {{{arguments}}}}}\n  {other}\noutputs: {{o: [$a, $b]}}"
    assert problems_of(text, REGISTRY, exam) == problems


def test_what_goes_together_is_told_once(problems_of):
    """However many steps take it."""
    text = "recipe: x\nsteps:\n  a: {use: look}\n  b: {use: look}\noutputs: {o: [$a, $b]}"
    assert len(problems_of(text, REGISTRY, {"lies": "across", "way": "up"})) == 1


def test_what_an_exam_lacks_is_told_once(problems_of):
    """With how to say it, though another step's answer would fit: that is never what the exam should have said."""
    text = "recipe: x\nsteps:\n  a: {use: look, with: {lies: down}}\n  b: {use: look, with: {lies: down}}\n"
    other = "  c: {use: look, with: {way: up, lies: down}}\noutputs: {o: [$a, $b, $c]}"
    lacks = "3:12 look needs 'way' ('left' or 'up'), and nothing gives it"
    hint = "(give it in `with` or `context`, or --set exam.way=...)"
    assert problems_of(text + other, REGISTRY, {}) == [f"{lacks} {hint}"]
    misspelt = hint.replace("(", "(the exam says 'Ways'; ")
    assert problems_of(text + other, REGISTRY, {"Ways": "up", "visit": 2}) == [f"{lacks} {misspelt}"]


def test_the_hint_names_the_value_that_is_wrong(problems_of):
    """Not what follows from it."""
    text = "recipe: x\nsteps:\n  a: {use: look, with: {way: left, lies: down}}\noutputs: {o: $a, twice: $exam.twice}"
    assert problems_of(text, REGISTRY, {"length": "long"}) == [
        "4:25 the exam is wrong: e1.length: must be a valid number (--set exam.length=... gives another, in mm)"
    ]
