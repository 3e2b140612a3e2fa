"""`foveola new plugin`: what it writes, and what it refuses; that the package works is seen in `tests/house`."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from foveola.surfaces.cli import cli
from foveola.surfaces.new.command import SUFFIX, TEMPLATE


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where it is called."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def new(*words: str) -> Result:
    """Call it."""
    return CliRunner().invoke(cli, ["new", "plugin", *words], catch_exceptions=False)


def written(folder: Path) -> dict[str, str]:
    """The files of a folder."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in files}


def test_a_package_is_written_into_a_folder_of_its_name(folder: Path) -> None:
    """Every file of the template, and what to do next is said."""
    made = new("acme-thickness")
    assert made.exit_code == 0
    assert made.stdout == ""
    assert made.stderr.splitlines() == [
        "acme-thickness: the package acme-thickness, with the operation acme.thickness",
        "next: pip install -e 'acme-thickness[test]' && python -m pytest acme-thickness",
    ]
    files = {str(path.relative_to(TEMPLATE)): path.read_text(encoding="utf-8") for path in TEMPLATE.rglob("*.in")}
    assert written(folder / "acme-thickness") == {name.removesuffix(SUFFIX): text for name, text in files.items()}


def test_another_name_takes_the_place_of_the_templates(folder: Path) -> None:
    """In paths and in every line: distribution, module, operation and class."""
    assert new("zeta-rim-2d-area", "elsewhere").exit_code == 0
    files = written(folder / "elsewhere")
    assert "src/zeta_rim_2d_area/recipes/zeta_rim_2d_area.yaml" in files
    everything = "\n".join([*files, *files.values()])
    assert "acme" not in everything.lower()
    assert '"zeta.rim_2d_area" = "zeta_rim_2d_area.operation:operate"' in files["pyproject.toml"]
    assert "class ZetaRim2dArea(Output):" in files["src/zeta_rim_2d_area/operation.py"]
    recipe = yaml.safe_load(files["src/zeta_rim_2d_area/recipes/zeta_rim_2d_area.yaml"])
    assert recipe["steps"]["corrected"]["use"] == "zeta.rim_2d_area"


@pytest.mark.parametrize(
    "name", ["acme", "Acme-thickness", "acme_thickness", "-acme", "acme-", "2-acme", "acme--b", "a/b-c"]
)
def test_a_name_that_is_none_is_refused(folder: Path, name: str) -> None:
    """It must say whose the package is and what it does."""
    refused = new("--", name)
    assert refused.exit_code == 2
    assert refused.stderr.startswith(f"NAME: {name!r} does not say whose it is and what it does")
    assert list(folder.iterdir()) == []


def test_the_name_of_a_package_that_is_there_is_refused(folder: Path) -> None:
    """Nobody's module is hidden."""
    refused = new("foveola-oct")
    assert refused.exit_code == 2
    assert refused.stderr == "NAME: there is a package 'foveola_oct' already; take another name\n"
    assert list(folder.iterdir()) == []


def test_nothing_is_overwritten(folder: Path) -> None:
    """A folder with something in it stays as it is; an empty one is taken."""
    (folder / "full").mkdir()
    (folder / "full" / "mine.txt").write_text("mine", encoding="utf-8")
    refused = new("acme-thickness", "full")
    assert refused.exit_code == 2
    assert refused.stderr == "FOLDER: full is there and not empty; nothing is overwritten\n"
    assert written(folder / "full") == {"mine.txt": "mine"}
    (folder / "empty").mkdir()
    assert new("acme-thickness", "empty").exit_code == 0


def test_a_folder_that_cannot_be_written_is_told(folder: Path) -> None:
    """In a sentence."""
    (folder / "file").write_text("", encoding="utf-8")
    refused = new("acme-thickness", "file/below")
    assert refused.exit_code == 2
    assert refused.stderr == "FOLDER: file/below cannot be written: Not a directory\n"


def test_the_template_has_no_tool_take_it_for_ours() -> None:
    """Every file of it ends with the suffix; the version of the engine is one that it can be installed beside."""
    assert [path for path in TEMPLATE.rglob("*") if path.is_file() and path.suffix != SUFFIX] == []
    assert version("foveola")
