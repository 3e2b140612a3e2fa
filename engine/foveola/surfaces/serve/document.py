"""The service as an OpenAPI document, made of the same registry and models that answer."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from foveola.errors import FoveolaError
from foveola.operations import Operation, Output, Parameter
from foveola.recipes.model import Recipe
from foveola.registry import Registry
from foveola.surfaces.describe import describe
from foveola.surfaces.serve.bodies import JSON, NPZ, TEXT
from foveola.surfaces.serve.buckets import fetchers_of, stand_ins_of
from foveola.surfaces.serve.examples import example_of
from foveola.surfaces.serve.offer import Offer
from foveola.surfaces.serve.queries import EXTRAS, query_parameters
from foveola.surfaces.serve.refusals import CODES
from foveola.surfaces.serve.schemas import Schema, answer_of, parameter_schema, schema_of
from foveola.values import plain

ALWAYS = (400, 401, 405, 421, 500)
ASKED = (404, 408, 413, 415, 422, 429, 502, 504)
NPZ_FORM = f"arrays under their path joined by /, all else as JSON text in the member `{TEXT}`."
NPZ_BODY = {"schema": {"type": "string", "format": "binary", "description": f"An `.npz` file: {NPZ_FORM}"}}
ABOUT = (
    "The operations and recipes that are installed. Lengths say their unit; null is what is not known. Bodies and "
    f"answers are JSON, or `{NPZ}`: {NPZ_FORM} Not a medical device."
)


def document_of(offer: Offer, *, with_token: bool) -> Schema:
    """The document of what is served.

    Args:
        offer: the operations and recipes.
        with_token: whether callers must bear one.
    """
    paths: dict[str, Any] = {f"/{name}": _path(offer.registry, one) for name, one in offer.operations.items()}
    paths |= {f"/recipes/{name}": _recipe_path(offer.registry, name, one) for name, one in offer.recipes.items()}
    paths["/health"] = {"get": _own("health", "Whether the service lives.", JSON, {"type": "object"}, secured=False)}
    paths["/metrics"] = {"get": _own("metrics", "Counts, as Prometheus reads them.", "text/plain", {"type": "string"})}
    paths["/openapi.json"] = {"get": _own("openapi", "This document.", JSON, {"type": "object"})}
    document: Schema = {
        "openapi": "3.1.0",
        "info": {"title": "foveola", "version": version("foveola"), "description": ABOUT},
        "paths": paths,
        "components": {
            "schemas": {"Error": _error()},
            "responses": {str(status): _refusal(status) for status in CODES},
        },
    }
    if with_token:
        document["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        document["security"] = [{"token": []}]
    return document


def _path(registry: Registry, operation: Operation[..., Output]) -> Schema:
    said = describe(operation)
    common = {"summary": said["about"], "description": said["description"], "tags": [_group(registry, operation)]}
    example = example_of(operation)
    content = {JSON: {"schema": _request(registry, operation)}, NPZ: NPZ_BODY}
    if example is not None:
        content[JSON]["examples"] = {"documented": {"value": example}}
    path = {
        "post": {
            **common,
            "operationId": operation.name,
            "requestBody": {"required": True, "content": content},
            "responses": _responses(answer_of(operation.output)),
        }
    }
    sayable = query_parameters(registry, operation)
    if sayable is not None:
        given = example or {}
        parameters = [_in_query(name, one, given.get(name)) for name, one in sayable.items()]
        path["get"] = {
            **common,
            "operationId": f"get.{operation.name}",
            "parameters": parameters,
            "responses": _responses(answer_of(operation.output)),
        }
    return path


def _request(registry: Registry, operation: Operation[..., Output]) -> Schema:
    """What a body holds: the parameters by name, and what may stand for one."""
    fetchers = fetchers_of(registry, operation)
    properties: dict[str, Schema] = {}
    for name, one in {**operation.parameters, **stand_ins_of(fetchers), EXTRAS.name: EXTRAS}.items():
        properties[name] = _parameter(one)
        properties |= {alias: {**_parameter(one), "description": f"Another name for {name}."} for alias in one.aliases}
    required: list[str] = []
    choices: list[Schema] = []
    for one in operation.parameters.values():
        if not one.required:
            continue
        ways = [[one.name], *([alias] for alias in one.aliases)]
        if one.name in fetchers:
            ways.append([name for name, other in fetchers[one.name].parameters.items() if other.required])
        if len(ways) > 1:
            choices.append({"anyOf": [{"required": way} for way in ways]})
        else:
            required.append(one.name)
    schema: Schema = {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
    return {**schema, "allOf": choices} if choices else schema


def _parameter(parameter: Parameter) -> Schema:
    default = None if parameter.required else plain(parameter.default)
    return parameter_schema(parameter.annotation, parameter.description, default, required=parameter.required)


def _in_query(name: str, parameter: Parameter, example: Any) -> Schema:
    schema = _parameter(parameter)
    said: Schema = {"name": name, "in": "query", "required": parameter.required, "schema": schema}
    said["description"] = schema.get("description", "")
    return said if example is None else {**said, "example": example}


def _recipe_path(registry: Registry, name: str, recipe: Recipe) -> Schema:
    exam = {"schema": _exam(registry, recipe)}
    answer: Schema = {
        "type": "object",
        "properties": {output: {} for output in recipe.outputs},
        "required": list(recipe.outputs),
        "additionalProperties": False,
        "description": "The outputs by name; null what was skipped.",
    }
    return {
        "post": {
            "operationId": f"recipes.{name}",
            "summary": recipe.about or name,
            "description": f"Run the recipe {name} on an exam.",
            "tags": ["recipes"],
            "requestBody": {"required": True, "content": {JSON: exam, NPZ: NPZ_BODY}},
            "responses": _responses(answer),
        }
    }


def _exam(registry: Registry, recipe: Recipe) -> Schema:
    """The values of an exam: those that are declared, the recipe's inputs, and any further name."""
    properties = {name: schema_of(kind) for name, kind in registry.exam_type.declared().items()}
    for name, entry in recipe.inputs.items():
        try:
            schema = schema_of(registry.type_called(entry.type_name))
        except FoveolaError:
            schema = {}
        about = f"{entry.about} " if entry.about else ""
        properties[name] = {**properties.get(name, schema), "description": f"{about}{entry.type_name}."}
    return {"type": "object", "properties": properties, "description": "An exam: its values by name."}


