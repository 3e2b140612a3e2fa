"""What is sent by mistake or in malice: each is refused in a sentence, and the next request is answered."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pytest
from starlette.testclient import TestClient

from .conftest import BEARER, TOKEN, Listen, Serve

JSON = {"content-type": "application/json"}
NPZ = {"content-type": "application/x-npz"}
DISTANCE = "/get_distance_between_two_points"
POINTS = {"point_from": [0, 0], "point_to": [3, 4], "pixel_spacing_column": 0.01, "pixel_spacing_row": 0.01}


@pytest.fixture(autouse=True)
def still_serves(installed: TestClient) -> Iterator[None]:
    """Whatever a test sent, the service answers after it."""
    yield
    assert installed.post(DISTANCE, json=POINTS).json() == {"distance": 0.05}


def npz(**members: Any) -> bytes:
    """An `.npz`."""
    buffer = BytesIO()
    np.savez_compressed(buffer, **members)
    return buffer.getvalue()


def zipped(name: str, content: bytes) -> bytes:
    """A zip with one member."""
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as file:
        file.writestr(name, content)
    return buffer.getvalue()


def npy(shape: tuple[int, ...]) -> bytes:
    """The header of an array, and nothing behind it."""
    buffer = BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": "<f8", "fortran_order": False, "shape": shape})
    return buffer.getvalue()


MALFORMED = {
    "nothing": (JSON, b""),
    "no JSON": (JSON, b"{"),
    "no object": (JSON, b"[]"),
    "10,000 brackets": (JSON, b"[" * 10_000),
    "10,000 closed brackets": (JSON, b"[" * 10_000 + b"]" * 10_000),
    "10,000 braces": (JSON, b'{"a":' * 10_000),
    "900 brackets in a field": (JSON, b'{"point_from":' + b"[" * 900 + b"]" * 900 + b"}"),
    "no UTF-8": (JSON, b'{"point_from": "\xff"}'),
    "NaN": (JSON, b'{"point_from": [NaN, 0]}'),
    "a lone surrogate": (JSON, b'{"\\ud800": 1}'),
    "a number beyond floats": (JSON, b'{"point_from": [1e999, 0]}'),
    "no zip": (NPZ, b"PK\x03\x04 and no more"),
    "half a zip": (NPZ, npz(a=np.zeros(1000))[:-30]),
    "a member that is no array": (NPZ, zipped("a.txt", b"text")),
    "an array of objects": (NPZ, npz(point_from=np.array([{"a": 1}], dtype=object))),
    "an array that declares a terabyte": (NPZ, zipped("point_from.npy", npy(shape=(2**37,)))),
    "a path through a value": (NPZ, npz(**{"json": np.array('{"point_from": 1}'), "point_from/x": np.zeros(2)})),
    "text that is no text": (NPZ, npz(json=np.zeros(3))),
    "brackets in the text": (NPZ, npz(json=np.array("[" * 10_000))),
}


@pytest.mark.parametrize(("headers", "body"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_body_is_a_wrong_value(installed: TestClient, headers: dict[str, str], body: bytes) -> None:
    """It is refused by 422."""
    answer = installed.post(DISTANCE, content=body, headers=headers)
    assert answer.status_code == 422, answer.text
    error = answer.json()["error"]
    assert (error["code"], set(error)) == ("VALIDATION_ERROR", {"code", "field", "message"})


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x"])
def test_a_body_of_another_kind_is_415(installed: TestClient, kind: str) -> None:
    """So that no web page can post without being asked for leave first."""
    answer = installed.post(DISTANCE, content=b"{}", headers={"content-type": kind})
    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_an_npz_that_unpacks_to_too_much_is_413(serve: Serve) -> None:
    """A few kilobytes of zeros are not unpacked to gigabytes."""
    with serve(most_bytes=1_000_000, expansion=2) as client:
        body = npz(seconds=np.zeros(400_000))
        assert len(body) < 10_000
        answer = client.post("/acme.sleep", content=body, headers=NPZ)
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "TOO_LARGE")


def test_a_query_with_a_body_is_refused(installed: TestClient) -> None:
    """Nothing is said twice."""
    assert installed.post(f"{DISTANCE}?point_from=1", json=POINTS).status_code == 422


@pytest.mark.parametrize("path", ["/nothing", "/recipes/nothing", "/get_etdrs/", "//", "/%2e%2e"])
def test_an_unknown_path_is_404(installed: TestClient, path: str) -> None:
    """It is not told what it was taken for."""
    answer = installed.post(path, json={})
    assert (answer.status_code, answer.json()["error"]["code"]) in {(404, "NOT_FOUND"), (405, "METHOD_NOT_ALLOWED")}


PATIENT = "<b>Ann Secret</b>"
ECHOES: dict[str, dict[str, Any]] = {
    "a value": {**POINTS, "pixel_spacing_row": PATIENT},
    "a value within": {**POINTS, "point_from": [0, PATIENT]},
    "an unknown name": {**POINTS, PATIENT: 1},
    "a name within": {**POINTS, "point_from": {PATIENT: 1}},
    "a long text": {**POINTS, "point_from": PATIENT * 10_000},
}


@pytest.mark.parametrize("request_", ECHOES.values(), ids=ECHOES)
def test_a_refusal_does_not_echo(installed: TestClient, request_: dict[str, Any]) -> None:
    """What was sent is not sent back."""
    answer = installed.post(DISTANCE, json=request_)
    assert answer.status_code == 422
    assert "Secret" not in answer.text
    assert len(answer.content) < 500


def test_names_of_layers_that_nobody_knows_are_not_echoed(installed: TestClient) -> None:
    """A key of a map may be a patient's name; those that the description knows may be told."""
    maps = {"rnfl": [[1.0, 2.0]], "Ann Secret": [[1.0]]}
    asked = {"layers_thickness_maps": maps, "used_layers": ["Ann Secret"], "use_real_units": False}
    answer = installed.post("/get_full_exam_glaucoma_ppaa_matrix", json=asked)
    assert answer.status_code == 422
    assert "Secret" not in answer.text


