"""The log and the counts: what was asked for by route, and nothing of a patient."""

from __future__ import annotations

import orjson
import pytest

from foveola.surfaces.serve import app
from foveola.surfaces.serve.guards import log_to_stderr

from .conftest import Serve

PATIENT = "AnnSecret"


def test_the_log_has_no_data_of_patients(serve: Serve) -> None:
    """No query, no body, no token, no path that is none of ours."""
    with serve(token=PATIENT) as client:
        bearer = {"authorization": f"Bearer {PATIENT}"}
        client.post("/acme.sleep", json={"seconds": PATIENT}, headers=bearer)
        client.get(f"/acme.sleep?seconds={PATIENT}", headers=bearer)
        client.get(f"/{PATIENT}", headers=bearer)
        client.request(PATIENT.upper(), "/acme.sleep", headers=bearer)
        client.post("/acme.sleep", json={"seconds": PATIENT})
        routes = [(one["route"], one["status"]) for one in client.log]  # type: ignore[attr-defined]
        assert routes[:3] == [("/acme.sleep", 422), ("/acme.sleep", 422), ("(no such path)", 404)]
        assert PATIENT not in str([{**one, "method": ""} for one in client.log])  # type: ignore[attr-defined]
        assert PATIENT.upper() not in client.get("/metrics", headers=bearer).text


def test_an_entry_says_what_happened(serve: Serve) -> None:
    """Its identity is the answer's, so that a caller can name it."""
    with serve() as client:
        answer = client.post("/acme.sleep", json={"seconds": 0})
        (entry,) = client.log  # type: ignore[attr-defined]
        assert entry["id"] == answer.headers["x-request-id"]
        received, sent = int(answer.request.headers["content-length"]), len(answer.content)
        counted = {"method": "POST", "route": "/acme.sleep", "status": 200, "received": received, "sent": sent}
        assert counted.items() <= entry.items()
        assert entry["ms"] > 0


def test_a_fault_of_the_service_is_logged_as_one(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """500 with an identity like any answer, counted; the log says where, without the error's text."""

    def fail(*_: object, **_named: object) -> None:
        raise RuntimeError(PATIENT)

    monkeypatch.setattr(app, "document_of", fail)
    with serve() as client:
        answer = client.get("/openapi.json")
        assert (answer.status_code, answer.json()["error"]["code"]) == (500, "INTERNAL_ERROR")
        (entry,) = client.log  # type: ignore[attr-defined]
        assert (entry["status"], entry["id"]) == (500, answer.headers["x-request-id"])
        assert entry["note"].startswith("RuntimeError at ")
        assert PATIENT not in str(entry) + answer.text
        assert 'path="/openapi.json",status="500"} 1.0' in client.get("/metrics").text


def test_the_log_is_lines_of_json_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    """For whatever collects them."""
    log_to_stderr({"event": "request", "status": 200})
    written = capsys.readouterr()
    assert written.out == ""
    assert orjson.loads(written.err)["status"] == 200
    assert written.err.count("\n") == 1


def test_requests_are_counted(serve: Serve) -> None:
    """By path, method and status, with their times, as Prometheus reads them."""
    with serve() as client:
        client.post("/acme.sleep", json={"seconds": 0})
        counts = client.get("/metrics")
        assert counts.headers["content-type"].startswith("text/plain")
        assert 'foveola_requests_total{method="POST",path="/acme.sleep",status="200"} 1.0' in counts.text
        assert 'foveola_request_seconds_count{path="/acme.sleep"} 1.0' in counts.text
        assert "foveola_requests_under_way 1.0" in counts.text
