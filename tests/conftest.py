"""What all tests share: a memo of their own, and files of expectations that `--update` rewrites."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import settings

NUMBERS = count()
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]

settings.register_profile("foveola", deadline=None)  # machines are noisy: no test asserts a time
settings.load_profile("foveola")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--update`."""
    parser.addoption("--update", action="store_true", help="rewrite files of expectations; review what changes")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Run each file in one process, unless otherwise asked: what a file makes for its tests is made once."""
    if config.getvalue("dist") != "load":
        return None
    from xdist.scheduler import LoadFileScheduling  # noqa: PLC0415  only where tests are distributed

    config.option.loadscopereorder = False  # those with the fewest tests take the longest
    return LoadFileScheduling(config, log)


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    """Whether files of expectations are to be rewritten."""
    return bool(request.config.getoption("--update"))


@pytest.fixture(autouse=True)
def own_memo(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test begin with an empty memo, and leave people's alone."""
    monkeypatch.setenv("FOVEOLA_MEMO", str(tmp_path_factory.getbasetemp() / f"memo{next(NUMBERS)}"))


@pytest.fixture
def browser() -> Iterator[Any]:
    """Headless Chromium, as Debian brings it."""
    playwright = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()
