"""Time, concurrency, and requests that nobody waits for any more."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor

from starlette.testclient import TestClient

from .conftest import Listen, Serve, wait_for


def nap(client: TestClient, seconds: float) -> int:
    """Have a worker sleep; the status."""
    return client.post("/acme.sleep", json={"seconds": seconds}).status_code


def test_an_answer_that_takes_too_long_is_504_and_frees_its_worker(serve: Serve) -> None:
    """The worker is stopped, and the only place is free for the next request."""
    with serve(seconds=0.5, places=1) as client:
        wait_for(lambda: nap(client, 0) == 200)
        answer = client.post("/acme.sleep", json={"seconds": 3600})
        assert (answer.status_code, answer.json()["error"]["code"]) == (504, "TIMEOUT")
        wait_for(lambda: nap(client, 0) == 200)


def test_a_worker_that_gets_ready_is_not_stopped(serve: Serve) -> None:
    """Requests that wait less long than a worker takes to start do not start it for ever."""
    with serve(seconds=0.05) as client:
        wait_for(lambda: nap(client, 0) == 200)
        assert "foveola_workers_replaced_total 0.0" in client.get("/metrics").text


def test_more_requests_than_places_are_429(serve: Serve) -> None:
    """They are told to come again; those that have a place are answered."""
    with serve(places=2) as client, ThreadPoolExecutor(8) as pool:
        assert nap(client, 0) == 200
        answers = list(pool.map(lambda _: client.post("/acme.sleep", json={"seconds": 0.5}), range(8)))
        refused = [one for one in answers if one.status_code == 429]
        assert len(refused) == 6
        assert {one.headers["retry-after"] for one in refused} == {"1"}
        assert {one.json()["error"]["code"] for one in refused} == {"TOO_MANY_REQUESTS"}


def test_bodies_that_are_too_large_together_are_429(serve: Serve) -> None:
    """Memory is bounded by all bodies, not by the number of requests alone."""
    with serve(most_bytes=1000, places=64) as client, ThreadPoolExecutor(16) as pool:
        assert nap(client, 0) == 200
        body = b'{"seconds": 0.2}' + b" " * 900
        headers = {"content-type": "application/json"}
        answers = list(pool.map(lambda _: client.post("/acme.sleep", content=body, headers=headers), range(16)))
        assert {one.status_code for one in answers} == {200, 429}


def test_a_cancelled_request_frees_its_place(listen: Listen) -> None:
    """Whoever hangs up leaves neither a taken place nor a busy worker behind."""
    with listen(places=1) as port:
        asked = b"POST /acme.sleep HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        line = socket.create_connection(("127.0.0.1", port))
        line.sendall(asked + b"content-length: 17\r\n\r\n" + b'{"seconds": 3600}')

        def status() -> bytes:
            with socket.create_connection(("127.0.0.1", port), timeout=20) as other:
                other.sendall(asked + b"connection: close\r\ncontent-length: 14\r\n\r\n" + b'{"seconds": 0}')
                return other.recv(100)[9:12]

        wait_for(lambda: status() == b"429")
        line.close()
        wait_for(lambda: status() == b"200")


def test_the_service_answers_while_its_workers_are_busy(serve: Serve) -> None:
    """Health is told while a number is computed."""
    with serve() as client, ThreadPoolExecutor(1) as pool:
        assert nap(client, 0) == 200
        busy = pool.submit(nap, client, 2.0)
        assert client.get("/health").json() == {"status": "ok"}
        assert not busy.done()
        assert busy.result() == 200


def test_workers_work_side_by_side(serve: Serve) -> None:
    """What is asked at once is answered by two of them."""
    with serve(workers=2) as client, ThreadPoolExecutor(2) as pool:

        def pids() -> set[int]:
            return set(pool.map(lambda _: client.post("/acme.sleep", json={"seconds": 0.1}).json()["pid"], range(2)))

        wait_for(lambda: len(pids()) == 2)
