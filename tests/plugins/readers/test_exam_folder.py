"""Exams as `exam.json` and `exam.npz`: read lazily, written whole, refused with file and member."""

import json
from collections.abc import Mapping
from pathlib import Path
from shutil import copy

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from foveola import Exam, ExamError, InputError, Record
from foveola.archives import LARGE
from foveola.readers import read_exam
from foveola_oct.readers import exam_folder
from foveola_oct.readers.exam_folder import write_exam
from foveola_oct.retina import LandmarkPredictions, LayerSegmentation, OctExam, PathologySegmentation
from foveola_oct.retina.phantoms import LAYERS, layer_outlines, pathological_phantom

GEOMETRY = {
    "pixel_spacing_column": 0.012,
    "pixel_spacing_row": 0.004,
    "slice_thickness": 0.25,
    "scan_protocol": "HORIZONTAL_3D",
    "slice_direction": "BOTTOM_TOP",
    "pixel_direction": "LEFT_RIGHT",
    "num_slices": 3,
    "pixel_image_width": 4,
    "pixel_image_height": 8,
    "laterality": "L",
}
TRIANGLE = [[0.0, 1.0], [2.0, 1.0], [2.0, 5.5]]
SQUARE = [[0.0, 6.0], [3.0, 6.0], [3.0, 7.0], [0.0, 7.0]]
OUTLINES = [[], [{"points": TRIANGLE, "className": "rnfl"}, {"points": SQUARE, "className": "gcl"}], []]
OUTLINE_ARRAYS = {
    "points": np.array(TRIANGLE + SQUARE),
    "offsets": np.array([0, 3, 7]),
    "slices": np.array([1, 1]),
    "classes": np.array([0, 1]),
    "class_names": np.array(["rnfl", "gcl"]),
}
BORDERS = {"borders": np.arange(24.0).reshape(2, 3, 4), "layers": np.array(["retina"])}
LANDMARKS = {"indices": [0, 1, 2], "fovea": [0.1, 0.9, 0.2]}


def write(folder, values=None, **members):
    """Write either or both files of an exam; members under their paths with `__` for `/`."""
    folder.mkdir(parents=True, exist_ok=True)
    if values is not None:
        (folder / "exam.json").write_text(json.dumps(values), encoding="utf-8")
    if members:
        np.savez(folder / "exam.npz", **{name.replace("__", "/"): array for name, array in members.items()})
    return folder


def under(name, parts):
    """Members below a name."""
    return {f"{name}__{part}": array for part, array in parts.items()}


def open_exam(path):
    """Read an exam as the engine does."""
    return read_exam(path, [exam_folder.READER], OctExam)


def assert_equal(one, other):
    """Compare values, records by their fields, arrays to the last bit and NaN with NaN."""
    if isinstance(one, np.ndarray):
        assert (one.dtype, one.shape) == (other.dtype, other.shape)
        np.testing.assert_array_equal(one, other)
    elif isinstance(one, Mapping | Record):
        one, other = dict(one), dict(other)
        assert one.keys() == other.keys()
        for key, value in one.items():
            assert_equal(value, other[key])
    else:
        assert one == other


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("both", True),
        ("both/exam.json", True),
        ("json", True),
        ("npz", True),
        ("other.json", True),
        ("other.JSON", True),
        ("both/exam.npz", False),
        ("none", False),
        ("folder.json", False),
        ("notes.txt", False),
    ],
)
def test_recognises_folders_and_json(tmp_path, path, answer):
    """A folder is known by either file, a file by its ending."""
    write(tmp_path / "both", {}, a=np.zeros(1))
    write(tmp_path / "json", {})
    write(tmp_path / "npz", a=np.zeros(1))
    for folder in ("none", "folder.json"):
        (tmp_path / folder).mkdir()
    for file in ("other.json", "other.JSON", "notes.txt"):
        (tmp_path / file).write_text("{}")
    assert exam_folder.recognises(tmp_path / path) is answer


