"""Completion in a shell: the words that bash and zsh are given, and what is not loaded to find them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from foveola.registry import Registry

RECIPE = """
recipe: mine
inputs: {layer_segmentation: LayerSegmentation}
context: {zone_of_interest: 6 mm}
steps:
  maps:
    use: get_layer_thickness_map
    with: {segmentation_instances: $layer_segmentation, run_resolution: null}
outputs: {thickness: $maps.thickness_maps, status: $maps.status}
"""
HEAVY = {"numpy", "pydantic", "scipy", "cv2", "skimage", "networkx", "rich"}
RUN = "import sys; from foveola.surfaces.cli import main\ntry:\n    main()\nexcept SystemExit:\n    pass\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the shell is, with a recipe of one's own."""
    (tmp_path / "mine.yaml").write_text(RECIPE, encoding="utf-8")
    (tmp_path / "broken.yaml").write_text("steps: [", encoding="utf-8")
    return tmp_path


def completed(folder: Path, words: str, shell: str = "bash", after: str = "") -> list[str]:
    """What the command answers a shell that asks how the last of some words may go on."""
    environment = {**os.environ, "_FOVEOLA_COMPLETE": f"{shell}_complete", "COMP_WORDS": f"foveola {words}"}
    environment["COMP_CWORD"] = str(len(f"foveola {words}".split(" ")) - 1)
    command = [sys.executable, "-c", RUN + after]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return [line for line in done.stdout.splitlines() if line]


CASES = [
    pytest.param("call get_am", ["get_amd_stage"], id="operation to call"),
    pytest.param("operations get_gcc", ["get_gcc_circle"], id="operation to describe"),
    pytest.param("recipes mac", ["macula", "macula_from_layers"], id="recipe to print"),
    pytest.param("run opt", ["optic_nerve"], id="recipe to run"),
    pytest.param("check opt", ["optic_nerve"], id="recipe to check"),
    pytest.param("plan opt", ["optic_nerve"], id="recipe to plan"),
    pytest.param("run mine.yaml --only s", ["status"], id="output"),
    pytest.param("run mine.yaml eye --only t", ["thickness"], id="output after an exam"),
    pytest.param(
        "run mine.yaml eye --set ",
        [
            "context.zone_of_interest=",
            "exam.layer_segmentation=",
            "maps.run_resolution=",
            "maps.segmentation_instances=",
        ],
        id="what can be set",
    ),
    pytest.param("check mine.yaml --set maps.r", ["maps.run_resolution="], id="parameter of a step"),
    pytest.param("plan macula_from_layers --set halv", ["halves."], id="step of a shipped recipe"),
    pytest.param("run broken.yaml --only ", [], id="output of a recipe that cannot be read"),
    pytest.param("run none.yaml --set ", [], id="step of a recipe that is not there"),
    pytest.param("ver", ["verify"], id="command"),
]


@pytest.mark.parametrize(("words", "offered"), CASES)
def test_names_complete_in_bash(folder: Path, words: str, offered: list[str]) -> None:
    """Those that go on as the last word begins."""
    assert completed(folder, words) == [f"plain,{name}" for name in offered]


@pytest.mark.parametrize(("words", "offered"), [case.values for case in CASES[:4]], ids=[case.id for case in CASES[:4]])
def test_names_complete_in_zsh(folder: Path, words: str, offered: list[str]) -> None:
    """Each with its kind, itself, and no help."""
    assert completed(folder, words, "zsh") == [line for name in offered for line in ("plain", name, "_")]


@pytest.mark.parametrize("words", ["run mi", "run macula ey", "check macula ey"])
def test_what_is_no_name_is_a_path(folder: Path, words: str) -> None:
    """A recipe of one's own and an exam are found by the shell."""
    assert completed(folder, words) == ["file," + words.rpartition(" ")[2]]


def test_every_operation_is_offered(folder: Path) -> None:
    """All that are installed."""
    assert completed(folder, "call ") == [f"plain,{name}" for name in Registry.installed().operation_names]


@pytest.mark.parametrize("words", ["call get_am", "run opt", "run mine.yaml eye --set maps."])
def test_nothing_heavy_is_loaded(folder: Path, words: str) -> None:
    """A person waits for it at every key."""
    *_, loaded = completed(folder, words, after="print(*sys.modules)")
    assert HEAVY.isdisjoint(loaded.split())


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_the_shell_takes_the_script(folder: Path, shell: str) -> None:
    """What a person puts into the shell's own file is read by that shell."""
    environment = {**os.environ, "_FOVEOLA_COMPLETE": f"{shell}_source"}
    script = subprocess.run(
        [sys.executable, "-c", RUN], env=environment, capture_output=True, text=True, check=True, timeout=120
    ).stdout
    assert "_foveola_completion" in script
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is missing")
    (folder / "script").write_text(script, encoding="utf-8")
    subprocess.run([shell, "-n", "script"], cwd=folder, check=True, timeout=60)
