"""The documented operations over HTTP: path, method, body and answer, each by the example of its reference page."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import orjson
import pytest
from foveola.archives import Archive, join, load, write_archive
from foveola.registry import Registry
from foveola.surfaces.serve.examples import example_of
from foveola.surfaces.serve.queries import query_parameters
from foveola.values import json_bytes
from starlette.testclient import TestClient

REGISTRY = Registry.installed()
OURS = [name for name in REGISTRY.operation_names if (found := REGISTRY.origin_of(name)) and found.distribution == "foveola"]
BY_GET = ("get_exam_type", "get_vessel_map", "get_vessel_map_img_space")
"""What the user guide documents as GET."""
NPZ = "application/x-npz"


def request_of(name: str) -> dict[str, Any]:
    """The request of an operation's example."""
    request = example_of(REGISTRY.operation(name))
    assert request is not None
    return request


def as_npz(request: dict[str, Any]) -> bytes:
    """A request whose maps and lists of numbers are members of an `.npz`, the rest text."""
    arrays, rest = {}, {}
    for name, value in request.items():
        items = value.items() if isinstance(value, dict) else [("", value)]
        for key, item in items:
            array = np.array(item) if isinstance(item, list) else np.array(0)
            if array.ndim > 1 and array.dtype.kind in "if":
                arrays[f"{name}/{key}".rstrip("/")] = array
            elif isinstance(value, dict):
                rest.setdefault(name, {})[key] = item
            else:
                rest[name] = item
    buffer = BytesIO()
    write_archive(buffer, {**arrays, "json": np.array(json_bytes(rest).decode())})
    return buffer.getvalue()


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
    archive = Archive(BytesIO(answer.content))
    tree = load(join({"answer": orjson.loads(archive["json"])}, archive))
    answered = {**tree.pop("answer"), **{key: value for key, value in tree.items() if key != "json"}}
    merged = _merged(answered, REGISTRY.call(name, request, lists=False))
    assert json_bytes(merged) == json_bytes(REGISTRY.call(name, request, lists=False))


def _merged(answered: dict[str, Any], like: Any) -> Any:
    """The same values in the order of an answer; a mapping without arrays may have been left out nowhere."""
    if not isinstance(like, dict):
        return answered
    assert set(answered) == set(like)
    return {key: _merged(answered[key], item) if isinstance(item, dict) else answered[key] for key, item in like.items()}


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