def test_values_have_the_types_of_the_exam(tmp_path):
    """Named values come from the JSON, read as their types; null is absent; any further name is as it was said."""
    exam = open_exam(
        write(tmp_path / "od", {**GEOMETRY, "laterality": None, "device": {"name": "x"}, "landmarks": LANDMARKS})
    )
    assert exam.name == "od"
    assert (exam["num_slices"], exam["exam_width_mm"], exam["device"]) == (3, 0.048, {"name": "x"})
    assert "laterality" not in exam
    assert isinstance(exam["landmarks"], LandmarkPredictions)


@pytest.mark.parametrize("path", ["od", "od/exam.json", "od.json"])
def test_arrays_lie_beside_the_json_under_its_name(tmp_path, path):
    """A folder, its JSON, or any other JSON: the arrays are found beside it."""
    write(tmp_path / "od", GEOMETRY, **under("layer_segmentation", BORDERS))
    for ending in (".json", ".npz"):
        copy(tmp_path / f"od/exam{ending}", tmp_path / f"od{ending}")
    exam = open_exam(tmp_path / path)
    assert exam["layer_segmentation"].layer_names == ("retina",)
    assert exam["laterality"] == "L"


def test_a_value_may_lie_in_both_files(tmp_path):
    """What is small of a value may be text, what is large an array."""
    exam = open_exam(
        write(
            tmp_path,
            {"landmarks": {**LANDMARKS, "coordinates": None}, "acme": {"unit": "px"}},
            landmarks__coordinates=np.ones((3, 3, 2)),
            acme__maps__rnfl=np.ones((2, 2), np.float32),
        )
    )
    assert exam["landmarks"].coordinates.shape == (3, 3, 2)
    assert exam["landmarks"].fovea.tolist() == [0.1, 0.9, 0.2]
    assert exam["acme"]["unit"] == "px"
    assert exam["acme"]["maps"]["rnfl"].dtype == np.float32


def test_an_exam_may_be_arrays_alone(tmp_path):
    """Numbers and texts without axes are values."""
    values = {name: np.array(value) for name, value in GEOMETRY.items()}
    exam = open_exam(
        write(tmp_path, **values, **under("layer_segmentation", OUTLINE_ARRAYS), unique_scan_diseases=np.array(["cnv"]))
    )
    assert {name: exam[name] for name in GEOMETRY} == GEOMETRY
    assert exam["unique_scan_diseases"].names == ("cnv",)
    assert exam["layer_segmentation"].num_slices == 3


@pytest.mark.parametrize(
    ("own", "member"), [(3, None), (None, 3), (3, 3), (np.array(3), None)], ids=["exam's", "member", "both", "array"]
)
def test_outlines_are_told_how_many_slices_there_are(tmp_path, own, member):
    """Arrays of instances do not say it: the exam does, or a member of theirs."""
    members = under("pathology_segmentation", OUTLINE_ARRAYS)
    if member is not None:
        members["pathology_segmentation__num_slices"] = np.array(member)
    if isinstance(own, np.ndarray):
        members["num_slices"] = own
    exam = open_exam(write(tmp_path, {"num_slices": own} if isinstance(own, int) else {}, **members))
    segmentation = exam["pathology_segmentation"]
    assert isinstance(segmentation, PathologySegmentation)
    assert segmentation.num_slices == 3
    assert [instance.class_name for instance in segmentation.outlines.on_slice(1)] == ["rnfl", "gcl"]


def test_outlines_of_unknown_extent_are_refused_when_asked_for(tmp_path):
    """Where nobody says how many slices there are, the other values can still be read."""
    exam = open_exam(write(tmp_path, {"laterality": "L"}, **under("layer_segmentation", OUTLINE_ARRAYS)))
    assert exam["laterality"] == "L"
    with pytest.raises(InputError, match="num_slices: is missing"):
        exam["layer_segmentation"]


@pytest.mark.parametrize("form", ["polygons", "arrays as JSON", "arrays"])
def test_the_forms_of_a_segmentation_are_one(tmp_path, form):
    """Polygons by slice and the arrays of all instances, wherever they lie, are the same outlines."""
    values = {
        "polygons": {"layer_segmentation": OUTLINES},
        "arrays as JSON": {"layer_segmentation": {name: array.tolist() for name, array in OUTLINE_ARRAYS.items()}},
        "arrays": {},
    }[form]
    members = under("layer_segmentation", OUTLINE_ARRAYS) if form == "arrays" else {}
    segmentation = open_exam(write(tmp_path, {**GEOMETRY, **values}, **members))["layer_segmentation"]
    assert_equal(segmentation, LayerSegmentation.read(OUTLINES))