def test_a_fault_of_an_operation_tells_nothing(serve: Serve) -> None:
    """500, no traceback, no word of the error; the log says where, without the error's text."""
    with serve() as client:
        answer = client.post("/acme.fail", json={"patient": "Ann Secret"})
        assert answer.status_code == 500
        expected = {"code": "INTERNAL_ERROR", "field": None, "message": answer.json()["error"]["message"]}
        assert answer.json() == {"error": expected}
        (entry,) = client.log  # type: ignore[attr-defined]
        assert entry["note"].startswith("RuntimeError at ")
        assert "Secret" not in str(entry) + answer.text


def test_a_worker_that_dies_is_replaced(serve: Serve) -> None:
    """Its request is a 500; the next is answered by another."""
    with serve() as client:
        before = client.post("/acme.sleep", json={"seconds": 0}).json()["pid"]
        assert client.post("/acme.die", json={"status": 3}).status_code == 500
        assert client.post("/acme.sleep", json={"seconds": 0}).json()["pid"] != before
        assert "foveola_workers_replaced_total 1.0" in client.get("/metrics").text


def test_a_request_for_more_memory_than_there_is_is_refused(serve: Serve) -> None:
    """By the machine's, or by a worker's share of it; the worker lives on."""
    with serve(most_memory=2**30) as client:
        before = client.post("/acme.sleep", json={"seconds": 0}).json()["pid"]
        assert client.post("/acme.grow", json={"gigabytes": 2**20}).status_code == 422
        assert client.post("/acme.grow", json={"gigabytes": 1}).status_code == 422
        assert client.post("/acme.sleep", json={"seconds": 0}).json()["pid"] == before


