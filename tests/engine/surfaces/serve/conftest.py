"""What tests of the service share: everything that is installed behind a client, and a plugin that misbehaves."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import Distribution, EntryPoint
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Any

import pytest

pytest.importorskip("fastapi")

from starlette.testclient import TestClient

from foveola.registry import Registry
from foveola.surfaces.serve.app import create_app
from foveola.surfaces.serve.server import server_of
from foveola.surfaces.serve.settings import Settings

HERE = "http://127.0.0.1:8000"
TOKEN = "a-token-that-nobody-guesses"  # noqa: S105  of tests
BEARER = {"authorization": f"Bearer {TOKEN}"}
SECONDS_TO_WAIT = 20

ACME = '''
import os
import time

import numpy as np

from foveola import Array, Output, operation


class Told(Output):
    """What is told."""

    pid: int
    """Of the process."""


@operation("acme.sleep")
def nap(seconds: float) -> Told:
    """Take some time."""
    time.sleep(seconds)
    return Told(pid=os.getpid())


@operation("acme.die")
def die(status: int) -> Told:
    """End the process."""
    os._exit(status)


@operation("acme.fail")
def fail(patient: str) -> Told:
    """Fail as nobody foresaw."""
    raise RuntimeError(f"no such patient: {patient}")


@operation("acme.grow")
def grow(gigabytes: int) -> Told:
    """Ask for memory."""
    np.ones((gigabytes, 2**30))
    return Told(pid=os.getpid())
'''
NAMES = {"acme.sleep": "nap", "acme.die": "die", "acme.fail": "fail", "acme.grow": "grow"}

Serve = Callable[..., AbstractContextManager[TestClient]]
Listen = Callable[..., AbstractContextManager[int]]


@pytest.fixture(scope="session")
def installed() -> Iterator[TestClient]:
    """A client of a service of everything that is installed."""
    with TestClient(create_app(Settings(workers=1), log=lambda _entry: None), base_url=HERE) as client:
        yield client


@pytest.fixture(scope="session")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[EntryPoint]]:
    """The entry points of a plugin whose operations take long, die and fail."""
    folder = tmp_path_factory.mktemp("acme")
    (folder / "acme_operations.py").write_text(ACME, encoding="utf-8")
    information = folder / "acme-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Name: acme\nVersion: 1.0\n", encoding="utf-8")
    lines = "\n".join(f"{name} = acme_operations:{function}" for name, function in NAMES.items())
    (information / "entry_points.txt").write_text(f"[foveola.operations]\n{lines}\n", encoding="utf-8")
    sys.path.insert(0, str(folder))
    yield list(Distribution.at(information).entry_points)
    sys.path.remove(str(folder))


def wait_for(condition: Callable[[], bool], seconds: float = SECONDS_TO_WAIT) -> None:
    """Wait until something is so."""
    end = monotonic() + seconds
    while not condition():
        assert monotonic() < end, "it never came to that"
        sleep(0.01)


@pytest.fixture(scope="session")
def serve(acme: list[EntryPoint]) -> Serve:
    """Serve the plugin, in process."""

    @contextmanager
    def start(points: list[EntryPoint] | None = None, **settings: Any) -> Iterator[TestClient]:
        log: list[dict[str, Any]] = []
        registry = partial(Registry, tuple(acme if points is None else points))
        app = create_app(Settings(**{"workers": 1, "registry": registry, **settings}), log=log.append)
        with TestClient(app, base_url=HERE) as client:
            client.log = log  # type: ignore[attr-defined]
            yield client

    return start


@pytest.fixture(scope="session")
def listen(acme: list[EntryPoint]) -> Listen:
    """Serve the plugin on a port, for what only a socket can do; answers raw bytes."""

    @contextmanager
    def start(**settings: Any) -> Iterator[int]:
        told = Settings(**{"workers": 1, "registry": partial(Registry, tuple(acme)), **settings})
        server = server_of(create_app(told, log=lambda _entry: None), told)
        with socket.create_server(("127.0.0.1", 0)) as listening:
            thread = Thread(target=server.run, kwargs={"sockets": [listening]})
            thread.start()
            try:
                wait_for(lambda: server.started)
                yield listening.getsockname()[1]
            finally:
                server.should_exit = True
                thread.join()

    return start


@pytest.fixture
def folder_of_images(tmp_path: Path) -> Path:
    """A bucket on this machine's disk with one exam of twelve slices, the last named before the second by letters."""
    import cv2  # noqa: PLC0415  only here
    import numpy as np  # noqa: PLC0415  only here

    exam = tmp_path / "exams" / "one"
    exam.mkdir(parents=True)
    for index in range(12):
        image = np.linspace(0, 20 * (index + 1), 54).reshape(6, 9).astype(np.uint8)
        (exam / f"{index}.png").write_bytes(cv2.imencode(".png", image)[1].tobytes())
    return tmp_path / "exams"


@dataclass
class Started:
    """A service in a process of its own."""

    process: subprocess.Popen[str]
    url: str


@pytest.fixture(scope="session")
def start(acme: list[EntryPoint]) -> Callable[..., AbstractContextManager[Started]]:  # noqa: ARG001  is on the path
    """Start `foveola serve` with what is installed, the plugin too."""

    @contextmanager
    def started(*words: str, **environment: str) -> Iterator[Started]:
        command = [sys.executable, "-m", "foveola", "serve", "--port", "0", "--workers", "1", *words]
        env = {**os.environ, **environment, "PYTHONPATH": os.pathsep.join(sys.path)}
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=env) as process:
            assert process.stderr is not None
            try:
                listening = json.loads(process.stderr.readline())
                assert listening["event"] == "listening", listening
                yield Started(process, listening["url"])
            finally:
                process.kill()

    return started
