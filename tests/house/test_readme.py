"""The README's recipe, plugin and script do what it says."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

import foveola
from foveola_oct.readers.exam_folder import write_exam
from foveola_oct.retina.phantoms import macula_phantom

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def block(language: str, holding: str) -> str:
    """The code block of a language that holds some words."""
    return next(text for kind, text in BLOCKS if kind == language and holding in text)


@pytest.fixture(scope="module")
def exam(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small synthetic exam in a folder."""
    folder = tmp_path_factory.mktemp("exams") / "scan"
    write_exam(macula_phantom(num_slices=25, pixel_image_width=128, images=False), folder)
    return folder


def test_the_first_two_code_lines_are_the_two_commands() -> None:
    """The first installs and runs the demo, the second installs what tests need and runs them."""
    language, text = BLOCKS[0]
    first, second = text.splitlines()
    assert language == "sh"
    assert first.endswith("foveola demo")
    assert "[test]" in second
    assert "pytest" in second


def test_what_it_is_is_said_in_five_lines() -> None:
    """The first paragraph under the title."""
    paragraph = README.split("\n\n")[1]
    assert len(paragraph.splitlines()) <= 5


def test_the_first_recipe_is_sound_and_runs(exam: Path, tmp_path: Path) -> None:
    """Its outputs are the nine fields and how much of them was measured."""
    recipe = tmp_path / "central_subfield.yaml"
    recipe.write_text(block("yaml", "recipe: central_subfield"), encoding="utf-8")
    assert foveola.check(recipe, exam) == []
    outputs = foveola.run(recipe, exam).outputs
    assert outputs["etdrs"]["0"]["0"]["mean"] == pytest.approx(264, abs=3)
    assert outputs["coverage"]["0"]["0"] == pytest.approx(1.0)


def test_the_script_runs(exam: Path) -> None:
    """The lines for Python give what they say, on an exam in the place of a device's file."""
    names: dict[str, object] = {}
    exec(block("python", "import foveola\n").replace('"scan.vol"', repr(os.fspath(exam))), names)  # noqa: S102  our own README
    assert names["result"].steps["etdrs[rnfl]"].state in {"computed", "remembered"}
