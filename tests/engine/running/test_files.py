"""Results as files: whole or not at all, large arrays beside them."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Annotated

import numpy as np
import pytest

from foveola import Array, Exam, InputError, Output, operation, run
from foveola.recipes.reader import parse_recipe
from foveola.running.codec import text_digest
from foveola.running.files import (
    LARGE,
    DamagedError,
    read_content,
    read_result,
    recipe_of,
    stem_of,
    write_atomically,
    write_result,
)
from foveola.running.results import Result
from foveola.testing import closed_registry
from foveola.values import plain


class Grid(Output):
    """An array."""

    grid: Annotated[np.ndarray, Array("n")]
    inner: dict[str, Annotated[np.ndarray, Array("n")]]


@operation("make_grid")
def make_grid(count: int) -> Grid:
    """Make an array."""
    numbers = np.arange(count, dtype=float)
    numbers[0] = np.nan
    return Grid(grid=numbers, inner={"deep": numbers, "small": numbers[:2]})


RECIPE = parse_recipe(
    "recipe: grid\ninputs: {count: int}\nsteps:\n  g: {use: make_grid, with: {count: $count}}\n"
    "outputs: {grid: $g.grid, whole: $g, list: [$g.grid]}\n"
)
REGISTRY = closed_registry([make_grid])


def result_of(count: int, name: str = "eye") -> Result:
    """A result with arrays of so many numbers."""
    return run(RECIPE, Exam({"count": count}, name=name), registry=REGISTRY, memo=None)


def files_in(folder: Path) -> list[str]:
    """The files in a folder, hidden ones among them."""
    return sorted(path.name for path in folder.iterdir())


def test_a_result_is_a_json_file_called_after_its_exam(tmp_path):
    """In a folder that is made if it is not there."""
    path = write_result(result_of(3), tmp_path / "some" / "where")
    assert path == tmp_path / "some" / "where" / "eye.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["outputs"]["grid"] == [None, 1.0, 2.0]
    assert files_in(path.parent) == ["eye.json"]


def test_large_arrays_lie_beside_it(tmp_path):
    """Under their paths, those in maps and lists too; small ones stay, and so do the places in lists."""
    path = write_result(result_of(LARGE + 1), tmp_path)
    content = json.loads(path.read_text(encoding="utf-8"))
    assert files_in(tmp_path) == ["eye.json", "eye.npz"]
    with np.load(tmp_path / "eye.npz") as arrays:
        paths = ["outputs/grid", "outputs/list/0", "outputs/whole/grid", "outputs/whole/inner/deep"]
        assert sorted(arrays) == paths
        assert np.isnan(arrays["outputs/grid"][0])
        assert arrays["outputs/grid"][-1] == LARGE
    assert "grid" not in content["outputs"]
    assert content["outputs"]["whole"] == {"inner": {"small": [None, 1.0]}}
    assert content["outputs"]["list"] == [[]]


@pytest.mark.parametrize("count", [3, LARGE + 1], ids=["small", "large"])
def test_what_was_written_is_read(tmp_path, count):
    """With the large arrays at their places, in maps and lists too."""
    result = result_of(count)
    content = read_result(write_result(result, tmp_path))
    assert plain(content["outputs"]) == plain(result.outputs)
    assert content["exam"]["name"] == "eye"
    assert recipe_of(content).source.text == RECIPE.source.text


def test_the_arrays_of_a_damaged_file_are_named(tmp_path):
    """What the result says itself can be read all the same."""
    path = write_result(result_of(LARGE + 1), tmp_path)
    arrays = path.with_suffix(".npz")
    arrays.write_bytes(arrays.read_bytes()[:1000])
    with pytest.raises(DamagedError, match=r"eye\.npz: is truncated or no \.npz file"):
        read_result(path)
    assert read_content(path)["outputs"]["list"] == [[]]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(None, "cannot be read: No such file or directory", id="absent"),
        pytest.param("{", r"is no result file: it is not JSON \(", id="half"),
        pytest.param("[]", "is no result file: it has no 'recipe'", id="a list"),
        pytest.param('{"recipe": "grid", "exam": null}', "is no result file: it has no 'exam.name'", id="a part"),
    ],
)
def test_what_is_no_result_is_refused(tmp_path, content, said):
    """By the file's name, with what it lacks."""
    path = tmp_path / "eye.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=f"eye.json: {said}"):
        read_result(path)


