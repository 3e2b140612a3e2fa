"""What all tests share: files that hold what is expected, rewritten with `--update` and reviewed as diffs."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--update`."""
    parser.addoption("--update", action="store_true", help="rewrite files of expectations; review what changes")


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    """Whether files of expectations are to be rewritten."""
    return bool(request.config.getoption("--update"))
