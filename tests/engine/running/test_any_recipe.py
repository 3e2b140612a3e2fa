"""Any recipe is refused with its problems, or runs: what was checked never fails for its wiring."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foveola import Exam, InputError, Micrometres, Millimetres, Output, Pixels, RecipeError, operation
from foveola.planning.planner import make_plan
from foveola.recipes.reader import parse_recipe
from foveola.running.executor import execute
from foveola.testing import closed_registry
from foveola.values import json_bytes


class Size(Output):
    """Sizes."""

    status: Literal["small", "large"]
    mm: Millimetres
    um: Micrometres | None
    px: Pixels
    listed: tuple[Millimetres | None, ...]
    named: Mapping[str, Millimetres]


@operation("measure")
def measure(mm: Millimetres = 1.0, word: Literal["small", "large"] = "small") -> Size:
    """Measure."""
    listed, named = (mm, None), {"a": mm, "b": 2 * mm}
    return Size(status=word, mm=mm, um=None if mm > 3 else mm * 1000, px=mm, listed=listed, named=named)


@operation("thin")
def thin(um: Micrometres, listed: list[Micrometres] | None = None, named: Mapping[str, Pixels] | None = None) -> Size:
    """Thin."""
    some, more = tuple(listed or ()), dict(named or {})
    return Size(status="small", mm=um / 1000, um=um, px=um, listed=some, named=more)


class Scan(Exam):
    """An exam."""

    mm: Millimetres
    laterality: Literal["L", "R"]


REGISTRY = closed_registry([measure, thin], {"Exam": Scan})
EXAMS: list[dict[str, Any]] = [
    {},
    {"mm": 2.0, "laterality": "L", "more": {"mm": 5.0, "a": 1.0}, "list": [1.0, 2.0], "eye": {"mm": 1.0}},
    {"mm": 9.0, "more": {"mm": None}, "list": [], "number": 5.0},
]

ROOTS = st.sampled_from([*"abc", "exam", "item", "key", "number", "eye", "nobody"])
PARTS = st.sampled_from(["status", "mm", "um", "px", "listed", "named", "a", "0", "1", "more", "laterality", "nothing"])
REFERENCES = st.builds(lambda root, parts: ".".join([f"${root}", *parts]), ROOTS, st.lists(PARTS, max_size=2))
SCALARS = st.sampled_from(["1", "2.5", "null", "true", "large", "3 mm", "5 µm", "4 px", "$$x"])
VALUES = st.recursive(
    REFERENCES | SCALARS,
    lambda inner: (
        st.lists(inner, max_size=2).map(lambda items: f"[{', '.join(items)}]")
        | inner.map(lambda item: f"{{a: {item}}}")
        | st.tuples(inner, inner).map(lambda two: f"{{a: {two[0]}, b: {two[1]}}}")
    ),
    max_leaves=3,
)
LENGTHS = (
    "1",
    "3 mm",
    "5 µm",
    "$exam.mm",
    "$exam.more.mm",
    "$number",
    "$a.mm",
    "$b.um",
    "$item",
    "$eye.mm",
    "$c.named.a",
)
LISTS = "[1, 2 mm]", "$a.listed", "[$a.mm, $b.um]", "$exam.list", "[$item]"
MAPS = "{a: 1}", "$a.named", "{a: $a.px, b: $b.px}", "$b.px", "$c.named"
FITTING = {
    "mm": LENGTHS,
    "um": LENGTHS,
    "listed": LISTS,
    "named": MAPS,
    "word": ("small", "$a.status"),
}
LOOPS = (
    "[1, 2]",
    "{a: 1 mm, b: 5 µm}",
    "[small, large]",
    "$a.listed",
    "$a.named",
    "$exam.more",
    "$b.listed",
    "[$a.mm, 1]",
)
TESTS = "$a.status: large", "$exam.laterality: [L, null]", "$key: a", "$b.um: {not: null}", "$item: 1", "$number: null"


def mostly(fitting: tuple[str, ...]) -> st.SearchStrategy[str]:
    """What fits, now and then something else."""
    return st.integers(0, 12).flatmap(lambda chance: st.sampled_from(fitting) if chance else VALUES)


@st.composite
def any_step(draw: st.DrawFn) -> str:
    """A step, which may be right."""
    use = draw(st.sampled_from(["measure", "thin"]))
    names = {"measure": ["mm", "word"], "thin": ["listed", "named"]}[use]
    given_ = draw(st.sets(st.sampled_from(names))) | ({"um"} if use == "thin" else set())
    words = [
        f"use: {use}",
        f"with: {{{', '.join(f'{name}: {draw(mostly(FITTING[name]))}' for name in sorted(given_))}}}",
    ]
    if draw(st.integers(0, 2)) == 0:
        words.append(f"foreach: {draw(mostly(LOOPS))}")
    if draw(st.integers(0, 3)) == 0:
        words.append(f"when: {{{draw(st.sampled_from(TESTS))}}}")
    return ", ".join(words)


@pytest.mark.parametrize("exam", EXAMS, ids=["nothing", "much", "other"])
@given(
    steps=st.lists(any_step(), min_size=1, max_size=3),
    outputs=st.lists(mostly(("$a", "$b", "$c.mm", "[$a.um, $b.named]")), min_size=1, max_size=2),
    context=st.none() | mostly(LENGTHS),
)
@settings(max_examples=150, deadline=None)
def test_any_recipe_is_refused_or_runs(exam, steps, outputs, context):
    """On the exam that it was checked for, and on any other."""
    written = [f"  {name}: {{{step}}}" for name, step in zip("abc", steps, strict=False)]
    shown = ", ".join(f"o{number}: {output}" for number, output in enumerate(outputs))
    head = "recipe: any\ninputs: {number: {type: float, default: null}, eye: {type: Exam, default: null}}\n"
    middle = "steps:\n" if context is None else f"context: {{mm: {context}}}\nsteps:\n"
    recipe = parse_recipe("\n".join([head + middle + "\n".join(written), f"outputs: {{{shown}}}"]), "any.yaml")
    for known in (None, Scan(exam)):
        try:
            plan = make_plan(recipe, REGISTRY, known)
        except RecipeError as error:
            problems = [(problem.message, problem.span) for problem in error.problems]
            assert problems
            assert len(problems) == len(set(problems))
            continue
        assert str(plan)
        assert json_bytes(plan.as_json())
        result = _result(plan, Scan(exam))
        if result is not None:
            assert [step.reason for step in result.failed if "foreach" not in (step.reason or "")] == []
            assert json_bytes(result.as_json())


def _result(plan, exam):
    try:
        return execute(plan, exam)
    except InputError:  # an exam that the plan was not made for
        return None
