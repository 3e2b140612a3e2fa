"""Who may import whom: the contracts of `[tool.importlinter]` are kept, and each of them catches what breaks it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
CONTRACTS = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]

ENGINE = "The rooms of the engine lie above one another"
NO_EYE = "The engine knows no eye"
PLUGINS = "The rooms of the plugins stand on the retina and side by side"
OPERATIONS = "Operations do not know one another"
DOORS = "Operations come in by the doors"
RETINA = "The retina reads no files, no YAML and no graph"

ETDRS = "plugins/foveola_oct/circles/get_etdrs.py"


LINT = """
import io, json, sys
from contextlib import redirect_stdout
from importlinter.cli import lint_imports
for _ in sys.stdin:
    with redirect_stdout(io.StringIO()) as said:
        status = lint_imports()
    print(json.dumps([status, said.getvalue()]), flush=True)
"""


@dataclass
class Copy:
    """A copy of both packages and of the contracts, which a test may break, and a process that lints it."""

    folder: Path
    process: subprocess.Popen[str]

    def broken(self) -> set[str]:
        """The contracts that are broken there."""
        self.process.stdin.write("again\n")
        self.process.stdin.flush()
        status, said = json.loads(self.process.stdout.readline())
        found = dict(re.findall(r"^(.+?) (KEPT|BROKEN)\b", said, re.MULTILINE))
        assert found.keys() == {contract["name"] for contract in CONTRACTS}, said
        assert (status != 0) is ("BROKEN" in found.values())
        return {name for name, state in found.items() if state == "BROKEN"}


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The house as it is."""
    folder = tmp_path_factory.mktemp("house")
    for root in ("engine", "plugins"):
        shutil.copytree(HOUSE / root, folder / root, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(HOUSE / "pyproject.toml", folder)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(str(folder / root) for root in ("engine", "plugins"))}
    command, pipe = [sys.executable, "-c", LINT], subprocess.PIPE
    with subprocess.Popen(command, cwd=folder, env=environment, stdin=pipe, stdout=pipe, text=True) as process:
        yield Copy(folder, process)
        process.stdin.close()


def test_every_contract_is_kept(copy):
    """The house is built as it is drawn."""
    assert copy.broken() == set()


CASES = [
    pytest.param("engine/foveola/values.py", "import foveola.operations", {ENGINE}, id="upwards"),
    pytest.param("engine/foveola/planning/graph.py", "from foveola.surfaces import cli", {ENGINE}, id="to a surface"),
    pytest.param("engine/foveola/recipes/model.py", "import foveola.registry", {ENGINE}, id="between neighbours"),
    pytest.param("engine/foveola/utils.py", "", {ENGINE}, id="a room without a place"),
    pytest.param("engine/foveola/units.py", "import foveola_oct.shipped", {NO_EYE}, id="the engine to an eye"),
    pytest.param(
        "engine/foveola/exams.py", "def f():\n    import foveola_oct.retina", {NO_EYE}, id="the engine to an eye, later"
    ),
    pytest.param(ETDRS, "import foveola_oct.shipped", {PLUGINS}, id="an operation to the recipes"),
    pytest.param(ETDRS, "import foveola_oct.glaucoma", {PLUGINS}, id="between folders of operations"),
    pytest.param(
        "plugins/foveola_oct/retina/maps.py", "import foveola_oct.circles", {PLUGINS}, id="the retina upwards"
    ),
    pytest.param("plugins/foveola_oct/common.py", "", {PLUGINS}, id="a room of the plugins without a place"),
    pytest.param(
        ETDRS, "import foveola_oct.glaucoma.get_glaucoma_stage", {PLUGINS, OPERATIONS}, id="between operations"
    ),
    pytest.param(ETDRS, "from foveola_oct.circles import get_gcc_circle", {OPERATIONS}, id="within a folder"),
    pytest.param(ETDRS, "from foveola.values import Array", {DOORS}, id="round the door"),
    pytest.param("plugins/foveola_oct/retina/maps.py", "import foveola.units", {DOORS}, id="the retina round the door"),
    pytest.param("plugins/foveola_oct/retina/window.py", "import yaml", {RETINA}, id="YAML"),
    pytest.param("plugins/foveola_oct/retina/window.py", "def f():\n    import networkx", {RETINA}, id="a graph"),
    pytest.param("plugins/foveola_oct/retina/window.py", "from pathlib import Path", {RETINA}, id="files"),
    pytest.param(ETDRS, "from foveola.testing import closed_registry", set(), id="by the third door"),
    pytest.param(
        "engine/foveola/units.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import foveola_oct",
        set(),
        id="for type checkers alone",
    ),
]


@pytest.mark.parametrize(("file", "line", "contracts"), CASES)
def test_a_contract_catches_what_breaks_it(copy, file, line, contracts):
    """One offending line breaks just the contracts that forbid it."""
    path = copy.folder / file
    before = path.read_text(encoding="utf-8") if path.exists() else None
    path.write_text(f"{before or ''}\n{line}\n", encoding="utf-8")
    try:
        assert copy.broken() == contracts
    finally:
        path.unlink() if before is None else path.write_text(before, encoding="utf-8")


def test_every_contract_has_a_case():
    """No contract is there that was never seen to catch anything."""
    assert {contract["name"] for contract in CONTRACTS} == set().union(*(case.values[2] for case in CASES))


def test_every_folder_of_operations_is_held_to_every_contract():
    """The folders are named three times in the contracts, and each time all of them."""
    operations = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]
    folders = {value.rpartition(".")[0] for value in operations["foveola.operations"].values()}
    named = {contract["name"]: contract for contract in CONTRACTS}
    assert {module.removesuffix(".*") for module in named[OPERATIONS]["modules"]} == folders
    assert set(named[DOORS]["source_modules"]) == {*folders, "foveola_oct.retina"}
