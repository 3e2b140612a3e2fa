"""The schema of recipes: editors complete what is there and mark what is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import pytest
import yaml
from pydantic import Field

from foveola import Micrometres, Millimetres, Output, PluginError, Record, operation
from foveola.registry import Registry
from foveola.surfaces.schema import recipe_schema
from foveola.testing import closed_registry
from foveola.values import json_bytes


class Ring(Record):
    """A type that a plugin brings."""

    radius: float


class Mean(Output):
    """A mean."""

    mean: Micrometres


@operation("acme.measure")
def measure(
    zone: Annotated[Millimetres, Field(gt=0, description="Side of the square.")],
    coverage: Literal["area", "center"] | None = "area",
    *,
    use_real_units: bool = True,
) -> Mean:
    """Measure a zone."""


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """The schema of what this module holds, as an editor reads it."""
    return json.loads(json_bytes(recipe_schema(closed_registry([measure], {"Ring": Ring}))))


GOOD = """
recipe: macula
about: What it is for
inputs:
  pitch: float
  ring: {type: Ring, about: Where it lies}
  zone: {type: float, default: 6 mm}
context: {zone: 6 mm, use_real_units: $pitch}
steps:
  one:
    use: acme.measure
    when: {$pitch: [1, 2], $ring.radius: {not: 0}, $zone: null}
    foreach: $exam.layers
    with: {zone: 3, coverage: null}
  two:
    use: acme.measure
    with:
      coverage: $one.mean
      use_real_units: true
  three: {use: ./other.yaml, with: {anything: 1}}
  four: {use: acme.measure, with: }
outputs:
  mean: $one.mean
  both: [$one, {two: $two}]