@pytest.mark.parametrize(
    "headers",
    [{}, {"authorization": "Bearer"}, {"authorization": f"Bearer {TOKEN}x"}, {"authorization": TOKEN},
     {"authorization": f"Basic {TOKEN}"}, {"authorization": b"Bearer \xff\xfe"}],
    ids=["none", "empty", "wrong", "no scheme", "another scheme", "no ASCII"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/acme.sleep", "/openapi.json", "/metrics", "/nothing", "/recipes/macula"])
def test_without_the_token_nothing_is_answered(guarded: TestClient, path: str, headers: dict[str, str]) -> None:
    """401 before anything is looked at, whether the path exists or not."""
    answer = guarded.post(path, json={"seconds": 0}, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHORIZED")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.fixture(scope="module")
def guarded(serve: Serve) -> Iterator[TestClient]:
    """A service that asks for a token."""
    with serve(token=TOKEN) as client:
        yield client


def test_with_the_token_it_is(guarded: TestClient) -> None:
    """The page and the health need none."""
    assert guarded.post("/acme.sleep", json={"seconds": 0}, headers=BEARER).status_code == 200
    assert guarded.get("/openapi.json", headers=BEARER).json()["security"] == [{"token": []}]
    assert [guarded.get(path).status_code for path in ("/", "/docs", "/health")] == [200, 200, 200]


@pytest.mark.parametrize("host", ["example.org", "example.org:8000", "10.0.0.1", ""])
def test_without_a_token_only_names_of_this_machine_are_answered(installed: TestClient, host: str) -> None:
    """A page that lets its own name point here is not."""
    answer = installed.get("/get_exam_type", headers={"host": host})
    assert (answer.status_code, answer.json()["error"]["code"]) == (421, "MISDIRECTED_REQUEST")


def exchange(port: int, *parts: bytes, seconds: float = 10) -> bytes:
    """Send bytes, and read what is answered until the other side closes."""
    with closing(socket.create_connection(("127.0.0.1", port), timeout=seconds)) as line:
        for part in parts:
            line.sendall(part)
        answered = b""
        while chunk := line.recv(65536):
            answered += chunk
        return answered


def head(path: str, length: str) -> bytes:
    """The head of a request."""
    return (f"POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n{length}\r\n\r\n").encode()


def test_ten_gigabytes_are_refused_before_they_are_sent(listen: Listen) -> None:
    """413 by the length alone."""
    with listen() as port:
        answered = exchange(port, head("/acme.sleep", "content-length: 10000000000"))
        assert answered.startswith(b"HTTP/1.1 413 ")
        assert b"connection: close" in answered.lower()


def test_a_body_that_does_not_say_its_length_is_counted(listen: Listen) -> None:
    """413 as soon as there is too much."""
    with listen(most_bytes=1000) as port:
        chunk = b"200\r\n" + b" " * 0x200 + b"\r\n"
        answered = exchange(port, head("/acme.sleep", "transfer-encoding: chunked"), chunk, chunk)
        assert answered.startswith(b"HTTP/1.1 413 ")


def test_a_slow_body_times_out(listen: Listen) -> None:
    """408, and the place is free."""
    with listen(body_seconds=0.2, places=1) as port:
        answered = exchange(port, head("/acme.sleep", "content-length: 100"), b"{")
        assert answered.startswith(b"HTTP/1.1 408 ")
        body = b'{"seconds": 0}'
        rest = head("/acme.sleep", f"content-length: {len(body)}\r\nconnection: close")
        assert exchange(port, rest, body).startswith(b"HTTP/1.1 200 ")


GET = b"GET /acme.sleep?seconds=0"
HOST = b" HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n"
ZERO = b'{"seconds": 0}'
SMUGGLED = {
    "a query of a megabyte": GET + b"&x=1" * 250_000 + HOST + b"\r\n",
    "a header of a megabyte": GET + HOST + b"x-a: " + b"a" * 1_000_000 + b"\r\n\r\n",
    "a hundred thousand headers": GET + HOST + b"x-a: a\r\n" * 100_000 + b"\r\n",
    "two lengths": head("/acme.sleep", "content-length: 14\r\ncontent-length: 3") + ZERO,
    "a negative length": head("/acme.sleep", "content-length: -1") + ZERO,
    "a length that is no number": head("/acme.sleep", "content-length: 1e3") + ZERO,
    "another coding": head("/acme.sleep", "transfer-encoding: gzip, chunked") + ZERO,
    "a header without a name": GET + HOST + b": a\r\n\r\n",
    "a NUL in a header": GET + HOST + b"x-a: a\x00b\r\n\r\n",
    "no HTTP": b"\x16\x03\x01\x02\x00\r\n\r\n",
}


@pytest.mark.parametrize("raw", SMUGGLED.values(), ids=SMUGGLED)
def test_what_is_no_request_is_refused_and_the_line_closed(line: int, raw: bytes) -> None:
    """4xx, so that nothing behind it is taken for another request; the service goes on."""
    try:
        answered = exchange(line, raw)
    except (BrokenPipeError, ConnectionResetError):  # it did not wait for the rest
        answered = b""
    assert answered.startswith(b"HTTP/1.1 4") or not answered
    assert answered.count(b"HTTP/1.1") <= 1
    assert b"Traceback" not in answered
    rest = head("/acme.sleep", f"content-length: {len(ZERO)}\r\nconnection: close")
    assert exchange(line, rest, ZERO).startswith(b"HTTP/1.1 200 ")


@pytest.fixture(scope="module")
def line(listen: Listen) -> Iterator[int]:
    """The port of a service."""
    with listen() as port:
        yield port


def test_a_request_is_not_smuggled_in_a_body(line: int) -> None:
    """Where a length and chunks are both declared the chunks count, and what follows them is not answered."""
    declared = f"content-length: {len(ZERO)}\r\ntransfer-encoding: chunked\r\nconnection: close"
    chunks = b"e\r\n" + ZERO + b"\r\n0\r\n\r\n"
    answered = exchange(line, head("/acme.sleep", declared), chunks, GET + HOST + b"\r\n")
    assert answered.count(b"HTTP/1.1") == 1
