"""Recipes planned: all that is wrong at once, what is computed, and in which order."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import pytest

from foveola import Array, Exam, Millimetres, Output, RecipeError, Unit, UnknownNameError, operation
from foveola.planning.planner import make_plan
from foveola.recipes.model import written
from foveola.recipes.reader import parse_recipe
from foveola.testing import closed_registry

PixelMap = Annotated[np.ndarray, Array("rows", "columns"), Unit("px")]
MicrometreMap = Annotated[np.ndarray, Array("rows", "columns"), Unit("µm")]


class Fovea(Output):
    """Where it is."""

    status: Literal["found", "not_found"]
    x: float = 0.0


class Maps(Output):
    """Maps."""

    map: PixelMap
    depth: MicrometreMap
    width: Millimetres = 0.0


class Number(Output):
    """A number."""

    value: float


@operation("find_fovea")
def find_fovea(threshold: float = 0.5) -> Fovea:
    """Find it."""
    return Fovea(status="found", x=threshold)


@operation("make_maps")
def make_maps(center: float = 0.0, zone: Millimetres = 6.0) -> Maps:
    """Make maps."""
    grid = np.full((2, 2), center)
    return Maps(map=grid, depth=grid, width=zone)


@operation("average")
def average(thickness: MicrometreMap) -> Number:
    """Average a map."""
    return Number(value=float(thickness.mean()))


@operation("add")
def add(value: float, more: float = 1.0) -> Number:
    """Add."""
    return Number(value=value + more)


class Scan(Exam):
    """An exam of one eye."""

    laterality: Literal["L", "R"]
    slice_thickness: Millimetres
    pitch: Millimetres


OPERATIONS = [find_fovea, make_maps, average, add]
REGISTRY = closed_registry(OPERATIONS, {"Exam": Scan})


def test_five_mistakes_are_told_at_once_with_their_places():
    """Each with its line, a caret and what to do next; nothing is told of what follows from them."""
    text = """\
recipe: mistakes
context:
  zone: 6 px
steps:
  fovea: {use: find_fovae}
  maps:
    use: make_maps
    wtih: {center: 0.5}
    when: {$exam.laterality: right}
  thickness:
    use: average
    with: {thickness: $maps.map}
  after:
    use: average
    with: {thickness: $fovea.map}
outputs: {mean: $thicknes.value}
"""
    with pytest.raises(RecipeError) as caught:
        make_plan(parse_recipe(text, "mistakes.yaml"), REGISTRY)
    assert str(caught.value) == (
        "mistakes.yaml:3:9: zone is in mm; 6 px is not\n"
        "   3 |   zone: 6 px\n"
        "               ^\n\n"
        "mistakes.yaml:5:16: no operation is called 'find_fovae'\n"
        "   5 |   fovea: {use: find_fovae}\n"
        "                      ^\n"
        "hint: did you mean 'find_fovea'?\n\n"
        "mistakes.yaml:8:5: the step 'maps' has no key 'wtih'\n"
        "   8 |     wtih: {center: 0.5}\n"
        "           ^\n"
        "hint: did you mean 'with'?\n\n"
        "mistakes.yaml:9:30: $exam.laterality is never 'right'\n"
        "   9 |     when: {$exam.laterality: right}\n"
        "                                    ^\n"
        "hint: it can be L, R\n\n"
        "mistakes.yaml:12:23: thickness is in µm; $maps.map is in px, which never becomes µm\n"
        "  12 |     with: {thickness: $maps.map}\n"
        "                             ^\n"
        "hint: thickness can take $maps.depth\n\n"
        "mistakes.yaml:16:17: no input or step is called 'thicknes'\n"
        "  16 | outputs: {mean: $thicknes.value}\n"
        "                       ^\n"
        "hint: did you mean 'thickness'?"
    )


@pytest.mark.parametrize(
    ("use", "problem"),
    [
        pytest.param("avearge", "no operation is called 'avearge' (did you mean 'average'?)", id="near"),
        pytest.param("segment", "no operation is called 'segment'", id="far"),
    ],
)
def test_an_operation_that_is_none_is_refused(problems_of, use, problem):
    """With the nearest right name."""
    text = f"recipe: x\nsteps:\n  a: {{use: {use}}}\noutputs: {{o: $a}}"
    assert problems_of(text, REGISTRY) == [f"3:12 {problem}"]


def test_a_plugin_that_is_broken_is_told_at_the_step_that_uses_it(problems_of):
    """With its name and what is wrong with it."""

    @operation("broken")
    def broken(value: float):
        """Say no type."""
        return value

    registry = closed_registry([broken, add])
    text = "recipe: x\nsteps:\n  a: {use: broken}\n  b: {use: ad}\noutputs: {o: $a.x}"
    first, second = problems_of(text, registry)
    assert first.startswith("3:12 plugin 'broken' of ")
    assert first.endswith("cannot be used: its signature does not say which Output it returns")
    assert second == "4:12 no operation is called 'ad' (did you mean 'add'?)"


@pytest.mark.parametrize(
    ("steps", "problem"),
    [
        pytest.param(
            "a: {use: add, with: {value: $b.value}}\n  b: {use: add, with: {value: $a.value}}",
            "3:3 these steps wait for one another: 'a' needs 'b' needs 'a'",
            id="of two",
        ),
        pytest.param(
            "a: {use: add, with: {value: $c.value}}\n  b: {use: add, with: {value: $a.value}}\n"
            "  c: {use: add, with: {value: $b.value}}",
            "3:3 these steps wait for one another: 'a' needs 'c' needs 'b' needs 'a'",
            id="of three",
        ),
        pytest.param(
            "a: {use: add, with: {value: $a.value}}",
            "3:3 these steps wait for one another: 'a' needs 'a'",
            id="of one",
        ),
        pytest.param(
            "a: {use: add, with: {value: 1}, when: {$b.value: 1}}\n  b: {use: add, with: {value: $a.value}}",
            "3:3 these steps wait for one another: 'a' needs 'b' needs 'a'",
            id="by a condition",
        ),
    ],
)
def test_a_circle_is_shown_as_a_path(problems_of, steps, problem):
    """Each step of it needs the next."""
    assert problems_of(f"recipe: x\nsteps:\n  {steps}\noutputs: {{o: $a.value}}", REGISTRY) == [problem]


def test_a_circle_hides_nothing(problems_of):
    """What is wrong beside it is told too."""
    text = (
        "recipe: x\ncontext: {more: $b.value}\nsteps:\n  a: {use: add, with: {value: wide}}\n"
        "  b: {use: add, with: {value: 1}}\noutputs: {o: $a.valeu}"
    )
    assert problems_of(text, REGISTRY) == [
        "4:31 value: must be a valid number",
        "5:3 these steps wait for one another: 'b' needs 'b'",
        "6:14 $a (Number) has no part 'valeu' (did you mean 'value'?)",
    ]


CHAIN = """
recipe: chain
steps:
  last: {use: add, with: {value: $middle.value}}
  aside: {use: add, with: {value: $first.value}}
  middle: {use: add, with: {value: $first.value}}
  first: {use: add, with: {value: 1}}