def test_what_nobody_asks_for_is_not_read(tmp_path):
    """A damaged image does no harm to who wants the layers; who wants the image hears of file and member."""
    write(tmp_path, GEOMETRY, bscan_images=np.full((3, 8, 4), 77, np.uint8), **under("layer_segmentation", BORDERS))
    file = tmp_path / "exam.npz"
    file.write_bytes(file.read_bytes().replace(bytes([77] * 10), bytes([78] * 10), 1))
    exam = open_exam(tmp_path)
    assert "bscan_images" in exam
    assert set(exam) > {"bscan_images", "layer_segmentation", "exam_height_mm"}
    assert exam["layer_segmentation"].num_slices == 3
    assert exam.replaced({"laterality": "R"})["laterality"] == "R"
    with pytest.raises(ExamError) as error:
        exam["bscan_images"]
    assert str(error.value) == f"{file}: member 'bscan_images' is damaged: Bad CRC-32 for file 'bscan_images.npy'"


@pytest.mark.parametrize(
    ("values", "members", "file", "sentence"),
    [
        ([1], {}, "exam.json", "is no object of named values"),
        ({"laterality": "L"}, {"laterality": np.array("R")}, "exam.npz", "member 'laterality' is given already"),
        (
            {"landmarks": LANDMARKS},
            {"landmarks__fovea": np.zeros(3)},
            "exam.npz",
            "member 'landmarks/fovea' is given already",
        ),
        (
            {"layer_segmentation": OUTLINES},
            under("layer_segmentation", BORDERS),
            "exam.npz",
            "member 'layer_segmentation/borders': 'layer_segmentation' is given already, as one value",
        ),
        (
            {},
            under("layer_segmentation", {"points": np.zeros((3, 2)), "lengths": np.array([3])}),
            "exam.npz",
            "'layer_segmentation' consists of points, lengths; it may consist of points, offsets, slices, classes, ",
        ),
        (
            {},
            under("layer_segmentation", {**BORDERS, **OUTLINE_ARRAYS}),
            "exam.npz",
            "'layer_segmentation' consists of borders, layers, points",
        ),
        (
            {},
            under("pathology_segmentation", BORDERS),
            "exam.npz",
            "'pathology_segmentation' consists of borders, layers; it may consist of points, offsets",
        ),
        (
            {"layer_segmentation": {"borders": []}},
            {},
            "exam.json",
            "'layer_segmentation' consists of borders; it may",
        ),
        (
            {"num_slices": 4},
            under("layer_segmentation", {**OUTLINE_ARRAYS, "num_slices": np.array(3)}),
            "exam.npz",
            "'layer_segmentation/num_slices' is 3, 'num_slices' is 4",
        ),
    ],
    ids=[
        *("no object", "name twice", "part twice", "value and parts", "unknown form", "two forms"),
        *("borders of lesions", "half a form in JSON", "numbers of slices"),
    ],
)
def test_a_contradictory_exam_is_refused(tmp_path, values, members, file, sentence):
    """The error names the file and what is wrong in it, before anything is read."""
    with pytest.raises(ExamError) as error:
        open_exam(write(tmp_path, values, **members))
    assert str(error.value).startswith(f"{tmp_path / file}: {sentence}")


def test_malformed_json_is_refused_with_its_place(tmp_path):
    """The error names file, line and column."""
    (tmp_path / "exam.json").write_text('{\n  "laterality": R\n}')
    with pytest.raises(ExamError, match=r"exam\.json: line 2, column 17: "):
        open_exam(tmp_path)


def test_no_member_is_unpickled(tmp_path):
    """An array of Python objects is refused by its name."""
    np.savez(tmp_path / "exam.npz", landmarks=np.array([print], dtype=object))
    exam = open_exam(tmp_path)
    with pytest.raises(ExamError, match=r"exam\.npz: member 'landmarks' holds Python objects, which are never"):
        exam["landmarks"]