"""


def refused(text: str, schema: dict[str, Any]) -> list[str]:
    """The places of a recipe that the schema refuses."""
    return sorted({".".join(place) for place in _refused(yaml.safe_load(text), schema, schema, ())})


def _refused(
    value: Any, schema: dict[str, Any], whole: dict[str, Any], place: tuple[str, ...]
) -> Iterator[tuple[str, ...]]:
    """The part of JSON Schema that our schema uses; what it does not know, it does not let pass."""
    unknown = schema.keys() - KNOWN
    assert not unknown, unknown
    if "$ref" in schema:
        yield from _refused(value, whole["$defs"][schema["$ref"].removeprefix("#/$defs/")], whole, place)
    types = schema.get("type", [])
    kinds = [types] if isinstance(types, str) else types
    wrong = bool(kinds) and not any(KINDS[kind](value) for kind in kinds)
    wrong |= "const" in schema and value != schema["const"]
    wrong |= "enum" in schema and value not in schema["enum"]
    wrong |= "pattern" in schema and isinstance(value, str) and not re.search(schema["pattern"], value)
    wrong |= "not" in schema and not any(_refused(value, schema["not"], whole, place))
    wrong |= "anyOf" in schema and all(any(_refused(value, one, whole, place)) for one in schema["anyOf"])
    if wrong:
        yield place
    for one in schema.get("allOf", []):
        if not any(_refused(value, one["if"], whole, place)):
            yield from _refused(value, one["then"], whole, place)
    for item in value if isinstance(value, list) else ():
        yield from _refused(item, schema.get("items", {}), whole, place)
    if isinstance(value, dict):
        yield from ((*place, name) for name in schema.get("required", []) if name not in value)
        properties, others = schema.get("properties", {}), schema.get("additionalProperties", {})
        for name, item in value.items():
            if any(_refused(name, schema.get("propertyNames", {}), whole, place)):
                yield (*place, name)
            inner = properties.get(name, others)
            if inner is False:
                yield (*place, name)
            else:
                yield from _refused(item, inner, whole, (*place, name))


KNOWN = {
    "$schema",
    "title",
    "description",
    "default",
    "$defs",
    "$ref",
    "type",
    "const",
    "enum",
    "pattern",
    "not",
    "anyOf",
    "allOf",
    "if",
    "then",
    "items",
    "required",
    "properties",
    "additionalProperties",
    "propertyNames",
}
KINDS = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "null": lambda value: value is None,
}


BAD = [
    pytest.param("about: What", "abuot: What", ["abuot"], id="an unknown word"),
    pytest.param("recipe: macula\n", "", ["recipe"], id="no name"),
    pytest.param("pitch: float", "pitch: flaot", ["inputs.pitch"], id="an unknown type"),
    pytest.param("ring: {type: Ring, about: Where it lies}", "ring: {about: Where}", ["inputs.ring"], id="no type"),
    pytest.param("  pitch: float", "  exam: float", ["inputs.exam"], id="a name that means something else"),
    pytest.param("  two:", "  2nd:", ["steps.2nd"], id="a name that begins with a digit"),
    pytest.param(
        "use: acme.measure\n    when", "use: acme.mesure\n    when", ["steps.one.use"], id="no such operation"
    ),
    pytest.param("    use: acme.measure\n    with:", "    with:", ["steps.two.use"], id="nothing to use"),
    pytest.param("foreach:", "for:", ["steps.one.for"], id="an unknown word of a step"),
    pytest.param("{zone: 3,", "{zoen: 3,", ["steps.one.with.zoen"], id="no such parameter"),
    pytest.param("coverage: null", "coverage: areas", ["steps.one.with.coverage"], id="no such choice"),
    pytest.param("use_real_units: true", "use_real_units: 3", ["steps.two.with.use_real_units"], id="no switch"),
    pytest.param("{$pitch: [1, 2]", "{pitch: [1, 2]", ["steps.one.when.pitch"], id="a condition on no reference"),
    pytest.param("{not: 0}", "{is: 0}", ["steps.one.when.$ring.radius"], id="a condition that is none"),
    pytest.param("[1, 2]", "[[1], 2]", ["steps.one.when.$pitch"], id="a condition with a list in a list"),
]


def test_a_good_recipe_is_taken(schema):
    """Every word of the language may be written."""
    assert refused(GOOD, schema) == []


@pytest.mark.parametrize(("good", "bad", "places"), BAD)
def test_a_bad_recipe_is_refused_where_it_is_bad(schema, good, bad, places):
    """A slip is marked in its place, and nothing else is."""
    assert GOOD.count(good) == 1
    assert refused(GOOD.replace(good, bad), schema) == places


@pytest.mark.parametrize("name", Registry.installed().recipes)
def test_a_shipped_recipe_is_taken(name):
    """What is installed allows what is shipped with it."""
    text = Registry.installed().recipes[name].read_text(encoding="utf-8")
    assert refused(text, json.loads(json_bytes(recipe_schema(Registry.installed())))) == []


def test_the_schema_is_one_by_the_rules(schema):
    """What `jsonschema` says of it, where it is installed."""
    jsonschema = pytest.importorskip("jsonschema")
    validator = jsonschema.Draft202012Validator
    validator.check_schema(schema)
    assert validator(schema).is_valid(yaml.safe_load(GOOD))
    for case in BAD:
        good, bad, _ = case.values
        assert not validator(schema).is_valid(yaml.safe_load(GOOD.replace(good, bad)))


def test_a_parameter_is_explained_where_it_is_written(schema):
    """Description, unit, range and default show up in the editor."""
    properties = schema["$defs"]["acme.measure"]["properties"]
    assert properties["zone"] == {"description": "Side of the square. Unit: mm. Range: > 0."}
    assert properties["coverage"] == {
        "description": "",
        "anyOf": [{"enum": ["area", "center", None]}, {"$ref": "#/$defs/reference"}],
        "default": "area",
    }


def test_operations_types_and_recipes_are_offered(install, tmp_path):
    """What is installed is completed: names with what they are for."""
    (tmp_path / "macula.yaml").write_text("recipe: macula")
    points = install("acme", "acme_recipes", f"RECIPES = {str(tmp_path)!r}", recipes={"acme": "acme_recipes:RECIPES"})
    offered = recipe_schema(Registry(points, [measure]))
    use = offered["properties"]["steps"]["additionalProperties"]["properties"]["use"]["anyOf"]
    assert [one["const"] for one in use[:-1]] == ["acme.measure", "macula"]
    assert use[0]["description"] == "Measure a zone."
    assert offered["properties"]["inputs"]["additionalProperties"]["anyOf"][0]["enum"] == [
        "Exam",
        "bool",
        "float",
        "int",
        "str",
    ]


def test_a_broken_plugin_does_not_take_the_schema_with_it(install):
    """Its operation is left out; the others are there."""
    registry = Registry(install("acme", "acme_broken", "1 / 0", operations={"broken": "acme_broken:broken"}), [measure])
    with pytest.raises(PluginError):
        registry.operation("broken")
    assert list(recipe_schema(registry)["$defs"]) == ["reference", "acme.measure"]