def test_ten_thousand_numbers_are_not_large(tmp_path):
    """More are."""
    write_result(result_of(LARGE), tmp_path)
    assert files_in(tmp_path) == ["eye.json"]


def test_the_same_result_gives_the_same_arrays_byte_for_byte(tmp_path):
    """However often it is written."""
    for folder in ("one", "two"):
        write_result(result_of(LARGE + 1), tmp_path / folder)
    assert (tmp_path / "one" / "eye.npz").read_bytes() == (tmp_path / "two" / "eye.npz").read_bytes()


def test_arrays_of_an_older_result_do_not_stay_beside_a_newer_one(tmp_path):
    """They are not its own."""
    write_result(result_of(LARGE + 1), tmp_path)
    write_result(result_of(3), tmp_path)
    assert files_in(tmp_path) == ["eye.json"]


@pytest.mark.parametrize(
    ("name", "file"),
    [
        pytest.param("a.b", "a.b.json", id="dots"),
        pytest.param("../eye", "..__eye.json", id="a way up"),
        pytest.param("", "exam.json", id="nothing"),
        pytest.param("p" * 300, f"{'p' * 227}-{text_digest(b'p' * 300)[:12]}.json", id="longer than systems take"),
    ],
)
def test_whatever_an_exam_is_called_its_result_is_in_the_folder(tmp_path, name, file):
    """And called after it; inside it is called what it is called."""
    path = write_result(result_of(3, name), tmp_path / "results")
    assert path.name == file
    assert files_in(tmp_path) == ["results"]
    assert json.loads(path.read_text(encoding="utf-8"))["exam"]["name"] == name


@pytest.mark.parametrize("letter", ["x", "ü", "眼"])
def test_a_name_is_cut_between_letters(tmp_path, letter):
    """However many bytes each takes; names that differ behind the cut stay apart."""
    stems = {stem_of(letter * count) for count in (400, 401, 402)}
    assert len(stems) == 3
    for stem in stems:
        assert len(os.fsencode(stem)) <= 240
        assert set(stem.rpartition("-")[0]) == {letter}
        write_atomically(tmp_path / f"{stem}.json", b"")


@pytest.mark.parametrize("fails", ["fsync", "replace", "open"])
@pytest.mark.parametrize("count", [3, LARGE + 1], ids=["small", "large"])
def test_what_cannot_be_written_leaves_what_was_there(tmp_path, monkeypatch, fails, count):
    """The old result, and no half of a new one."""
    write_result(result_of(LARGE + 1), tmp_path)
    before = {name: (tmp_path / name).read_bytes() for name in files_in(tmp_path)}

    def refuse(*_args, **_options):
        raise OSError(28, "No space left on device")

    newer = result_of(count)
    if fails == "fsync":
        monkeypatch.setattr(os, "fsync", refuse)
    else:
        monkeypatch.setattr(Path, fails, refuse)
    with pytest.raises(OSError, match="No space left") as refused:
        write_result(newer, tmp_path)
    monkeypatch.undo()
    assert refused.value.filename == str(tmp_path / "eye.json")
    assert {name: (tmp_path / name).read_bytes() for name in files_in(tmp_path)} == before


def test_a_file_is_readable_for_those_whom_the_system_lets_read(tmp_path):
    """Not for its writer alone, as temporary files are."""
    write_atomically(tmp_path / "one", b"1")
    (tmp_path / "other").write_bytes(b"1")
    modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("one", "other")}
    assert len(modes) == 1


def test_a_file_is_replaced_whole(tmp_path):
    """Shorter by longer, longer by shorter."""
    path = tmp_path / "file"
    for content in (b"long content", b"short", b"", b"longer than before"):
        write_atomically(path, content)
        assert path.read_bytes() == content
    assert files_in(tmp_path) == ["file"]
