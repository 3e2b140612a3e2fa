"""What is published: a source archive that builds a wheel, which holds what it should and works alone."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
DEVELOPERS = {"docs", "test"}

BUILD = "import sys; from hatchling import build; print(build.build_{kind}(sys.argv[1]))"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that the source archive builds, and no checkout."""
    folder = tmp_path_factory.mktemp("built")
    backend = folder / "backend"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(backend), "hatchling"]
    subprocess.run(pip, check=True, capture_output=True, timeout=300)
    with tarfile.open(built("sdist", ROOT, folder, backend)) as archive:
        archive.extractall(folder, filter="data")
    return built("wheel", next(folder.glob("foveola-*/")), folder, backend)


def built(kind: str, source: Path, folder: Path, backend: Path) -> Path:
    """What the build backend makes of a folder of sources."""
    command = [sys.executable, "-c", BUILD.format(kind=kind), str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(backend)}
    ran = subprocess.run(command, cwd=source, env=environment, capture_output=True, text=True, check=True, timeout=300)
    return folder / ran.stdout.split()[-1]


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which the wheel is installed, and found before the checkout."""
    folder = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder), str(wheel)]
    subprocess.run(pip, check=True, capture_output=True, timeout=300)
    return {**os.environ, "PYTHONPATH": str(folder), "FOVEOLA_MEMO": str(folder / "memo")}


def test_the_wheel_holds_packages_and_recipes_and_nothing_else(wheel: Path) -> None:
    """Every file of both packages, templates among them, every shipped recipe, and what the format wants."""
    expected = {
        str(Path(*([target] if target else []), path.relative_to(ROOT / source)))
        for source, target in {"engine": "", "plugins": "", "recipes": "foveola_oct/recipes"}.items()
        for path in (ROOT / source).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == expected
    assert {"foveola_oct/recipes/macula.yaml", "foveola/surfaces/report/templates/report.html"} < held


def test_the_wheel_alone_runs_a_shipped_recipe(installed: dict[str, str], tmp_path: Path) -> None:
    """Away from the checkout: the demo's exam, a recipe by its name."""

    def python(*words: str) -> str:
        command = [sys.executable, *words]
        return subprocess.run(
            command, cwd=tmp_path, env=installed, stdout=subprocess.PIPE, text=True, check=True, timeout=300
        ).stdout

    found = python("-c", "import foveola, foveola_oct; print(foveola.__file__, foveola_oct.__file__)")
    assert all(path.startswith(installed["PYTHONPATH"]) for path in found.split())
    assert "glaucoma stage NORMAL" in python("-m", "foveola", "demo")
    words = ("run", "macula_from_layers", "foveola-demo/macula_exam", "--only", "retina")
    outputs = json.loads(python("-m", "foveola", *words))
    assert outputs["retina"]["0"]["0"]["mean"] == pytest.approx(264, abs=3)


def test_every_extra_is_on_the_page_that_tells_how_to_install() -> None:
    """And no other."""
    page = (ROOT / "docs" / "how_to" / "install.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) | {"all"} == set(EXTRAS)


def test_all_is_everything_that_a_user_may_want() -> None:
    """What only developers need is left out."""
    (everything,) = EXTRAS["all"]
    assert everything == f"foveola[{','.join(sorted(set(EXTRAS) - DEVELOPERS - {'all'}))}]"


def test_every_hint_names_an_extra_that_there_is() -> None:
    """Wherever somebody is told what to install."""
    sources = [path for folder in ("engine", "plugins") for path in (ROOT / folder).rglob("*.py")]
    texts = [path.read_text(encoding="utf-8") for path in (*sources, *(ROOT / "docs").rglob("*.md"))]
    named = [
        extra for text in texts for found in re.findall(r"foveola\[([\w,]+)\]", text) for extra in found.split(",")
    ]
    assert named
    assert set(named) <= set(EXTRAS)