@pytest.mark.parametrize("share", [0, 0.3, 0.9, 0.999])
def test_a_truncated_file_of_arrays_is_refused(tmp_path, share):
    """However much of it is there."""
    write(tmp_path, GEOMETRY, **under("layer_segmentation", BORDERS))
    file = tmp_path / "exam.npz"
    content = file.read_bytes()
    file.write_bytes(content[: int(share * len(content))])
    with pytest.raises(ExamError, match=r"exam\.npz: is truncated or no \.npz file: "):
        open_exam(tmp_path)


def test_any_destroyed_byte_is_harmless_or_refused(tmp_path):
    """Whichever byte of the arrays is destroyed, the answer is the exam itself or an error that names the file."""
    values = {"num_slices": 3, "layer_segmentation": OUTLINES}
    write_exam(values, tmp_path)
    expected = OctExam(values)
    file = tmp_path / "exam.npz"
    content = file.read_bytes()
    refused = 0
    for place in range(0, len(content), 7):
        file.write_bytes(content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])
        try:
            exam = open_exam(tmp_path)
            dict(exam)
        except (ExamError, InputError) as error:
            assert str(file) in str(error) or "layer_segmentation" in str(error)  # noqa: PT017  most bytes may be any
            refused += 1
        else:
            assert_equal(exam, expected)
    assert refused


@pytest.fixture(scope="module")
def phantom():
    """A scan with layers, lesions, landmarks and images."""
    return pathological_phantom(num_slices=9, pixel_image_width=64, pixel_image_height=96)


@pytest.mark.parametrize("outlined", [False, True], ids=["borders", "polygons"])
@pytest.mark.parametrize("read_before", [False, True], ids=["values", "exam"])
def test_what_is_read_equals_what_was_written(tmp_path, phantom, outlined, read_before):
    """A whole exam comes back, value for value, bit for bit; so does one that was read itself."""
    values = dict(phantom)
    if outlined:
        values["layer_segmentation"] = layer_outlines(phantom["layer_segmentation"]["borders"], LAYERS)
    written = OctExam(values)
    if read_before:
        dict(written)
    write_exam(written if read_before else values, tmp_path)
    assert_equal(open_exam(tmp_path), written)


def test_an_exam_of_any_kind_can_be_written(tmp_path):
    """A segmentation has its form by its name, whether or not the exam declares it."""
    write_exam(Exam({"layer_segmentation": OUTLINES}), tmp_path)
    assert_equal(open_exam(tmp_path)["layer_segmentation"], LayerSegmentation.read(OUTLINES))


def test_a_read_exam_is_written_as_it_was(tmp_path):
    """Records count as values too, and the same exam gives the same bytes."""
    values = {**GEOMETRY, "layer_segmentation": LayerSegmentation.read(OUTLINES), "landmarks": LANDMARKS}
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
def test_any_further_value_comes_back(tmp_path, values):
    """Numbers, texts, lists, maps and arrays, of whatever type and shape, are what they were."""
    write_exam(Exam(values), tmp_path)
    assert_equal(dict(read_exam(tmp_path, [exam_folder.READER], Exam)), values)


def test_an_exam_is_replaced_whole(tmp_path):
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
def test_an_exam_half_replaced_never_mixes(tmp_path, monkeypatch, survived):
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


def test_an_exam_of_exams(tmp_path):
    """A relative path is an exam where one is wanted."""
    write_exam({"laterality": "R"}, tmp_path / "pair/od")
    write_exam({"laterality": "L"}, tmp_path / "os")
    write_exam({"right": "od", "left": "../os", "both": {"laterality": "R"}}, tmp_path / "pair")
    exam = open_exam(tmp_path / "pair")
    assert exam["right"] == "od"
    eyes = {name: exam.value_as(OctExam, name) for name in ("right", "left", "both")}
    assert {name: (eye.name, eye["laterality"]) for name, eye in eyes.items()} == {
        "right": ("od", "R"),
        "left": ("os", "L"),
        "both": ("both", "R"),
    }
