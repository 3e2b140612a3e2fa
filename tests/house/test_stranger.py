"""A stranger's package of eleven lines, installed beside: listed, checked, run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from foveola.registry import Registry

STRANGER = Path(__file__).parents[1] / "stranger"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which the stranger's package is installed in a folder of its own on the path."""
    folder = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder)]
    subprocess.run([*pip, str(STRANGER)], check=True, capture_output=True, timeout=300)
    return {**os.environ, "PYTHONPATH": str(folder)}


@pytest.fixture
def exam(tmp_path: Path) -> Path:
    """An exam whose superior half is 100 µm thick and whose inferior half is 80 µm."""
    rows = np.repeat([25.0, 20.0], 30)
    maps = {layer: np.tile(rows[:, None] / 3, (1, 60)).tolist() for layer in ("rnfl", "gcl", "ipl")}
    values = {
        "layers_thickness_maps": maps,
        "pixel_spacing_column": 0.1,
        "slice_thickness": 0.1,
        "pixel_spacing_row": 0.004,
        "scan_protocol": "HORIZONTAL_3D",
        "slice_direction": "TOP_BOTTOM",
        "pixel_direction": "LEFT_RIGHT",
    }
    (tmp_path / "exam.json").write_text(json.dumps(values), encoding="utf-8")
    return tmp_path


def foveola(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """The command, in an environment."""
    command = [sys.executable, "-m", "foveola", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


def test_a_strangers_operation_is_eleven_lines() -> None:
    """What somebody must write to add an operation fits in eleven lines."""
    assert len((STRANGER / "acme_asymmetry.py").read_text(encoding="utf-8").splitlines()) == 11


def test_what_it_lacks_to_be_published_is_told(installed: dict[str, str]) -> None:
    """Eleven lines run; `check_operation` names what a reader of the numbers would miss in them, and nothing else."""
    command = [sys.executable, "-c", CHECK]
    checked = subprocess.run(command, env=installed, capture_output=True, text=True, check=False, timeout=120)
    *_, told = checked.stderr.partition("acme.asymmetry has 4 faults:")
    assert [line.split("; ")[0].strip() for line in told.strip().splitlines()] == [
        "description: its parameter `superior` is not described",
        "description: its parameter `inferior` is not described",
        "description: `ratio` of its answer is not described",
        "unit: `ratio` of its answer has no unit",
    ]


CHECK = """
from acme_asymmetry import asymmetry
from foveola.testing import check_operation
check_operation(asymmetry, {"superior": 100.0, "inferior": 80.0})
"""


def test_a_strangers_operation_is_listed_with_its_distribution(installed: dict[str, str]) -> None:
    """`foveola operations` names it, what it is for and the package that brought it."""
    about = "Superior thickness divided by inferior thickness."
    listed = json.loads(foveola(installed, "operations", "--json").stdout)
    assert {"name": "acme.asymmetry", "about": about, "distribution": "acme-asymmetry"} in listed
    lines = foveola(installed, "operations").stdout.splitlines()
    assert [line.split(maxsplit=1)[1] for line in lines if "acme" in line] == [f"{about} (acme-asymmetry)"]


def test_ours_are_listed_with_what_they_are_for(installed: dict[str, str]) -> None:
    """In the words of their docstrings, though none of them is imported for it."""
    listed = json.loads(foveola(installed, "operations", "--json").stdout)
    ours = {one["name"]: one["about"] for one in listed if one["distribution"] == "foveola"}
    assert ours == {name: Registry.installed().operation(name).about for name in ours}
    assert len(ours) > 35


def test_a_strangers_operation_is_described(installed: dict[str, str]) -> None:
    """`foveola operations NAME` knows its parameters and their units."""
    described = json.loads(foveola(installed, "operations", "acme.asymmetry", "--json").stdout)
    assert [(one["name"], one["unit"]) for one in described["parameters"]] == [("superior", "µm"), ("inferior", "µm")]


def test_a_recipe_that_wires_it_between_ours_is_checked_and_run(installed: dict[str, str], exam: Path) -> None:
    """A recipe wires our halves into it, and its ratio comes out."""
    recipe = str(STRANGER / "asymmetry.yaml")
    assert foveola(installed, "check", recipe, str(exam)).returncode == 0
    ran = foveola(installed, "run", recipe, str(exam))
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["asymmetry"] == pytest.approx(100 / 80)


def test_a_wrong_unit_is_refused_before_anything_runs(installed: dict[str, str], exam: Path, tmp_path: Path) -> None:
    """Its µm parameters refuse a map in px, and say both units."""
    recipe = tmp_path / "wrong.yaml"
    text = (STRANGER / "asymmetry.yaml").read_text(encoding="utf-8")
    recipe.write_text(text.replace("$halves.superior", "$layers_thickness_maps"), encoding="utf-8")
    checked = foveola(installed, "check", str(recipe), str(exam))
    assert checked.returncode == 2
    assert "px" in checked.stderr
    assert "µm" in checked.stderr
