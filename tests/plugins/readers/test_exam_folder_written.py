"""Exams written as `exam.json` and `exam.npz`: whole or not at all, and read again as they were."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from foveola import Exam, InputError
from foveola.archives import LARGE
from foveola.readers import read_exam
from foveola_oct.readers import exam_folder
from foveola_oct.readers.exam_folder import write_exam
from foveola_oct.retina import LayerSegmentation, OctExam
from foveola_oct.retina.phantoms import LAYERS, layer_outlines, pathological_phantom

TRIANGLE = [[0.0, 1.0], [2.0, 1.0], [2.0, 5.5]]
SQUARE = [[0.0, 6.0], [3.0, 6.0], [3.0, 7.0], [0.0, 7.0]]
OUTLINES = [[], [{"points": TRIANGLE, "className": "rnfl"}, {"points": SQUARE, "className": "gcl"}], []]
LANDMARKS = {"indices": [0, 1, 2], "fovea": [0.1, 0.9, 0.2]}


@pytest.fixture(scope="module")
def phantom():
    """A scan with layers, lesions, landmarks and images."""
    return pathological_phantom(num_slices=9, pixel_image_width=64, pixel_image_height=96)


@pytest.mark.parametrize("outlined", [False, True], ids=["borders", "polygons"])
@pytest.mark.parametrize("read_before", [False, True], ids=["values", "exam"])
def test_what_is_read_equals_what_was_written(open_exam, assert_equal, tmp_path, phantom, outlined, read_before):
    """A whole exam comes back, value for value, bit for bit; so does one that was read itself."""
    values = dict(phantom)
    if outlined:
        values["layer_segmentation"] = layer_outlines(phantom["layer_segmentation"]["borders"], LAYERS)
    written = OctExam(values)
    if read_before:
        dict(written)
    write_exam(written if read_before else values, tmp_path)
    assert_equal(open_exam(tmp_path), written)


def test_an_exam_of_any_kind_can_be_written(open_exam, assert_equal, tmp_path):
    """A segmentation has its form by its name, whether or not the exam declares it."""
    write_exam(Exam({"layer_segmentation": OUTLINES}), tmp_path)
    assert_equal(open_exam(tmp_path)["layer_segmentation"], LayerSegmentation.read(OUTLINES))


def test_a_read_exam_is_written_as_it_was(open_exam, tmp_path):
    """Records count as values too, and the same exam gives the same bytes."""
    values = {
        "laterality": "L",
        "num_slices": 3,
        "slice_thickness": 0.25,
        "layer_segmentation": LayerSegmentation.read(OUTLINES),
        "landmarks": LANDMARKS,
    }
    write_exam(values, tmp_path / "a")
    write_exam(open_exam(tmp_path / "a"), tmp_path / "b")
    for file in ("exam.json", "exam.npz"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_where_values_lie(tmp_path):
    """Segmentations and what is large lie beside the text, which has a name a line."""
    write_exam(
        {
            "laterality": "L",
            "visit": None,
            "layer_segmentation": OUTLINES,
            "landmarks": {**LANDMARKS, "indices": np.arange(3), "coordinates": np.zeros((3, 3, 2))},
            "acme": {"small": [1, 2], "large": np.zeros(LARGE + 1), "note": "x"},
        },
        tmp_path,
    )
    lines = (tmp_path / "exam.json").read_text(encoding="utf-8").splitlines()
    assert (lines[0], lines[-1]) == ("{", "}")
    assert [line.split('"')[1] for line in lines[1:-1]] == ["laterality", "landmarks", "acme"]
    text = json.loads((tmp_path / "exam.json").read_bytes())
    assert text["landmarks"]["coordinates"] == np.zeros((3, 3, 2)).tolist()
    assert text["acme"] == {"small": [1, 2], "note": "x"}
    with np.load(tmp_path / "exam.npz") as members:
        names = ("points", "offsets", "slices", "classes", "class_names", "num_slices")
        assert set(members) == {"acme/large", *(f"layer_segmentation/{name}" for name in names)}


NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\\\0"), min_size=1, max_size=4)
NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
JSON = NUMBERS | TEXTS | st.lists(NUMBERS | TEXTS | st.booleans(), max_size=3)
KINDS = arrays.boolean_dtypes() | arrays.integer_dtypes() | arrays.floating_dtypes()
ARRAYS = arrays.arrays(KINDS, arrays.array_shapes(min_side=0, max_dims=3, max_side=3))
VALUES = st.dictionaries(NAMES, JSON | ARRAYS | st.dictionaries(NAMES, ARRAYS | JSON, max_size=3), max_size=3)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(values=VALUES)
def test_any_further_value_comes_back(assert_equal, tmp_path, values):
    """Numbers, texts, lists, maps and arrays, of whatever type and shape, are what they were."""
    write_exam(Exam(values), tmp_path)
    assert_equal(dict(read_exam(tmp_path, [exam_folder.READER], Exam)), values)


def test_an_exam_is_replaced_whole(open_exam, tmp_path):
    """Nothing of the exam that lay there is left, nor any file besides."""
    write_exam({"laterality": "L", "layer_segmentation": OUTLINES}, tmp_path / "a/b")
    write_exam({"laterality": "R"}, tmp_path / "a/b")
    assert [path.name for path in (tmp_path / "a/b").iterdir()] == ["exam.json"]
    assert dict(open_exam(tmp_path / "a/b")) == {"laterality": "R"}


def test_a_full_disk_leaves_the_old_exam(tmp_path, monkeypatch):
    """What cannot be written whole is not written, and nothing is left of the attempt."""
    write_exam({"laterality": "L", "layer_segmentation": OUTLINES}, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def is_full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", is_full)
    with pytest.raises(OSError, match="No space left"):
        write_exam({"laterality": "R"}, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("survived", [0, 1], ids=["before the arrays", "before the text"])
def test_an_exam_half_replaced_never_mixes(open_exam, tmp_path, monkeypatch, survived):
    """Killed between the two files, the folder has no text, rather than one of other arrays."""
    write_exam({"laterality": "L", "layer_segmentation": OUTLINES}, tmp_path)
    replace, left = Path.replace, [survived]

    def replace_or_die(path: Path, target: Path) -> Path:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", replace_or_die)
    with pytest.raises(KeyboardInterrupt):
        write_exam({"laterality": "R", "landmarks": {"indices": np.arange(LARGE + 1)}}, tmp_path)
    assert "laterality" not in open_exam(tmp_path)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"a": np.array([print])}, "a: holds object, neither numbers nor text"),
        ({"a": {"b": np.array([1j])}}, "a.b: holds complex128, neither numbers nor text"),
        ({"a/b": np.zeros(1)}, "a/b: is an array, whose names may not be empty nor have / or \\ or NUL"),
        ({"a": {"": np.zeros(1)}}, "a.: is an array, whose names may not be empty nor have / or \\ or NUL"),
        ({"right": OctExam({})}, "right: is an exam; write it to a folder of its own, and here its path"),
        ({"a": print}, "a: cannot be written as JSON: "),
        ({"a": "\ud800"}, "a: cannot be written as JSON: "),
        ({"a": [2**64]}, "a: cannot be written as JSON: "),
        ({"layer_segmentation": 5}, "exam.layer_segmentation: takes a list over slices"),
    ],
    ids=[
        "objects",
        "complex",
        "slash",
        "empty name",
        "exam",
        "function",
        "half a character",
        "a huge number",
        "no segmentation",
    ],
)
def test_what_no_file_can_hold_is_refused(tmp_path, values, message):
    """The error names the value, and nothing is written."""
    with pytest.raises(InputError) as error:
        write_exam(values, tmp_path / "od")
    assert str(error.value).startswith(message)
    assert not (tmp_path / "od").exists()
