"""`foveola demo`: a synthetic exam of each kind, its tables, its files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from foveola.surfaces.cli import cli


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What the demo prints, and the folder that it fills."""
    folder = tmp_path_factory.mktemp("demo")
    ran = CliRunner().invoke(cli, ["demo", "-o", str(folder)], env={"COLUMNS": "120"}, catch_exceptions=False)
    assert ran.exit_code == 0
    return ran.stdout, folder


def test_the_demo_prints_etdrs_and_stage(shown: tuple[str, Path]) -> None:
    """The nine fields of the total retina, and the stage of a healthy eye."""
    text, _ = shown
    assert "264.2 ± 22.4" in text
    assert "glaucoma stage NORMAL" in text


def test_the_demo_prints_the_optic_nerve(shown: tuple[str, Path]) -> None:
    """Disc and cup come out as the phantom has them: 1.7 mm, and 0.44 of it."""
    text, _ = shown
    assert "1.700" in text
    assert "vertical cup/disc 0.44" in text
    assert "DDLS stage 3" in text


def test_the_demo_leaves_exams_and_results(shown: tuple[str, Path]) -> None:
    """What it says it wrote is there."""
    text, folder = shown
    result = json.loads((folder / "results" / "macula_exam.json").read_text(encoding="utf-8"))
    assert result["outputs"]["exam_type"] == "is_macula_scan"
    assert (folder / "optic_nerve_exam" / "exam.npz").is_file()
    assert "foveola run glaucoma" in text
