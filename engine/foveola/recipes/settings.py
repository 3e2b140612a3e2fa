"""`--set`: values of a recipe or an exam, given from outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from foveola.diagnostics import did_you_mean
from foveola.errors import InputError, UnknownNameError
from foveola.recipes.model import Constant, Named, Recipe, written_value
from foveola.recipes.quantities import KNOWN_UNITS, UNITS, UnknownUnitError, parse_quantity
from foveola.recipes.reader import parse_value
from foveola.units import Unit, UnitBy, unit_of
from foveola.values import plain


def apply_settings(
    recipe: Recipe, settings: Mapping[str, Any], declared: Mapping[str, Any] | None = None
) -> tuple[Recipe, dict[str, Any]]:
    """Set values in a recipe.

    Args:
        recipe: the recipe.
        settings: `STEP.PARAMETER`, `context.NAME` or `exam.NAME`, each with a value, or the text that a recipe would
            write for it.
        declared: the types of the names that exams know, for their units.

    Returns:
        The recipe with its settings, and the exam's.

    Raises:
        InputError: a setting is no such name, or gives the exam something that is not written out or of another unit.
        UnknownNameError: a setting names neither a step nor `context` nor `exam`.
        RecipeError: a value cannot be read.
    """
    exam: dict[str, Any] = {}
    texts = {name: value if isinstance(value, str) else written_value(plain(value)) for name, value in settings.items()}
    for target, text in texts.items():
        place, dot, name = target.partition(".")
        if not dot or not name:
            raise InputError(f"--set {target}", "takes STEP.PARAMETER=, context.NAME= or exam.NAME= and a value")
        value = parse_value(text, f"--set {target}")
        if place == "exam":
            if not isinstance(value, Constant):
                raise InputError(f"--set {target}", "takes a value that is written out, without references")
            exam[name] = _in_unit(target, value.value, _unit(name, recipe, declared or {}))
        elif place == "context":
            recipe = recipe.with_context(Named(name, value.span, value))
        elif place in recipe.steps:
            recipe = recipe.with_argument(place, Named(name, value.span, value))
        else:
            raise UnknownNameError("step", place, ["exam", "context", *recipe.steps])
    return replace(recipe, settings={**recipe.settings, **texts}), exam


def _unit(name: str, recipe: Recipe, declared: Mapping[str, Any]) -> Unit | UnitBy | None:
    """The unit that the exam has a value in."""
    if name in declared:
        return unit_of(declared[name])
    unit = recipe.inputs[name].unit if name in recipe.inputs else None
    return None if unit is None else Unit(unit)


def _in_unit(target: str, value: Any, unit: Unit | UnitBy | None) -> Any:
    """A value for the exam, `250 µm` as a number in the unit that the exam has it in."""
    if not (isinstance(value, str) and isinstance(unit, Unit)):
        return value
    try:
        quantity = parse_quantity(value)
    except UnknownUnitError as error:
        hint = did_you_mean(error.unit, UNITS) or KNOWN_UNITS
        raise InputError(f"--set {target}", f"{error}; {hint}") from None
    if quantity is None:
        return value
    number = quantity.value_in(unit)
    if number is None:
        raise InputError(f"--set {target}", f"is in {unit}; {value} is not")
    return number
