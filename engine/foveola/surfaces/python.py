"""The Python interface: `foveola.call`, `foveola.check`, `foveola.plan`, `foveola.run`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from foveola.errors import ExamError, RecipeError, UnknownNameError
from foveola.exams import Exam
from foveola.planning.plan import Plan
from foveola.planning.planner import make_plan
from foveola.readers import read_exam
from foveola.recipes.model import Recipe
from foveola.recipes.reader import read_recipe
from foveola.recipes.settings import apply_settings
from foveola.registry import Registry
from foveola.running.executor import Listener, execute
from foveola.running.memo import Memo, MemoryMemo
from foveola.running.results import Result

AnyRecipe = str | Path | Recipe
AnyExam = str | Path | Mapping[str, Any] | Exam


def call(operation: str, /, **values: Any) -> Any:
    """Call one operation by the guide's flat names.

    Args:
        operation: its name.
        values: its parameters, lists or arrays; `include_extras=True` adds coverage, warnings and the like.

    Returns:
        The documented answer as plain Python values.

    Raises:
        FoveolaError: naming the field that is wrong.

    >>> call("get_distance_between_two_points", point_from=[0, 0], point_to=[30, 100],
    ...      pixel_spacing_column=0.01, pixel_spacing_row=0.004)
    {'distance': 0.5}
    """
    return Registry.installed().call(operation, values)


def check(recipe: AnyRecipe, exam: AnyExam | None = None, *, registry: Registry | None = None) -> list[dict[str, Any]]:
    """Everything that can be known of a recipe without computing.

    Args:
        recipe: a shipped recipe's name, a path, or a recipe.
        exam: the exam that it is to run on; a path, or named values.
        registry: what there is to use; all that is installed if None.

    Returns:
        What is wrong, each with file, message, hint and range, as `foveola check --json` prints it.
    """
    try:
        plan(recipe, exam, registry=registry)
    except RecipeError as error:
        return [error.source.as_json(problem) for problem in error.problems]
    return []


def plan(
    recipe: AnyRecipe,
    exam: AnyExam | None = None,
    *,
    settings: Mapping[str, str] | None = None,
    only: Iterable[str] | None = None,
    registry: Registry | None = None,
) -> Plan:
    """Plan a recipe: its steps as a checked graph, nothing computed.

    Args:
        recipe: a shipped recipe's name, a path, or a recipe.
        exam: the exam that it is to run on; a path, or named values.
        settings: values set from outside, by `STEP.PARAMETER`, `context.NAME` or `exam.NAME`.
        only: the outputs that are wanted; all if None.
        registry: what there is to use; all that is installed if None.

    Raises:
        RecipeError: with everything that is wrong.
    """
    registry = registry or Registry.installed()
    read, values = apply_settings(load_recipe(recipe, registry), settings or {})
    return make_plan(read, registry, None if exam is None else load_exam(exam, registry, values), only)


def run(
    recipe: AnyRecipe,
    exam: AnyExam,
    *,
    settings: Mapping[str, str] | None = None,
    only: Iterable[str] | None = None,
    memo: Memo | None = None,
    listener: Listener | None = None,
    registry: Registry | None = None,
) -> Result:
    """Run a recipe on an exam.

    Args:
        recipe: a shipped recipe's name, a path, or a recipe.
        exam: a path, or named values.
        settings: values set from outside, by `STEP.PARAMETER`, `context.NAME` or `exam.NAME`.
        only: the outputs that are wanted; all if None.
        memo: where intermediates are remembered; for this run alone if None.
        listener: hears of each step as it ends.
        registry: what there is to use; all that is installed if None.

    Returns:
        The outputs, and what became of each step.

    Raises:
        RecipeError: the recipe is wrong, or does not fit the exam: nothing ran.
        ExamError: the exam cannot be read.
    """
    registry = registry or Registry.installed()
    read, values = apply_settings(load_recipe(recipe, registry), settings or {})
    loaded = load_exam(exam, registry, values)
    planned = make_plan(read, registry, loaded, only)
    return execute(planned, loaded, MemoryMemo() if memo is None else memo, listener)


def load_recipe(recipe: AnyRecipe, registry: Registry) -> Recipe:
    """A recipe by a shipped name or by its path.

    Raises:
        UnknownNameError: no shipped recipe is called so, and no file lies there.
    """
    if isinstance(recipe, Recipe):
        return recipe
    path = Path(recipe)
    if path.is_file():
        return read_recipe(path)
    if str(recipe) in registry.recipes:
        return read_recipe(registry.recipes[str(recipe)])
    if path.suffix in {".yaml", ".yml"} or len(path.parts) > 1:
        raise ExamError(path, "there is no such recipe file")
    raise UnknownNameError("recipe", str(recipe), registry.recipes)


def load_exam(exam: AnyExam, registry: Registry, settings: Mapping[str, Any] | None = None) -> Exam:
    """An exam by its path or from named values, with some values set from outside."""
    if isinstance(exam, Exam):
        loaded = exam
    elif isinstance(exam, Mapping):
        loaded = registry.exam_type(exam)
    else:
        loaded = read_exam(Path(exam), registry.readers.values(), registry.exam_type)
    return loaded.replaced(settings) if settings else loaded
