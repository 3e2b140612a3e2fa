"""What all tests share: golden files that `--update` rewrites, and a memo of their own."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--update`."""
    parser.addoption("--update", action="store_true", help="rewrite golden files; review them as diffs")


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are rewritten."""
    return bool(request.config.getoption("--update"))


@pytest.fixture(autouse=True, scope="session")
def _own_memo(tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test reads or writes the memo of the person who runs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOVEOLA_MEMO", str(tmp_path_factory.mktemp("memo")))
        yield
