"""The OpenAPI document: every path, with units, shapes, ranges and examples; what is answered is what it says."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import jsonschema_rs
import numpy as np
import pytest
from pydantic import BeforeValidator, Field
from starlette.testclient import TestClient

from foveola import ABSENT_WHEN_NULL, EXTRA, Array, Millimetres, Output, Record
from foveola.registry import Registry
from foveola.surfaces.serve.schemas import answer_of, parameter_schema, schema_of

JSON = "application/json"
REGISTRY = Registry.installed()


@pytest.fixture(scope="module")
def document(installed: TestClient) -> dict[str, Any]:
    """The document of everything that is installed."""
    answer = installed.get("/openapi.json")
    assert answer.headers["content-type"] == JSON
    return dict(answer.json())


def test_everything_that_is_installed_is_in_it(document: dict[str, Any]) -> None:
    """Operations, recipes, and the service's own paths."""
    own = {"/health", "/metrics", "/openapi.json"}
    operations = {f"/{name}" for name in REGISTRY.operation_names}
    assert set(document["paths"]) == own | operations | {f"/recipes/{name}" for name in REGISTRY.recipes}


@pytest.mark.parametrize("name", REGISTRY.operation_names)
def test_an_example_is_as_the_document_says(installed: TestClient, document: dict[str, Any], name: str) -> None:
    """The example is a request by the schema, and its answer is one by the schema, with and without extras."""
    post = document["paths"][f"/{name}"]["post"]
    content = post["requestBody"]["content"][JSON]
    example = content["examples"]["documented"]["value"]
    assert jsonschema_rs.Draft202012Validator(content["schema"]).is_valid(example)
    answered = jsonschema_rs.Draft202012Validator(post["responses"]["200"]["content"][JSON]["schema"])
    for extras in (False, True):
        answer = installed.post(f"/{name}", json={**example, "include_extras": extras}).json()
        assert not [str(error) for error in answered.iter_errors(answer)]


def test_a_parameter_says_its_unit_shape_and_range(document: dict[str, Any]) -> None:
    """As the models do."""
    post = document["paths"]["/get_etdrs"]["post"]
    properties = post["requestBody"]["content"][JSON]["schema"]["properties"]
    assert properties["pixel_spacing_column"]["x-unit"] == "mm"
    assert "Unit: mm." in properties["pixel_spacing_column"]["description"]
    maps = properties["layers_thickness_maps"]["anyOf"][0]
    assert maps["additionalProperties"]["anyOf"][0]["x-axes"] == ["slices", "columns"]
    assert {"exclusiveMinimum": 0, "maximum": 20}.items() <= properties["zone_of_interest"].items()
    assert properties["zone_of_interest"]["default"] == 6.0


def test_a_query_is_documented_as_one(document: dict[str, Any]) -> None:
    """The guide's GETs, what is fetched among them, and no array."""
    parameters = {one["name"]: one for one in document["paths"]["/get_vessel_map"]["get"]["parameters"]}
    assert {"input_bucket", "input_location"} <= {name for name, one in parameters.items() if one["required"]}
    assert parameters["input_bucket_cloud"]["schema"]["enum"] == ["gcp", "azure_uae"]
    assert "bscan_images" not in parameters


def test_every_refusal_is_documented(document: dict[str, Any]) -> None:
    """Each that a path can give has a description and the shape of an error."""
    responses = document["components"]["responses"]
    for path in document["paths"].values():
        for method in path.values():
            for status, said in method["responses"].items():
                assert status == "200" or said["$ref"].rpartition("/")[2] in responses


class Point(Record):
    """A place."""

    name: Annotated[str, Field(alias="pointName")]
    """What it is called."""
    at: tuple[float, float] | None = None
    """Where it is."""


class Answer(Output):
    """What is found."""

    points: Annotated[np.ndarray, Array("points", "xy")]
    """Where."""
    note: Annotated[str | None, ABSENT_WHEN_NULL] = None
    """If any."""
    share: Annotated[float, EXTRA] = 1.0
    """Of all."""


class Bare(Output, bare="sizes"):
    """By name."""

    sizes: dict[str, Millimetres]
    """Of each."""


PAIR = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
SCHEMAS = [
    (float, {"type": "number"}),
    (int | None, {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
    (Literal["a", "b"], {"enum": ["a", "b"]}),
    (tuple[float, float], PAIR),
    (tuple[float, int], {**PAIR, "items": {"anyOf": [{"type": "number"}, {"type": "integer"}]}}),
    (tuple[str, ...], {"type": "array", "items": {"type": "string"}}),
    (Millimetres, {"type": "number", "x-unit": "mm"}),
    (Annotated[list[str], Field(min_length=1)], {"type": "array", "items": {"type": "string"}, "minItems": 1}),
    (
        Annotated[Annotated[float, Field(gt=0)] | None, BeforeValidator(abs)],
        {"anyOf": [{"type": "number"}, {"type": "null"}]},
    ),
    (Any, {}),
]


@pytest.mark.parametrize(("kind", "expected"), SCHEMAS, ids=lambda value: str(value)[:40])
def test_a_type_is_a_schema(kind: Any, expected: dict[str, Any]) -> None:
    """Numbers, words, lists; limits only where nothing changes a value before they are looked at."""
    assert schema_of(kind) == expected


def test_a_record_is_an_object_of_its_fields() -> None:
    """By the names that are said."""
    schema = schema_of(Point)
    assert schema["required"] == ["pointName"]
    assert list(schema["properties"]) == ["pointName", "at"]


def test_limits_of_what_may_be_null_are_those_of_the_rest() -> None:
    """Null is null."""
    schema = parameter_schema(Annotated[float | None, Field(gt=0)], "It.", None, required=False)
    assert schema["anyOf"] == [{"type": "number", "exclusiveMinimum": 0}, {"type": "null"}]
    assert (schema["default"], schema["description"]) == (None, "It.")


def test_an_answer_is_its_fields_and_extras() -> None:
    """What is always there is required; numbers that cannot be told are null."""
    schema = answer_of(Answer)
    assert schema["required"] == ["points"]
    assert set(schema["properties"]) == {"points", "note", "share", "warnings"}
    assert schema["properties"]["points"]["items"]["items"] == {"type": ["number", "null"]}
    assert answer_of(Bare)["additionalProperties"] == {"type": ["number", "null"], "x-unit": "mm"}
