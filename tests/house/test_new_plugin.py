"""What `foveola new plugin` makes, in a new environment: it installs, its tests pass, foveola finds and serves it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
from contextlib import suppress
from pathlib import Path
from time import sleep
from urllib.error import URLError
from urllib.request import urlopen

import pytest

NAME = "acme-thickness"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the package and its environment lie."""
    return tmp_path_factory.mktemp("new_plugin")


@pytest.fixture(scope="module")
def python(folder: Path) -> Path:
    """A new environment with the package in it, which sees what is installed here and installs nothing into it."""
    venv.create(folder / "venv", with_pip=False)
    bin_folder = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
    site = next((folder / "venv").rglob("site-packages"))
    here = sysconfig.get_path("purelib")
    (site / "here.pth").write_text(
        f"import site; site.PREFIXES.append({sys.prefix!r}); site.addsitedir({here!r})\n", encoding="utf-8"
    )
    made = bin_folder / "python"
    called(made, "-m", "foveola", "new", "plugin", NAME, cwd=folder)
    called(made, "-m", "pip", "install", "--quiet", "--no-deps", "--editable", NAME, cwd=folder)
    return made


def called(python: Path, *words: str, cwd: Path) -> str:
    """What a command says on stdout; it must succeed."""
    environment = {**os.environ, "FOVEOLA_MEMO": str(cwd / "memo")}
    done = subprocess.run(
        [python, *words], cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_its_tests_pass(python: Path, folder: Path) -> None:
    """As they come."""
    assert "3 passed" in called(python, "-m", "pytest", "-p", "no:cacheprovider", cwd=folder / NAME)


def test_its_types_and_its_lines_are_in_order(python: Path, folder: Path) -> None:
    """For strict tools."""
    assert "no issues found in 2 source files" in called(python, "-m", "mypy", cwd=folder / NAME)
    assert "All checks passed!" in called(python, "-m", "ruff", "check", cwd=folder / NAME)
    assert "already formatted" in called(python, "-m", "ruff", "format", "--check", cwd=folder / NAME)


def test_it_is_listed(python: Path, folder: Path) -> None:
    """The operation with its distribution, the recipe with what it is for."""
    operations = json.loads(called(python, "-m", "foveola", "operations", "--json", cwd=folder))
    about = "Add to the thickness of two halves what another device measures more."
    assert {"name": "acme.thickness", "about": about, "distribution": NAME} in operations
    recipes = json.loads(called(python, "-m", "foveola", "recipes", "--json", cwd=folder))
    assert "acme_thickness" in {one["name"] for one in recipes}


def test_its_recipe_runs_between_two_of_ours(python: Path, folder: Path) -> None:
    """From the command line, by its name, on an exam in a folder."""
    halves = [[25.0 / 3] * 60] * 30 + [[20.0 / 3] * 60] * 30
    exam = {
        "layers_thickness_maps": dict.fromkeys(("rnfl", "gcl", "ipl"), halves),
        "pixel_spacing_column": 0.1,
        "pixel_spacing_row": 0.004,
        "slice_thickness": 0.1,
        "scan_protocol": "HORIZONTAL_3D",
        "slice_direction": "TOP_BOTTOM",
        "pixel_direction": "LEFT_RIGHT",
    }
    (folder / "eye").mkdir()
    (folder / "eye" / "exam.json").write_text(json.dumps(exam), encoding="utf-8")
    outputs = json.loads(called(python, "-m", "foveola", "run", "acme_thickness", "eye", cwd=folder))
    assert (outputs["superior"], outputs["inferior"]) == (pytest.approx(98.0), pytest.approx(78.0))
    assert outputs["glaucoma_stage"]["glaucoma_stage"]


def test_the_service_shows_its_path(python: Path, folder: Path) -> None:
    """And that of its recipe, in the description that the running service gives of itself."""
    pytest.importorskip("fastapi")
    with (folder / "log").open("w", encoding="utf-8") as log:
        service = subprocess.Popen([python, "-m", "foveola", "serve", "--port", "0"], cwd=folder, stderr=log)
        try:
            paths = json.loads(fetched(folder / "log", "/openapi.json"))["paths"]
        finally:
            service.terminate()
            service.wait(60)
    assert {"/acme.thickness", "/recipes/acme_thickness", "/get_etdrs"} <= set(paths)


def fetched(log: Path, path: str) -> bytes:
    """What the service answers, once it says in its log where it listens, and does."""
    for _ in range(600):
        sleep(0.1)
        told = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
        for url in (one["url"] for one in told if one["event"] == "listening"):
            with suppress(URLError), urlopen(url + path) as answer:  # noqa: S310  the service of this test
                return answer.read()
    raise AssertionError(log.read_text(encoding="utf-8"))


def test_this_environment_is_left_as_it_was() -> None:
    """The package is nowhere but in its own."""
    seen = subprocess.run(
        [sys.executable, "-c", "import acme_thickness"], capture_output=True, text=True, check=False, timeout=60
    )
    assert "ModuleNotFoundError" in seen.stderr
