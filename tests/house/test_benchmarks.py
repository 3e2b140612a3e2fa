"""The benchmarks run: each once, on the smallest of exams. None asserts a time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"
SMALL = "--slices 16 --rows 128 --columns 64"
SCRIPTS = {
    "layer_maps": SMALL,
    "sector_means": SMALL,
    "shortest_ways": SMALL,
    "exam_reading": SMALL,
    "engine_nodes": "--nodes 10",
    "remembered_steps": "--numbers 100 --rounds 1",
    "stored_node": "--nodes 3 --numbers 100 --rounds 1",
    "recipe_check": "",
    "command_start": "",
    "many_exams": f"{SMALL} --exams 2",
    "peak_memory": SMALL,
    "bench_http": f"{SMALL} --clients 2 --workers 1",
    "whole_run": SMALL,
}


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_benchmark_tells_what_it_measured(script: str, tmp_path: Path) -> None:
    """Each measure is a line of JSON and a row of a table."""
    command = [sys.executable, f"{script}.py", *SCRIPTS[script].split(), "--seconds", "0.001"]
    environment = {**os.environ, "FOVEOLA_MEMO": str(tmp_path)}
    ended = subprocess.run(
        command, cwd=FOLDER, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert ended.returncode == 0, ended.stderr
    lines = [line for line in ended.stdout.splitlines() if line.startswith(("{", "| "))]
    assert lines
    for line, row in zip(lines[::2], lines[1::2], strict=True):
        assert row.startswith(f"| {json.loads(line)['what']} |")


def test_the_table_names_every_benchmark() -> None:
    """What is measured is in the README's table."""
    table = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert [script for script in SCRIPTS if f"{script}.py" not in table] == []
