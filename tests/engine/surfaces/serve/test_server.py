"""The server in this process: it says where it listens, answers, and ends when it is told to."""

from __future__ import annotations

import logging
import os
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.metadata import EntryPoint

import httpx2 as httpx
import orjson
import pytest

from foveola.registry import Registry
from foveola.surfaces.serve import server
from foveola.surfaces.serve.settings import Settings


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """What the server sets for its process is set back."""
    handlers = {told: signal.getsignal(told) for told in (signal.SIGINT, signal.SIGTERM)}
    logger = logging.getLogger("uvicorn")
    before, propagates = list(logger.handlers), logger.propagate
    yield
    for told, handler in handlers.items():
        signal.signal(told, handler)
    logger.handlers, logger.propagate = before, propagates


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_it_listens_answers_and_ends(host: str, acme: list[EntryPoint], capsys: pytest.CaptureFixture[str]) -> None:
    """SIGTERM, sent while an answer is under way, ends it after that answer; the log begins and ends with that."""
    settings = Settings(workers=1, registry=partial(Registry, tuple(acme)))
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, 0), family=family)
    except OSError:
        pytest.skip("this machine has no IPv6")
    url = f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}"

    def ask() -> int:
        httpx.post(f"{url}/acme.sleep", json={"seconds": 0}, timeout=30)
        with ThreadPoolExecutor(1) as pool:
            under_way = pool.submit(httpx.post, f"{url}/acme.sleep", json={"seconds": 0.5}, timeout=30)
            while httpx.get(f"{url}/metrics").text.count("foveola_requests_under_way 2.0") == 0:
                continue
            os.kill(os.getpid(), signal.SIGTERM)
            return int(under_way.result().status_code)

    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(ask)
        server.run(listening, settings)
        assert asked.result() == 200
    first, *_, last = (orjson.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (first["event"], first["url"], first["token"]) == ("listening", url, False)
    assert last["event"] == "stopped"


def test_what_the_server_has_to_say_is_in_the_log_without_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    """Of an error the class and the place alone."""
    record = logging.LogRecord("uvicorn", logging.ERROR, __file__, 1, "It broke", None, None)
    server.Lines(logging.WARNING).handle(record)
    try:
        raise RuntimeError("Ann Secret")  # noqa: TRY301  it must have a place
    except RuntimeError as error:
        record.exc_info = (RuntimeError, error, error.__traceback__)
    server.Lines(logging.WARNING).handle(record)
    plain, broken = map(orjson.loads, capsys.readouterr().err.splitlines())
    assert (plain["event"], plain["level"], plain["message"]) == ("server", "error", "It broke")
    assert "note" not in plain
    assert broken["note"].startswith("RuntimeError at ")
    assert "Secret" not in str(broken)
