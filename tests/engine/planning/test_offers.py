"""What could be wired where something is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import pytest

from foveola import Micrometres, Millimetres, Output, Pixels, UnitBy, operation
from foveola.testing import closed_registry


class Halves(Output):
    """Two numbers."""

    superior: Micrometres | None = None
    inferior: Micrometres | None = None
    width: Millimetres = 0.0
    across: Pixels = 0.0
    count: int = 0
    either: Annotated[float, UnitBy("real", {True: "mm", False: "px"})] = 0.0


class Stage(Output):
    """A stage."""

    given: Mapping[str, Any]


@operation("halve")
def halve(*, real: bool = False) -> Halves:
    """Halve."""
    return Halves(count=int(real))


@operation("stage")
def stage(superior_thickness: Micrometres, inferior_thickness: Micrometres) -> Stage:
    """Stage."""
    return Stage(given=locals())


@operation("number")
def number(count: int, spare: float = 0.0) -> Stage:
    """Count."""
    return Stage(given=locals())


@operation("word")
def word(name: str) -> Stage:
    """Name."""
    return Stage(given=locals())


@operation("grow")
def grow(width: Millimetres) -> Halves:
    """Grow."""
    return Halves(width=width)


REGISTRY = closed_registry([halve, stage, number, word, grow])


def hints_of(problems: list[str]) -> list[str]:
    """The hints alone."""
    return [one.rpartition(" (")[2].rstrip(")") for one in problems]


@pytest.mark.parametrize(
    ("step", "hints"),
    [
        pytest.param(
            "use: stage",
            ["wire $h.superior or $h.inferior or $h.width", "wire $h.inferior or $h.superior or $h.width"],
            id="of its type and unit, the likeliest first",
        ),
        pytest.param("use: number", ["wire $h.count"], id="a whole number"),
        pytest.param("use: word", ["give it in `with` or `context`, or --set exam.name=..."], id="nothing that fits"),
        pytest.param(
            "use: stage, with: {superior_thickness: $h.across, inferior_thickness: 5}",
            ["superior_thickness can take $h.superior or $h.inferior or $h.width"],
            id="in the place of another unit",
        ),
        pytest.param(
            "use: stage, with: {superior_thickness: $upper, inferior_thickness: 5}",
            ["superior_thickness can take $h.superior or $h.inferior or $h.width"],
            id="in the place of a name that is none",
        ),
    ],
)
def test_outputs_that_have_the_type_are_offered(problems_of, step, hints):
    """Where something is missing, wrong or leads nowhere."""
    text = f"recipe: x\nsteps:\n  h: {{use: halve}}\n  s: {{{step}}}\noutputs: {{o: $s}}"
    assert hints_of(problems_of(text, REGISTRY)) == hints


def test_inputs_are_offered_too(problems_of):
    """But not those that could be anything."""
    text = "recipe: x\ninputs: {label: str}\nsteps:\n  s: {use: word}\noutputs: {o: $s}"
    assert hints_of(problems_of(text, REGISTRY)) == ["wire $label"]


def test_what_needs_the_step_itself_is_not_offered(problems_of):
    """It would run in a circle."""
    text = (
        "recipe: x\nsteps:\n  first: {use: grow}\n  second: {use: grow, with: {width: $first.width}}\n"
        "  beside: {use: halve, with: {real: true}}\noutputs: {o: $second}"
    )
    assert hints_of(problems_of(text, REGISTRY)) == ["wire $beside.width or $beside.either or $beside.superior"]


def test_a_decided_unit_is_offered_where_it_was_decided_so(problems_of):
    """In px it is no width."""
    text = "recipe: x\nsteps:\n  h: {use: halve}\n  s: {use: grow}\noutputs: {o: $s}"
    assert hints_of(problems_of(text, REGISTRY)) == ["wire $h.width or $h.superior or $h.inferior"]


def test_context_that_leads_nowhere_is_told_what_its_steps_can_take(problems_of):
    """By the first that has such a parameter."""
    text = "recipe: x\ncontext: {width: $zzz}\nsteps:\n  h: {use: halve}\n  s: {use: grow}\noutputs: {o: $s}"
    assert problems_of(text, REGISTRY) == [
        "2:18 no input or step is called 'zzz' (width can take $h.width or $h.superior or $h.inferior)"
    ]
