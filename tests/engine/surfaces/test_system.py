"""What the system refuses is a sentence with the file's name and status 2; what a terminal cannot show is escaped."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from foveola.running import store


@pytest.mark.parametrize(
    ("words", "named"),
    [
        pytest.param(["run", "sum", "x" * 300], "x" * 300, id="an exam's name"),
        pytest.param(["plan", "sum", "--svg", "eye.json/plan.svg"], "eye.json/plan.svg", id="a plan's picture"),
        pytest.param(["report", "result.json", "-o", "eye.json/page.html"], "eye.json", id="a report"),
        pytest.param(["compare", "result.json", "result.json", "-o", "eye.json/page.html"], "eye.json", id="a change"),
        pytest.param(["compare", "result.json", "result.json", "-o", "results"], "results", id="a folder"),
    ],
)
def test_what_the_system_refuses_is_told_by_its_name(ran, folder, words, named):
    """Not with a traceback, and not by a name that only we know."""
    if "report" in words or "compare" in words:
        pytest.importorskip("jinja2")
        ran("run", "sum", "eye.json", "-o", "results", "--no-memo")
        (folder / "results" / "eye.json").rename(folder / "result.json")
    if "--svg" in words:
        pytest.importorskip("pygraphviz")
    refused = ran(*words)
    assert refused.exit_code == 2
    assert refused.stderr.splitlines()[-1].startswith(f"{named}: ") or f"'{named}'" in refused.stderr


def test_a_terminal_without_a_letter_shows_its_number():
    """As stderr does, rather than a traceback."""
    environment = {**os.environ, "PYTHONIOENCODING": "koi8-r"}
    command = [sys.executable, "-m", "foveola", "operations", "get_amd_stage"]
    shown = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60)
    assert r"| \xb5m |" in shown.stdout


def test_a_recipe_is_printed_as_it_is_whatever_the_terminal():
    """Somebody may write it to a file."""
    environment = {**os.environ, "PYTHONIOENCODING": "koi8-r"}
    command = [sys.executable, "-m", "foveola", "recipes", "amd"]
    shown = subprocess.run(command, env=environment, capture_output=True, check=True, timeout=60)
    assert "µm".encode() in shown.stdout


def test_without_a_home_folder_one_for_the_memo_is_asked_for(ran, monkeypatch):
    """Rather than made here under the name ~; whoever remembers nothing needs none."""
    monkeypatch.delenv("FOVEOLA_MEMO", raising=False)
    monkeypatch.setattr(store.platformdirs, "user_cache_path", lambda _: Path("~/.cache/foveola"))
    refused = ran("run", "sum", "eye.json")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.startswith("FOVEOLA_MEMO: must name a folder where there is no home folder")
    assert ran("run", "sum", "eye.json", "--no-memo").exit_code == 0
