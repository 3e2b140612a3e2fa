"""What tests of batches share: exams, a recipe and a plugin in a folder, and how to run them."""

from __future__ import annotations

import csv
import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from foveola.running import stamps
from foveola.surfaces.cli import cli

PLUGIN = """
import os, signal, time
from foveola import Millimetres, Output, operation


class Answer(Output):
    twice: Millimetres


@operation("acme.twice", version="1")
def twice(number: float, kills: bool = False, seconds: float = 0) -> Answer:
    if kills:
        os.kill(os.getpid(), signal.SIGKILL)
    if number < 0:
        raise ValueError("it is negative")
    time.sleep(seconds)
    return Answer(twice=2 * number)
"""
RECIPE = """
recipe: twice
inputs:
  number: float
  kills: {type: bool, default: false}
  seconds: {type: float, default: 0}
steps:
  twice: {use: acme.twice}
  inner: {use: ./inner.yaml}
outputs: {twice: $twice.twice, inner: $inner.answer}
"""
INNER = """
recipe: inner
inputs: {number: float}
steps: {inner: {use: acme.twice}}
outputs: {answer: $inner}
"""


class Cohort:
    """Exams, a recipe and a plugin in a folder, and how to run them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.exams, self.results = folder / "exams", folder / "results"
        self.plugin, self.recipe, self.inner = folder / "acme.py", folder / "twice.yaml", folder / "inner.yaml"
        self.plugin.write_text(PLUGIN)
        self.recipe.write_text(RECIPE)
        self.inner.write_text(INNER)

    def change(self, path: Path, old: str, new: str) -> None:
        """Change a file in one place."""
        text = path.read_text()
        assert text.count(old) == 1, f"{old!r} in {path}"
        path.write_text(text.replace(old, new))

    def add(self, *names: str, **values: Any) -> None:
        """Write exams that are alike, or write them anew."""
        for name in names:
            exam = {"laterality": "R", "number": 1.5, **values}
            (self.exams / name).mkdir(parents=True, exist_ok=True)
            (self.exams / name / "exam.json").write_text(json.dumps(exam))

    def words(self, *further: str, exams: list[str] | None = None, results: Path | None = None) -> list[str]:
        """The words of the command that runs them."""
        of = exams or [str(self.exams)]
        return [
            "run",
            str(self.recipe),
            *of,
            "-o",
            str(results or self.results),
            "--plugin",
            str(self.plugin),
            *further,
        ]

    def run(self, *further: str, memo: bool = False, **where: Any) -> Result:
        """Run them in this process."""
        return CliRunner().invoke(cli, self.words(*further, *([] if memo else ["--no-memo"]), **where))

    def command(self, *further: str, **where: Any) -> list[str]:
        """The command that runs them in another."""
        return [sys.executable, "-m", "foveola", *self.words(*further, **where)]

    def started(self) -> dict[str, str]:
        """When each result was computed."""
        return {path.stem: json.loads(path.read_text())["run"]["started"] for path in self.results.glob("*.json")}

    def errors(self, results: Path | None = None) -> list[dict[str, Any]]:
        """What is in `errors.jsonl`."""
        return [json.loads(line) for line in ((results or self.results) / "errors.jsonl").read_text().splitlines()]

    def rows(self, results: Path | None = None) -> list[dict[str, str]]:
        """What is in the table."""
        with ((results or self.results) / "results.csv").open(newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture
def cohort(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cohort:
    """No exams yet, in a process that loads whatever code it finds: what changes later may not be what runs."""
    monkeypatch.setattr(stamps, "_BEGAN", time.time() + 1000)
    return Cohort(tmp_path)
