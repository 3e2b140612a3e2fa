"""What tests of the store share: how something is remembered, and the files that hold it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from foveola.running.store import Store


@pytest.fixture
def remember() -> Callable[..., None]:
    """Puts an answer under a key, and commits."""

    def put(memo: Store, key: str, answer: object, step: str = "step", number: int = 0) -> None:
        parts = {"operation": "op", "code": "c", "inputs": {"value": {"value": number}}}
        memo.put(key, step, parts, answer)
        memo.commit()

    return put


@pytest.fixture
def files() -> Callable[[Path], list[Path]]:
    """The files of arrays below a folder."""
    return lambda folder: sorted(path for path in folder.rglob("*") if path.parent.parent.name == "arrays")
