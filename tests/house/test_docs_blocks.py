"""Every code block of the README and of the documentation runs, in the order of its page, in a folder of its own.

A block with a title is a file. Recipes are checked, JSON and TOML are read, Python and commands are run; what follows a
block of commands as `text` is what they print, `…` standing for anything.
"""

from __future__ import annotations

import doctest
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import pytest
from blocks import DOCS, ROOT, Block, blocks
from reference import MADE

import foveola
from foveola.running.files import write_result
from foveola.surfaces.report.pdf import BROWSERS
from foveola_oct.readers.exam_folder import write_exam
from foveola_oct.retina.phantoms import macula_phantom

NOT_RUN = {
    r"python3 -m venv|\.venv/bin/pip": "makes an environment from the package index; CI runs these lines of the README",
    r"pip install (foveola|'foveola)": "it is installed, or the test would not run",
    r"foveola serve|curl ": "runs until it is interrupted; the tests of the service start it and ask it",
    r"python -c 'import secrets": "makes the token of that service",
    r"dask (scheduler|worker)|.*--scheduler tcp:": "wants a cluster; the tests of many exams start one",
}
"""What no test machine can run, as the beginning of a line, and why."""
if shutil.which("dot") is None:
    NOT_RUN[r".*--svg"] = "wants Graphviz"
if not any(map(shutil.which, BROWSERS)):
    NOT_RUN[r".*--pdf"] = "wants a browser"
NOT_RUN_PYTHON = {"127.0.0.1:8000": "asks the service"}

INPUT = {
    "layers_thickness_maps": {"rnfl": [[25.0] * 60] * 60},
    "used_layers": ["rnfl"],
    "statistics": ["mean"],
    "scan_protocol": "HORIZONTAL_3D",
    "slice_direction": "TOP_BOTTOM",
    "pixel_direction": "LEFT_RIGHT",
    "pixel_spacing_column": 0.1,
    "pixel_spacing_row": 0.004,
    "slice_thickness": 0.1,
}

INSTALL = r"pip install --quiet --no-deps --upgrade --target .installed ./\1"
"""Beside the page, from its own folders alone."""
BASH = shutil.which("bash") or "bash"

PAGES = {
    str(page.relative_to(ROOT)): page
    for page in (ROOT / "README.md", *sorted(DOCS.rglob("*.md")))
    if not str(page.relative_to(ROOT)).startswith(MADE)
}