outputs: {end: $last.value, aside: $aside.value, list: [$middle.value, {deep: $first.value}], five: 5}
"""


@pytest.mark.parametrize(
    ("only", "steps", "unneeded"),
    [
        pytest.param(None, ["first", "aside", "middle", "last"], [], id="all"),
        pytest.param(["end"], ["first", "middle", "last"], ["aside"], id="one"),
        pytest.param(["aside"], ["first", "aside"], ["last", "middle"], id="another"),
        pytest.param(["list"], ["first", "middle"], ["last", "aside"], id="references in lists and maps"),
        pytest.param(["five"], [], ["last", "aside", "middle", "first"], id="none"),
        pytest.param(["aside", "end"], ["first", "aside", "middle", "last"], [], id="two"),
    ],
)
def test_outputs_decide_what_is_computed(planned, only, steps, unneeded):
    """In the order in which it can be; what no output needs does not run."""
    plan = planned(CHAIN, REGISTRY, only=only)
    assert list(plan.steps) == steps
    assert list(plan.unneeded) == unneeded
    assert list(plan.outputs) == (only or ["end", "aside", "list", "five"])


def test_an_output_that_is_none_is_refused(planned):
    """With the nearest right name."""
    with pytest.raises(UnknownNameError, match="no output is called 'ende': did you mean 'end'"):
        planned(CHAIN, REGISTRY, only=["ende"])


def test_the_order_of_the_steps_does_not_matter(planned):
    """The same steps are wired the same way."""
    head, *steps = CHAIN.strip().split("\n  ")
    *rest, last = steps
    last, _, outputs = last.partition("\n")
    turned = "\n  ".join([head, *reversed([*rest, last])]) + "\n" + outputs
    one, other = planned(CHAIN, REGISTRY), planned(turned, REGISTRY)
    assert set(one.steps) == set(other.steps)
    for name, step in one.steps.items():
        assert {key: written(binding.expression) for key, binding in step.bindings.items() if binding.expression} == {
            key: written(binding.expression)
            for key, binding in other.steps[name].bindings.items()
            if binding.expression
        }


def test_a_thousand_steps_are_planned_without_a_thousand_squared():
    """Twice the steps take about twice the comparisons."""
    counted = 0

    class Counting(str):
        """A name that counts how often it is compared."""

        __slots__ = ()

        def __eq__(self, other):
            nonlocal counted
            counted += 1
            return str.__eq__(self, other)

        __hash__ = str.__hash__

    def comparisons(steps: int) -> int:
        nonlocal counted
        lines = [f"  s{k}: {{use: add, with: {{value: {f'$s{k - 1}.value' if k else 1}}}}}" for k in range(steps)]
        outputs = ", ".join(f"o{k}: $s{k}.value" for k in range(steps))
        recipe = parse_recipe("\n".join(["recipe: x", "steps:", *lines, f"outputs: {{{outputs}}}"]))
        counting = {Counting(name): step for name, step in recipe.steps.items()}
        object.__setattr__(recipe, "steps", counting)
        counted = 0
        assert len(make_plan(recipe, REGISTRY).steps) == steps
        return counted

    assert comparisons(400) < 3 * comparisons(200)
