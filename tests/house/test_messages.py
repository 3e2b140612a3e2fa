"""Every message is provoked once and compared to the letter with a file; `--update` rewrites the files."""

from __future__ import annotations

from pathlib import Path

import pytest
from provocations.cases import CASES

MESSAGES = Path(__file__).parent / "messages"


@pytest.mark.parametrize("name", CASES)
def test_a_message_is_what_its_file_says(name: str, tmp_path: Path, *, update: bool) -> None:
    """To the letter."""
    said = CASES[name](tmp_path) + "\n"
    path = MESSAGES / f"{name}.txt"
    if update:
        path.parent.mkdir(exist_ok=True)
        path.write_text(said, encoding="utf-8")
    assert said == path.read_text(encoding="utf-8")


def test_there_is_a_case_for_every_file() -> None:
    """None is left over."""
    assert {path.stem for path in MESSAGES.iterdir()} == set(CASES)
