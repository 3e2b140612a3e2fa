"""Runs whose memo is damaged, full or cannot be written: they warn, and their results are right."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PLUGIN = """
from typing import Annotated
import numpy as np
from foveola import Array, Output, operation


class Line(Output):
    line: Annotated[np.ndarray, Array("n")]


class Number(Output):
    value: float


@operation("acme.line")
def line(count: int) -> Line:
    return Line(line=np.arange(float(count)))


@operation("acme.total")
def total(line: Annotated[np.ndarray, Array("n")], factor: float) -> Number:
    return Number(value=factor * line.sum())
"""
RECIPE = """
recipe: total
inputs: {count: int, factor: float}
steps:
  line: {use: acme.line}
  total: {use: acme.total, with: {line: $line.line}}
outputs: {total: $total.value}
"""
COUNT, TOTAL = 50_000, 50_000 * 49_999 / 2


class House:
    """A recipe with a large array in its middle, and a memo."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.memo = folder, folder / "memo"
        self.memo.mkdir(exist_ok=True)
        (folder / "acme.py").write_text(PLUGIN)
        (folder / "total.yaml").write_text(RECIPE)
        (folder / "exam").mkdir(exist_ok=True)
        (folder / "exam/exam.json").write_text(json.dumps({"count": COUNT, "factor": 1.0}))

    def run(self, factor: float) -> tuple[float, dict[str, str], str]:
        """The total, what became of the steps, and what was said."""
        words = ["run", "total.yaml", "exam", "-o", "results", "--plugin", "acme.py", "--set", f"exam.factor={factor}"]
        ran = subprocess.run(
            [sys.executable, "-m", "foveola", *words],
            cwd=self.folder,
            env={**os.environ, "FOVEOLA_MEMO": str(self.memo)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        content: dict[str, Any] = json.loads((self.folder / "results/exam.json").read_text())
        states = {name: step["state"] for name, step in content["run"]["steps"].items()}
        return content["outputs"]["total"] / factor, states, ran.stderr

    def mount(self, options: str) -> bool:
        """Mount something where the memo is; whether that was possible."""
        command = ["/bin/mount", "-o", options, *([] if "remount" in options else ["-t", "tmpfs", "tmpfs"])]
        try:
            return subprocess.run([*command, str(self.memo)], capture_output=True, check=False).returncode == 0
        except OSError:
            return False


@pytest.fixture
def house(tmp_path):
    """Nothing is remembered yet."""
    return House(tmp_path)


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory):
    """One in which both steps are remembered."""
    house = House(tmp_path_factory.mktemp("house"))
    assert house.run(1.0)[:2] == (TOTAL, {"line": "computed", "total": "computed"})
    return house


def flip(path: Path) -> None:
    """Another bit, far in."""
    content = bytearray(path.read_bytes())
    content[-1000] ^= 1
    path.write_bytes(content)


def halve(path: Path) -> None:
    """The file's end is gone."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize("damage", [flip, halve, Path.unlink], ids=["a flipped bit", "half a file", "no file"])
def test_what_is_damaged_is_computed_again(lived_in: House, tmp_path: Path, damage: Callable[[Path], None]):
    """The next run repairs it and says so; the one after has nothing to say."""
    house = House(shutil.copytree(lived_in.folder, tmp_path / "house"))
    (path,) = house.memo.rglob("*.npy")
    damage(path)
    total, states, said = house.run(2.0)
    assert (total, states) == (TOTAL, {"line": "remembered", "total": "computed"})
    assert "is damaged and computed again" in said
    total, states, said = house.run(3.0)
    assert (total, states) == (TOTAL, {"line": "remembered", "total": "computed"})
    assert "warning" not in said


def test_a_full_disk_is_no_reason_to_stop(house: House):
    """What does not fit is not remembered."""
    if not house.mount("size=256k"):
        pytest.skip("may not mount a file system")
    try:
        for _ in range(2):
            total, states, said = house.run(1.0)
            assert (total, states) == (TOTAL, {"line": "computed", "total": "computed"})
            assert "warning: the memo in" in said
            assert "nothing is remembered" in said
    finally:
        subprocess.run(["/bin/umount", "--lazy", str(house.memo)], check=True)


def test_a_read_only_folder_is_no_reason_to_stop(house: House):
    """Nothing is remembered in it."""
    if not house.mount("size=4m"):
        pytest.skip("may not mount a file system")
    try:
        assert house.mount("remount,ro")
        total, states, said = house.run(1.0)
        assert (total, states) == (TOTAL, {"line": "computed", "total": "computed"})
        assert "warning: the memo in" in said
    finally:
        subprocess.run(["/bin/umount", "--lazy", str(house.memo)], check=True)
