"""Exams as `exam.json` and `exam.npz`: read lazily, refused with file and member."""

import json
from shutil import copy

import numpy as np
import pytest

from foveola import ExamError, InputError
from foveola_oct.readers import exam_folder
from foveola_oct.readers.exam_folder import write_exam
from foveola_oct.retina import LandmarkPredictions, LayerSegmentation, OctExam, PathologySegmentation

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


def test_values_have_the_types_of_the_exam(open_exam, tmp_path):
    """Named values come from the JSON, read as their types; null is absent; any further name is as it was said."""
    exam = open_exam(
        write(tmp_path / "od", {**GEOMETRY, "laterality": None, "device": {"name": "x"}, "landmarks": LANDMARKS})
    )
    assert exam.name == "od"
    assert (exam["num_slices"], exam["exam_width_mm"], exam["device"]) == (3, 0.048, {"name": "x"})
    assert "laterality" not in exam
    assert isinstance(exam["landmarks"], LandmarkPredictions)


@pytest.mark.parametrize("path", ["od", "od/exam.json", "od.json"])
def test_arrays_lie_beside_the_json_under_its_name(open_exam, tmp_path, path):
    """A folder, its JSON, or any other JSON: the arrays are found beside it."""
    write(tmp_path / "od", GEOMETRY, **under("layer_segmentation", BORDERS))
    for ending in (".json", ".npz"):
        copy(tmp_path / f"od/exam{ending}", tmp_path / f"od{ending}")
    exam = open_exam(tmp_path / path)
    assert exam["layer_segmentation"].layer_names == ("retina",)
    assert exam["laterality"] == "L"


def test_a_value_may_lie_in_both_files(open_exam, tmp_path):
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


def test_an_exam_may_be_arrays_alone(open_exam, tmp_path):
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
def test_outlines_are_told_how_many_slices_there_are(open_exam, tmp_path, own, member):
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


def test_outlines_of_unknown_extent_are_refused_when_asked_for(open_exam, tmp_path):
    """Where nobody says how many slices there are, the other values can still be read."""
    exam = open_exam(write(tmp_path, {"laterality": "L"}, **under("layer_segmentation", OUTLINE_ARRAYS)))
    assert exam["laterality"] == "L"
    with pytest.raises(InputError, match="num_slices: is missing"):
        exam["layer_segmentation"]


@pytest.mark.parametrize("form", ["polygons", "arrays as JSON", "arrays"])
def test_the_forms_of_a_segmentation_are_one(open_exam, assert_equal, tmp_path, form):
    """Polygons by slice and the arrays of all instances, wherever they lie, are the same outlines."""
    values = {
        "polygons": {"layer_segmentation": OUTLINES},
        "arrays as JSON": {"layer_segmentation": {name: array.tolist() for name, array in OUTLINE_ARRAYS.items()}},
        "arrays": {},
    }[form]
    members = under("layer_segmentation", OUTLINE_ARRAYS) if form == "arrays" else {}
    segmentation = open_exam(write(tmp_path, {**GEOMETRY, **values}, **members))["layer_segmentation"]
    assert_equal(segmentation, LayerSegmentation.read(OUTLINES))


def test_what_nobody_asks_for_is_not_read(open_exam, tmp_path):
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
def test_a_contradictory_exam_is_refused(open_exam, tmp_path, values, members, file, sentence):
    """The error names the file and what is wrong in it, before anything is read."""
    with pytest.raises(ExamError) as error:
        open_exam(write(tmp_path, values, **members))
    assert str(error.value).startswith(f"{tmp_path / file}: {sentence}")


def test_malformed_json_is_refused_with_its_place(open_exam, tmp_path):
    """The error names file, line and column."""
    (tmp_path / "exam.json").write_text('{\n  "laterality": R\n}')
    with pytest.raises(ExamError, match=r"exam\.json: line 2, column 17: "):
        open_exam(tmp_path)


def test_no_member_is_unpickled(open_exam, tmp_path):
    """An array of Python objects is refused by its name."""
    np.savez(tmp_path / "exam.npz", landmarks=np.array([print], dtype=object))
    exam = open_exam(tmp_path)
    with pytest.raises(ExamError, match=r"exam\.npz: member 'landmarks' holds Python objects, which are never"):
        exam["landmarks"]


@pytest.mark.parametrize("share", [0, 0.3, 0.9, 0.999])
def test_a_truncated_file_of_arrays_is_refused(open_exam, tmp_path, share):
    """However much of it is there."""
    write(tmp_path, GEOMETRY, **under("layer_segmentation", BORDERS))
    file = tmp_path / "exam.npz"
    content = file.read_bytes()
    file.write_bytes(content[: int(share * len(content))])
    with pytest.raises(ExamError, match=r"exam\.npz: is truncated or no \.npz file: "):
        open_exam(tmp_path)


def test_any_destroyed_byte_is_harmless_or_refused(open_exam, assert_equal, tmp_path):
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


def test_an_exam_of_exams(open_exam, tmp_path):
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