def _responses(answer: Schema) -> Schema:
    content = {JSON: {"schema": answer}, NPZ: NPZ_BODY}
    refused = {str(status): {"$ref": f"#/components/responses/{status}"} for status in (*ALWAYS, *ASKED)}
    return {"200": {"description": "The answer.", "content": content}, **dict(sorted(refused.items()))}


def _own(name: str, about: str, media_type: str, schema: Schema, *, secured: bool = True) -> Schema:
    refused = {str(status): {"$ref": f"#/components/responses/{status}"} for status in ALWAYS}
    answered = {"200": {"description": about, "content": {media_type: {"schema": schema}}}}
    path = {"operationId": f"service.{name}", "summary": about, "tags": ["service"], "responses": answered | refused}
    return path if secured else {**path, "security": []}


def _group(registry: Registry, operation: Operation[..., Output]) -> str:
    """The heading under which an operation stands: its distribution, and the folder of its module if it has one."""
    origin = registry.origin_of(operation.name)
    parts = operation.function.__module__.split(".")
    folder = f" · {parts[-2].replace('_', ' ')}" if len(parts) > 2 else ""  # noqa: PLR2004  package, folder, file
    return (origin.distribution if origin else "plugins") + folder


def _refusal(status: int) -> Mapping[str, Any]:
    code, message = CODES[status]
    if status == HTTPStatus.BAD_REQUEST:  # said by the server that reads HTTP, before there is a request
        return {"description": message, "content": {"text/plain": {"schema": {"type": "string"}}}}
    example = {"error": {"code": code, "field": None, "message": message}}
    return {
        "description": message,
        "content": {JSON: {"schema": {"$ref": "#/components/schemas/Error"}, "example": example}},
    }


def _error() -> Schema:
    text = {"type": "string"}
    return {
        "type": "object",
        "required": ["error"],
        "additionalProperties": False,
        "properties": {
            "error": {
                "type": "object",
                "required": ["code", "field", "message"],
                "additionalProperties": False,
                "properties": {"code": text, "field": {"type": ["string", "null"]}, "message": text},
            }
        },
    }
