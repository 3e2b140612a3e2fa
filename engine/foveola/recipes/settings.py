"""`--set`: values of a recipe or an exam, given from outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from foveola.errors import InputError, UnknownNameError
from foveola.recipes.model import Constant, Named, Recipe
from foveola.recipes.reader import parse_value


def apply_settings(recipe: Recipe, settings: Mapping[str, str]) -> tuple[Recipe, dict[str, Any]]:
    """Set values in a recipe.

    Args:
        recipe: the recipe.
        settings: `STEP.PARAMETER`, `context.NAME` or `exam.NAME`, each with a value as a recipe would write it.

    Returns:
        The recipe with its settings, and the exam's.

    Raises:
        InputError: a setting is no such name, or gives the exam something that is not written out.
        UnknownNameError: a setting names neither a step nor `context` nor `exam`.
        RecipeError: a value cannot be read.
    """
    exam: dict[str, Any] = {}
    for target, text in settings.items():
        place, dot, name = target.partition(".")
        if not dot or not name:
            raise InputError(f"--set {target}", "takes STEP.PARAMETER=, context.NAME= or exam.NAME= and a value")
        value = parse_value(text, f"--set {target}")
        if place == "exam":
            if not isinstance(value, Constant):
                raise InputError(f"--set {target}", "takes a value that is written out, without references")
            exam[name] = value.value
        elif place == "context":
            recipe = recipe.with_context(Named(name, value.span, value))
        elif place in recipe.steps:
            recipe = recipe.with_argument(place, Named(name, value.span, value))
        else:
            raise UnknownNameError("step", place, ["exam", "context", *recipe.steps])
    return replace(recipe, settings={**recipe.settings, **settings}), exam
