"""Packages that change: one on which fresh processes with one store run recipes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[3]
CACHES = shutil.ignore_patterns("__pycache__")

RUN = """
import json, site, sys
for folder in sys.argv[4:]:
    site.addsitedir(folder)
exec(sys.argv[3])
import foveola
result = foveola.run(sys.argv[1], json.loads(sys.argv[2]))
states = {name: step.state for name, step in result.steps.items()}
print(json.dumps([result.outputs["o"], states, {name: step.reason for name, step in result.steps.items()}]))
"""

OPERATIONS = """
from foveola import Output, operation

from .scaling import scaled

OFFSET = 1.0


class Number(Output):
    value: float


def shifted(value):
    return value + OFFSET


@operation("acme.scale")
def scale(value: float) -> Number:
    \"\"\"Scale.\"\"\"
    return Number(value=shifted(scaled(value)))
"""
SCALING = """
FACTOR = 2.0


def scaled(value):
    return value * FACTOR
"""
RECIPE = """
recipe: keys
inputs: {value: float}
steps: {s: {use: acme.scale, with: {value: $value}}}
outputs: {o: $s.value}
"""
OUR_RECIPE = """
recipe: keys
inputs: {value: float}
steps: {s: {use: get_glaucoma_stage, with: {superior_thickness: 80, inferior_thickness: $value}}}
outputs: {o: $s.glaucoma_stage}
"""


@dataclass
class Bench:
    """A package that may be changed, a store, and fresh processes that run a recipe on it."""

    folder: Path
    package: Path
    recipe: str = RECIPE
    value: float = 70.0

    def write(self, files: dict[str, str]) -> Bench:
        """Write files of the package."""
        for name, text in files.items():
            path = self.package / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return self

    def change(self, name: str, old: str, new: str) -> Bench:
        """Change a file of the package in one place."""
        text = (self.package / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} in {name}"
        return self.write({name: text.replace(old, new)})

    @property
    def is_ours(self) -> bool:
        """Whether it is the package that this house brings."""
        return self.package.name == "foveola_oct"

    @property
    def site(self) -> Path:
        """Where what is installed lies."""
        return user_site(self.folder)

    def install(self, name: str, record: str = "", **said: str) -> None:
        """Write what an installer writes beside a package."""
        distribution(self.site, name, record, **said)

    def run(self, first: str = "", **exam: object) -> tuple[object, str]:
        """What a fresh process answers, perhaps after something else, and whether it computed it."""
        recipe = self.folder / "keys.yaml"
        recipe.write_text(self.recipe, encoding="utf-8")
        environment = {
            **os.environ,
            "FOVEOLA_MEMO": str(self.folder / "memo"),
            "PYTHONPATH": os.pathsep.join([str(self.folder / "path"), str(user_site(self.folder))]),
            "PYTHONUSERBASE": str(self.folder / "user"),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        words = [str(recipe), json.dumps(exam or {"value": self.value}), first, str(user_site(self.folder))]
        command = [sys.executable, "-W", "error", "-c", RUN, *words]
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
        assert ran.returncode == 0, ran.stderr
        answer, states, reasons = json.loads(ran.stdout)
        assert states["s"] != "failed", reasons
        return answer, states["s"]


def user_site(folder: Path) -> Path:
    """Where packages are installed under a user's folder of this kind."""
    scheme = sysconfig.get_preferred_scheme("user")
    return Path(sysconfig.get_path("purelib", scheme, {"userbase": str(folder / "user")}))


def distribution(
    site: Path,
    name: str,
    record: str = "",
    entry_points: str = "",
    version: str = "1.0",
    requires: str = "",
    origin: str = "",
) -> None:
    """Write what an installer writes beside a package."""
    for old in site.glob(f"{name}-*.dist-info"):
        shutil.rmtree(old)
    folder = site / f"{name}-{version}.dist-info"
    folder.mkdir(parents=True)
    needs = f"Requires-Dist: {requires}\n" if requires else ""
    (folder / "METADATA").write_text(f"Name: {name}\nVersion: {version}\n{needs}", encoding="utf-8")
    (folder / "RECORD").write_text(f"{record}{folder.name}/METADATA,,\n{folder.name}/RECORD,,\n", encoding="utf-8")
    (folder / "entry_points.txt").write_text(entry_points, encoding="utf-8")
    if origin:
        (folder / "direct_url.json").write_text(origin, encoding="utf-8")


def make(kind: str, folder: Path) -> Bench:
    """A package of ours beside an engine that is installed, or of a stranger who is installed too, or editable."""
    site = user_site(folder)
    own = metadata.distribution("foveola")
    shutil.copytree(HOUSE / "engine/foveola", site / "foveola")  # with bytecode, where nobody changes it
    distribution(site, "foveola", "foveola/__init__.py,sha256=0,1\n", own.read_text("entry_points.txt") or "")
    package = folder / "path/foveola_oct"
    shutil.copytree(HOUSE / "plugins/foveola_oct", package, ignore=CACHES if kind == "ours" else None)
    shutil.copytree(HOUSE / "recipes", package / "recipes")
    if kind == "ours":
        return Bench(folder, package, OUR_RECIPE)
    points = "[foveola.operations]\nacme.scale = acme.operations:scale\n"
    if kind == "installed":
        package = site / "acme"
        distribution(site, "acme", "acme/operations.py,sha256=0,1\n", points)
    else:
        package = folder / "source/acme"
        (site / "acme.pth").write_text(f"{package.parent}\n", encoding="utf-8")
        distribution(site, "acme", "acme.pth,,\n", points)
    return Bench(folder, package).write({"__init__.py": "", "operations.py": OPERATIONS, "scaling.py": SCALING})


@pytest.fixture(scope="session")
def make_bench() -> Callable[[str, Path], Bench]:
    """Makes a package: `ours`, or a stranger's that is `installed` or `editable`."""
    return make


@pytest.fixture
def stranger(tmp_path) -> Bench:
    """A stranger's package that is editable."""
    return make("editable", tmp_path)