@pytest.fixture(scope="session")
def exams(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What pages find in their folder: small synthetic exams under the names that they use."""
    folder = tmp_path_factory.mktemp("found")
    macula = macula_phantom(num_slices=33, pixel_image_width=128, images=False)
    for name in ("exam", "scan.vol", "cohort/site_a/p1.vol", "cohort/site_b/p2.vol"):
        write_exam(macula, folder / name)
    for name, zone in (("before", "6"), ("after", "5")):
        result = foveola.run("macula", folder / "exam", settings={"context.zone_of_interest": zone}, memo=None)
        write_result(result.called(name), folder)
    (folder / "input.json").write_text(json.dumps(INPUT), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which `foveola` and `python` are those of this interpreter."""
    commands = tmp_path_factory.mktemp("bin")
    for name, module in {"foveola": "-m foveola", "python": "", "pip": "-m pip"}.items():
        (commands / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {module} "$@"\n', encoding="utf-8")
        (commands / name).chmod(0o755)
    return {**os.environ, "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


class Page:
    """A page that is followed block by block."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = {
            **environment,
            "PYTHONPATH": str(folder / ".installed"),
            "FOVEOLA_MEMO": str(folder / ".memo"),
        }
        self.printed: str | None = None

    def follow(self, block: Block) -> None:
        """Do what a block says."""
        if block.title:
            path = self.folder / block.title
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        elif block.recipe:
            (self.folder / f"{block.recipe}.yaml").write_text(block.text, encoding="utf-8")
        self.kinds[block.language](self, block)
        if block.language not in {"sh", "python"}:
            self.printed = None

    def run(self, block: Block) -> None:
        """Run commands; what they print is kept."""
        lines = [line for line in block.text.replace("\\\n", " ").splitlines() if not is_not_run(line)]
        script = "\n".join(re.sub(r"^pip install (?:-e )?'?([^'\[]+)(?:\[\w+\]')?$", INSTALL, line) for line in lines)
        ran = subprocess.run(
            [BASH, "-euo", "pipefail", "-c", script],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=300,
        )
        assert ran.returncode == 0, ran.stdout
        self.printed = ran.stdout

    def compare(self, block: Block) -> None:
        """What the commands just before it printed; other text is a drawing."""
        if self.printed is None:
            return
        pattern = ".*".join(re.escape(part) for part in block.text.strip().split("…"))
        assert re.fullmatch(pattern, self.printed.strip(), re.DOTALL), self.printed

    def check_recipe(self, block: Block) -> None:
        """A recipe has nothing wrong; one that commands of its page name is left to them."""
        assert block.recipe
        if not block.title or not re.search(rf"^foveola .*{block.title}", block.page, re.MULTILINE):
            assert foveola.check(self.folder / (block.title or f"{block.recipe}.yaml")) == []

    def execute(self, block: Block) -> None:
        """Run Python in a process of its own, what was installed before on its path; a file is imported."""
        if any(words in block.text for words in NOT_RUN_PYTHON):
            compile(block.text, "block", "exec")
            return
        command = [sys.executable, "-c", block.text]
        environment = {**self.environment, "PYTHONPATH": f"{self.environment['PYTHONPATH']}{os.pathsep}{self.folder}"}
        ran = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False, timeout=300
        )
        assert ran.returncode == 0, ran.stderr
        self.printed = ran.stdout

    def examine(self, block: Block) -> None:
        """Run an interactive example, all names of foveola at hand."""
        names = {name: getattr(foveola, name) for name in foveola.__all__}
        test = doctest.DocTestParser().get_doctest(block.text, names, "block", None, None)
        assert doctest.DocTestRunner().run(test).failed == 0

    kinds: ClassVar[dict[str, Callable[[Page, Block], object]]] = {
        "sh": run,
        "text": compare,
        "yaml": check_recipe,
        "python": execute,
        "pycon": examine,
        "json": lambda _, block: json.loads(block.text),
        "toml": lambda _, block: tomllib.loads(block.text),
    }


def is_not_run(line: str) -> bool:
    """Whether no test machine can run a line."""
    return any(re.match(pattern, line.strip()) for pattern in NOT_RUN)


@pytest.mark.parametrize("page", PAGES)
def test_the_blocks_of_a_page_run(page: str, exams: Path, environment: dict[str, str], tmp_path: Path) -> None:
    """From the first to the last, each finding what those before it left."""
    folder = tmp_path / "page"
    shutil.copytree(exams, folder)
    reader = Page(folder, environment)
    for block in blocks(PAGES[page]):
        reader.follow(block)


def test_what_is_not_run_is_somewhere() -> None:
    """No exception is left over, and none hides a whole page of commands that could run."""
    lines = [line for page in PAGES.values() for block in blocks(page) for line in block.text.splitlines()]
    assert [pattern for pattern in NOT_RUN if not any(re.match(pattern, line) for line in lines)] == []
    assert sum(map(is_not_run, lines)) < sum(line.startswith("foveola ") for line in lines)


def test_what_is_shown_twice_is_the_same() -> None:
    """The README's recipe is the tutorial's, and its plugin is the stranger's package."""
    readme = {block.text for block in blocks(ROOT / "README.md")}
    for path in (DOCS / "tutorial" / "central_subfield.yaml", ROOT / "tests" / "stranger" / "acme_asymmetry.py"):
        assert path.read_text(encoding="utf-8") in readme
