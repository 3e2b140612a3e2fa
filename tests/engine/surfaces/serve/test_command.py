"""`foveola serve`: what it refuses to start with, and how it ends."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from time import sleep

import httpx2 as httpx
import pytest
from click.testing import CliRunner

from foveola.surfaces.cli import cli
from foveola.surfaces.serve import server
from foveola.surfaces.serve.settings import Settings

from .conftest import BEARER, TOKEN, Started, wait_for

Start = Callable[..., AbstractContextManager[Started]]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    """What the command would serve with."""
    found: list[Settings] = []

    def run(listening: socket.socket, settings: Settings) -> None:
        with listening:
            socket.create_connection(listening.getsockname()).close()  # it listens before it says so
        found.append(settings)

    monkeypatch.setattr(server, "run", run)

    def invoke(*words: str) -> Settings:
        ended = CliRunner().invoke(cli, ["serve", "--port", "0", *words], catch_exceptions=False)
        assert ended.exit_code == 0, ended.output
        return found[-1]

    return invoke


def refused(*words: str) -> str:
    """What is said where the command does not start."""
    ended = CliRunner().invoke(cli, ["serve", *words], catch_exceptions=False)
    assert ended.exit_code == 2
    return ended.stderr


@pytest.fixture(autouse=True)
def nothing_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What happens to be set does not count."""
    for name in ("FOVEOLA_TOKEN", "FOVEOLA_BUCKETS"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "example.org", "10.0.0.1"])  # noqa: S104  that is the point
def test_it_refuses_to_listen_beyond_this_machine_without_a_token(host: str) -> None:
    """Whoever could reach it could ask."""
    assert "give --token-file or $FOVEOLA_TOKEN" in refused("--host", host)


def test_with_a_token_it_listens_anywhere(told: Callable[..., Settings], tmp_path: Path) -> None:
    """From a file, without the line's end, or from the environment; it is in no text of the settings."""
    (tmp_path / "token").write_text(f"{TOKEN}\n", encoding="utf-8")
    settings = told("--host", "0.0.0.0", "--token-file", str(tmp_path / "token"))  # noqa: S104  that is the point
    assert settings.token == TOKEN
    assert TOKEN not in repr(settings)


def test_settings_come_from_options_and_the_environment(
    told: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An option before the environment, which is before the default."""
    monkeypatch.setenv("FOVEOLA_TOKEN", TOKEN)
    monkeypatch.setenv("FOVEOLA_BUCKETS", "exams, gcp:others")
    settings = told("--places", "3", "--max-body", "2", "--timeout", "1.5", "--body-timeout", "0.5", "--workers", "1")
    assert told("--max-memory", "512").memory_of_a_worker == 2**29
    assert (settings.token, settings.buckets) == (TOKEN, ("exams", "gcp:others"))
    assert (settings.places, settings.most_bytes, settings.workers) == (3, 2**21, 1)
    assert (settings.seconds, settings.body_seconds) == (1.5, 0.5)
    assert told("--bucket", "a", "--bucket", "b").buckets == ("a", "b")


@pytest.mark.parametrize("content", [b"", b" \n", b"two words", b"\xff\xfe", "tökén".encode()], ids=str)
def test_a_token_that_no_header_can_hold_is_refused(tmp_path: Path, content: bytes) -> None:
    """An empty one most of all."""
    (tmp_path / "token").write_bytes(content)
    assert "token" in refused("--token-file", str(tmp_path / "token"))


def test_a_token_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """Rather than asking for none."""
    assert "cannot be read" in refused("--token-file", str(tmp_path / "none"))


def test_a_port_that_is_taken_is_told() -> None:
    """In a sentence."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert "cannot listen on 127.0.0.1" in refused("--port", str(taken.getsockname()[1]))


def test_without_the_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """`pip install 'foveola[serve]'`."""
    for name in [name for name in sys.modules if name.startswith("foveola.surfaces.serve.server")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("foveola.surfaces.serve.server", raising=False)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert "pip install 'foveola[serve]'" in refused()


@pytest.mark.parametrize("told_to_end", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_it_answers_what_is_under_way_and_ends(start: Start, told_to_end: signal.Signals) -> None:
    """Status 0, nothing lost, and no worker left."""
    with start(FOVEOLA_TOKEN=TOKEN) as service, ThreadPoolExecutor(1) as pool:

        def nap(seconds: float) -> httpx.Response:
            return httpx.post(f"{service.url}/acme.sleep", json={"seconds": seconds}, headers=BEARER, timeout=30)

        worker = nap(0).json()["pid"]
        under_way = pool.submit(nap, 1.0)
        sleep(0.5)
        service.process.send_signal(told_to_end)
        assert under_way.result().status_code == 200
        assert service.process.wait(10) == 0
        wait_for(lambda: not is_alive(worker), 5)
        assert service.process.stderr is not None
        assert '"event":"stopped"' in service.process.stderr.read()


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and was not asked for its status does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z")


def test_workers_end_with_a_service_that_is_killed(start: Start) -> None:
    """They hear that nobody is there any more."""
    with start() as service:
        worker = httpx.post(f"{service.url}/acme.sleep", json={"seconds": 0}, timeout=30).json()["pid"]
        service.process.kill()
        service.process.wait(10)
        wait_for(lambda: not is_alive(worker), 10)
