"""The Python interface: `foveola.call`, `foveola.check`, `foveola.plan`, `foveola.run`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from foveola.errors import InputError, RecipeError, UnknownNameError
from foveola.exams import Exam
from foveola.planning.plan import Plan
from foveola.planning.planner import make_plan
from foveola.readers import read_exam
from foveola.recipes.model import Recipe
from foveola.recipes.reader import read_recipe
from foveola.recipes.settings import apply_settings
from foveola.registry import Registry
from foveola.surfaces.report.notebook import teach_plans, teach_results

if TYPE_CHECKING:
    from foveola.running.executor import Listener
    from foveola.running.memo import Memo
    from foveola.running.results import Result, StepResult

AnyRecipe = str | Path | Recipe
AnyExam = str | Path | Mapping[str, Any] | Exam

teach_plans()


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


def check(
    recipe: AnyRecipe,
    exam: AnyExam | None = None,
    *,
    settings: Mapping[str, Any] | None = None,
    registry: Registry | None = None,
) -> list[dict[str, Any]]:
    """Everything that can be known of a recipe without computing.

    Args:
        recipe: a shipped recipe's name, a path, or a recipe.
        exam: the exam that it is to run on; a path, or named values.
        settings: values set from outside, by `STEP.PARAMETER`, `context.NAME` or `exam.NAME`; a text is read as a
            recipe would read it.
        registry: what there is to use; all that is installed if None.

    Returns:
        What is wrong, each with file, message, hint and range, as `foveola check --json` prints it.

    Raises:
        FoveolaError: there is no such recipe, or the exam cannot be read.
    """
    try:
        plan(recipe, exam, settings=settings, registry=registry)
    except RecipeError as error:
        return [error.source.as_json(problem) for problem in error.problems]
    return []


def plan(
    recipe: AnyRecipe,
    exam: AnyExam | None = None,
    *,
    settings: Mapping[str, Any] | None = None,
    only: Iterable[str] | None = None,
    registry: Registry | None = None,
) -> Plan:
    """Plan a recipe: its steps as a checked graph, nothing computed.

    Args:
        recipe: a shipped recipe's name, a path, or a recipe.
        exam: the exam that it is to run on; a path, or named values.
        settings: values set from outside, by `STEP.PARAMETER`, `context.NAME` or `exam.NAME`; a text is read as a
            recipe would read it.
        only: the outputs that are wanted; all if None.
        registry: what there is to use; all that is installed if None.

    Raises:
        RecipeError: with everything that is wrong.
    """
    registry = registry or Registry.installed()
    if exam is not None:
        read, loaded = set_up(recipe, exam, settings or {}, registry)
        return make_plan(read, registry, loaded, only)
    read, values = apply_settings(load_recipe(recipe, registry), settings or {}, registry.exam_type.declared())
    for name in values:
        raise InputError(f"--set exam.{name}", "there is no exam to set it in")
    return make_plan(read, registry, None, only)


def run(
    recipe: AnyRecipe,
    exam: AnyExam,
    *,
    settings: Mapping[str, Any] | None = None,
    only: Iterable[str] | None = None,
    memo: Memo | Literal["store"] | None = "store",
    listener: Listener | None = None,
    registry: Registry | None = None,
) -> Result:
    """Run a recipe on an exam.

    Args:
        recipe: a shipped recipe's name, a path, or a recipe.
        exam: a path, or named values.
        settings: values set from outside, by `STEP.PARAMETER`, `context.NAME` or `exam.NAME`; a text is read as a
            recipe would read it.
        only: the outputs that are wanted; all if None.
        memo: where intermediates are remembered: the store that all runs share, another memo, or None for nowhere.
        listener: hears of each step as it ends.
        registry: what there is to use; all that is installed if None.

    Returns:
        The outputs, and what became of each step.

    Raises:
        RecipeError: the recipe is wrong, or does not fit the exam: nothing ran.
        ExamError: the exam cannot be read.
    """
    from foveola.running.executor import execute  # noqa: PLC0415  `foveola check` runs nothing
    from foveola.running.memo import StoreMemo  # noqa: PLC0415  likewise
    from foveola.running.store import Store  # noqa: PLC0415  likewise

    teach_results()
    registry = registry or Registry.installed()
    read, loaded = set_up(recipe, exam, settings or {}, registry)
    planned = make_plan(read, registry, loaded, only)
    result = execute(
        planned, loaded, StoreMemo(Store()) if memo == "store" else memo, telling_plugins(registry, listener)
    )
    return replace(result, exam_path=Path(exam)) if isinstance(exam, str | Path) else result


def set_up(recipe: AnyRecipe, exam: AnyExam, settings: Mapping[str, Any], registry: Registry) -> tuple[Recipe, Exam]:
    """A recipe and an exam, both with what is set from outside.

    Raises:
        FoveolaError: one of them cannot be read, or a setting fits neither.
    """
    read, values = apply_settings(load_recipe(recipe, registry), settings, registry.exam_type.declared())
    return read, load_exam(exam, registry, values)


def load_recipe(recipe: AnyRecipe, registry: Registry) -> Recipe:
    """A recipe by its path or by a shipped name.

    Raises:
        UnknownNameError: no shipped recipe is called so.
        InputError: no file lies there, or it cannot be read.
        RecipeError: no recipe can be made of it.
    """
    if isinstance(recipe, Recipe):
        return recipe
    path = Path(recipe)
    try:
        if path.is_file():
            return read_recipe(path)
        if str(recipe) in registry.recipes:
            return read_recipe(registry.recipes[str(recipe)])
    except (OSError, ValueError) as error:  # ValueError: a path with a null character
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(str(path), f"the recipe cannot be read: {reason}") from error
    if path.suffix in {".yaml", ".yml"} or len(path.parts) > 1:
        raise InputError(str(path), "there is no such recipe file")
    raise UnknownNameError("recipe", str(recipe), registry.recipes)


def load_exam(exam: AnyExam, registry: Registry, values: Mapping[str, Any] | None = None) -> Exam:
    """An exam by its path or from named values, with other values for some names.

    Raises:
        ExamError: it cannot be read.
    """
    if isinstance(exam, Exam):
        loaded = exam
    elif isinstance(exam, Mapping):
        loaded = registry.exam_type(exam)
    else:
        path = Path(exam)
        named = path if path.name not in {"", ".."} else path.resolve()  # results are called after it
        loaded = read_exam(named, registry.readers.values(), registry.exam_type)
    return loaded.replaced(values) if values else loaded


def telling_plugins(registry: Registry, listener: Listener | None) -> Listener | None:
    """A listener that tells plugins too of each step that ends. One that fails to hear of it is warned of."""
    hooks = registry.hooks
    if not hooks.hook.foveola_step_finished.get_hookimpls():
        return listener

    def heard(step: StepResult) -> None:
        if listener is not None:
            listener(step)
        hooks.ask_each(
            "foveola_step_finished", step=step.name, operation=step.use, state=step.state, seconds=step.seconds
        )

    return heard
