"""A JSON Schema of recipes, made from what is installed: editors complete names and mark wrong keys by it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from foveola.errors import RecipeError
from foveola.recipes.model import EXAM
from foveola.recipes.reader import NAME, PART, RESERVED, read_recipe
from foveola.registry import Registry
from foveola.surfaces.describe import describe

SCHEMA = "https://json-schema.org/draft/2020-12/schema"
WHOLE_NAME = f"^{NAME}$"
SCALAR = {"not": {"type": ["object", "array"]}}
VALUES = {"anyOf": [SCALAR, {"type": "array", "items": SCALAR}]}
REFERENCE = rf"^\${NAME}(\.{PART})*$"


def recipe_schema(registry: Registry) -> dict[str, Any]:
    """The schema of a recipe that uses what a registry holds."""
    operations = [describe(one) for one in registry.usable_operations()]
    recipes = [_recipe(name, path) for name, path in registry.recipes.items()]
    named = {"propertyNames": {"pattern": WHOLE_NAME}, "type": ["object", "null"]}
    unique = {**named, "propertyNames": {"pattern": WHOLE_NAME, "not": {"enum": list(RESERVED)}}}
    return {
        "$schema": SCHEMA,
        "title": "A foveola recipe",
        "type": "object",
        "additionalProperties": False,
        "required": ["recipe", "steps", "outputs"],
        "properties": {
            "recipe": {"type": "string", "description": "What the recipe is called."},
            "about": {"type": "string", "description": "What it is for."},
            "inputs": {**unique, "description": "What the exam must offer.", "additionalProperties": _input(registry)},
            "context": {**named, "description": "Offered by name to every step that has such a parameter."},
            "steps": {**unique, "additionalProperties": _step(operations, recipes)},
            "outputs": {**named, "description": "What is asked for; decides what is computed."},
        },
        "$defs": {
            "reference": {"type": "string", "pattern": REFERENCE},
            **{one["name"]: _arguments(one) for one in operations},
            **{_inputs_of(one): _arguments(one) for one in recipes if one["parameters"]},
        },
    }


def _input(registry: Registry) -> dict[str, Any]:
    types = {"enum": registry.type_names, "description": "The type of the value."}
    fields = {"type": types, "default": {}, "about": {"type": "string"}}
    return {"anyOf": [types, {"required": ["type"], **_only(fields)}]}


def _step(operations: list[dict[str, Any]], recipes: list[dict[str, Any]]) -> dict[str, Any]:
    uses = [{"const": one["name"], "description": one["about"]} for one in (*operations, *recipes)]
    definitions = [(one["name"], one["name"]) for one in operations]
    definitions += [(one["name"], _inputs_of(one)) for one in recipes if one["parameters"]]
    path = {"type": "string", "pattern": r"\.ya?ml$", "description": "Another recipe, by its path."}
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["use"],
        "properties": {
            "use": {"description": "The operation, or the recipe, that the step runs.", "anyOf": [*uses, path]},
            "with": {"type": ["object", "null"], "description": "Its parameters."},
            "when": {
                "type": "object",
                "description": "What references must be for the step to run.",
                "propertyNames": {"$ref": "#/$defs/reference"},
                "additionalProperties": {"anyOf": [VALUES, {"required": ["not"], **_only({"not": VALUES})}]},
            },
            "foreach": {"description": "A list or a map; the step runs for each item ($item, $key)."},
        },
        "allOf": [
            {
                "if": {"required": ["use"], "properties": {"use": {"const": name}}},
                "then": {"properties": {"with": {"$ref": f"#/$defs/{definition}"}}},
            }
            for name, definition in definitions
        ],
    }


def _recipe(name: str, path: Path) -> dict[str, Any]:
    """A shipped recipe as a step sees it: its inputs, and the exam that it may run on, are its parameters."""
    try:
        recipe = read_recipe(path)
    except (OSError, RecipeError):  # whoever runs it is told
        return {"name": name, "about": f"The shipped recipe {name}.", "parameters": []}
    inputs = [_parameter(one.name, f"{one.type_name}. {one.about}".strip()) for one in recipe.inputs.values()]
    exam = _parameter(EXAM, "Exam. Another exam to run on, instead of the one that the outer recipe runs on.")
    return {"name": name, "about": recipe.about, "parameters": [*inputs, exam]}


def _parameter(name: str, description: str) -> dict[str, Any]:
    return {
        "name": name,
        "description": description,
        "unit": None,
        "range": None,
        "choices": None,
        "required": True,
    }


def _inputs_of(recipe: dict[str, Any]) -> str:
    return f"inputs-of-{recipe['name']}"


def _arguments(operation: dict[str, Any]) -> dict[str, Any]:
    return {**_only({one["name"]: _argument(one) for one in operation["parameters"]}), "type": ["object", "null"]}


def _only(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _argument(parameter: dict[str, Any]) -> dict[str, Any]:
    words = [parameter["description"]]
    if parameter["unit"]:
        words.append(f"Unit: {parameter['unit']}.")
    if parameter["range"]:
        words.append(f"Range: {parameter['range']}.")
    schema: dict[str, Any] = {"description": " ".join(words)}
    if parameter["choices"] is not None:
        choices = [*parameter["choices"], *([None] if parameter["nullable"] else [])]
        schema["anyOf"] = [{"enum": choices}, {"$ref": "#/$defs/reference"}]
    if not parameter["required"]:
        schema["default"] = parameter["default"]
    return schema
