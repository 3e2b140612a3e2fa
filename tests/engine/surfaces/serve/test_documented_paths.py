"""The documented operations over HTTP: path, method, body and answer, each by the example of its reference page."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import orjson
import pytest
from starlette.testclient import TestClient

from foveola import Array
from foveola.archives import write_archive
from foveola.registry import Registry
from foveola.surfaces.serve.bodies import NPZ, read_body
from foveola.surfaces.serve.examples import example_of
from foveola.surfaces.serve.queries import query_parameters
from foveola.values import json_bytes

REGISTRY = Registry.installed()
OURS = [
    name for name in REGISTRY.operation_names if (found := REGISTRY.origin_of(name)) and found.distribution == "foveola"
]
BY_GET = ("get_exam_type", "get_vessel_map", "get_vessel_map_img_space")
"""What the user guide documents as GET."""


def request_of(name: str) -> dict[str, Any]:
    """The request of an operation's example."""
    request = example_of(REGISTRY.operation(name))
    assert request is not None
    return request


def as_npz(request: dict[str, Any]) -> bytes:
    """A request whose maps of numbers are members of an `.npz`, the rest text."""
    arrays: dict[str, np.ndarray] = {}
    rest: dict[str, Any] = {}
    for name, value in request.items():
        for key, item in value.items() if isinstance(value, dict) else [("", value)]:
            if isinstance(item, list) and item and is_numeric(item):
                arrays[f"{name}/{key}".rstrip("/")] = np.array(item, dtype=float)
            elif isinstance(value, dict):
                rest.setdefault(name, {})[key] = item
            else:
                rest[name] = item
    buffer = BytesIO()
    write_archive(buffer, {**arrays, "json": np.array(json_bytes(rest).decode())})
    return buffer.getvalue()


def is_numeric(item: list[Any]) -> bool:
    """Whether a list is one of lists of equally many numbers or nulls."""
    try:
        return Array().read(item).ndim > 1
    except ValueError:
        return False


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("extras", [False, True], ids=["answer", "extras"])
def test_an_example_is_answered_as_by_call(installed: TestClient, name: str, *, extras: bool) -> None:
    """What is posted to a documented path is answered as `foveola.call` answers it, byte for byte."""
    request = {**request_of(name), "include_extras": extras}
    answer = installed.post(f"/{name}", json=request)
    assert answer.status_code == 200, answer.text
    assert answer.content == json_bytes(REGISTRY.call(name, request, lists=False))


@pytest.mark.parametrize("name", OURS)
def test_an_example_as_npz_is_answered_alike(installed: TestClient, name: str) -> None:
    """Arrays in a body and in an answer may be members of an `.npz`."""
    request = request_of(name)
    answer = installed.post(f"/{name}", content=as_npz(request), headers={"content-type": NPZ, "accept": NPZ})
    assert answer.headers["content-type"] == NPZ, answer.text
    answered, expected = read_body(NPZ, answer.content, 2**30), REGISTRY.call(name, request, lists=False)
    assert orjson.loads(json_bytes(answered)) == orjson.loads(json_bytes(expected))


@pytest.mark.parametrize("name", OURS)
def test_an_operation_takes_a_post_and_where_a_query_can_say_it_a_get(installed: TestClient, name: str) -> None:
    """What the guide documents as GET takes one; a method that is not served is 405 and says which are."""
    allowed = {"POST"} if query_parameters(REGISTRY, REGISTRY.operation(name)) is None else {"GET", "POST"}
    assert name not in BY_GET or "GET" in allowed
    answer = installed.put(f"/{name}")
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == allowed
    assert answer.json()["error"]["code"] == "METHOD_NOT_ALLOWED"


def test_a_query_is_answered_as_by_call(installed: TestClient) -> None:
    """The guide's `get_exam_type` takes a query, its numbers as texts."""
    request = request_of("get_exam_type")
    answer = installed.get("/get_exam_type", params=request)
    assert answer.content == json_bytes(REGISTRY.call("get_exam_type", request))


@pytest.mark.parametrize("unknown", ["null", "NaN", ""])
def test_what_is_not_known_may_be_said_in_a_query(installed: TestClient, unknown: str) -> None:
    """Null, NaN and nothing are null."""
    found = {"fovea_status": "found", "nerve_status": "not_found", "exam_height_mm": unknown}
    assert installed.get("/get_exam_type", params=found).json() == {"status": "is_macula_scan"}


def test_an_array_in_a_list_and_nan_are_null_both_ways(installed: TestClient) -> None:
    """A null in a map is NaN inside, and what was not measured is null in the answer."""
    request = {**request_of("get_etdrs"), "layers_thickness_maps": {"rnfl": [[None] * 60] * 60}}
    assert installed.post("/get_etdrs", json=request).json()["0"]["0"] == {"mean": None}
    assert installed.post("/get_etdrs", content=as_npz(request), headers={"content-type": NPZ}).status_code == 200
