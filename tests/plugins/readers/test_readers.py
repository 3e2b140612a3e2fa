"""All readers together, as they are installed: each file is one reader's, and its exam reads as an exam."""

from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import pytest

from foveola import ExamError
from foveola.readers import read_exam
from foveola.registry import Registry
from foveola.surfaces.python import load_exam
from foveola_oct.readers.exam_folder import write_exam
from foveola_oct.retina import OctExam

DATA = Path(__file__).parents[3] / "../shared/data"
real = pytest.mark.skipif(not DATA.is_dir(), reason="the real scans are not at hand")
REAL = {
    "spectralis_raster_iowa/TEST_T_566581_Surfaces_Iowa.xml": ("iowa_xml", 19, 9),
    "spectralis_circle_pair/circle_a.vol": ("heidelberg_vol", 1, 2),
    "spectralis_linescan/linescan.vol": ("heidelberg_vol", 1, 1),
}


@pytest.fixture(scope="module")
def registry():
    """What this distribution brings, whatever else is installed."""
    return Registry(distribution("foveola").entry_points)


def test_readers_are_installed_by_name(registry):
    """Each entry point is the reader of its name."""
    assert list(registry.readers) == ["dicom", "exam_folder", "heidelberg_vol", "iowa_xml"]
    assert [reader.name for reader in registry.readers.values()] == list(registry.readers)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.vol", b"HSF-OCT-103", "truncated at byte 11, within the file header of 2048 bytes"),
        ("a.xml", b"<surfaces>", "truncated or not well-formed: no element found: line 1, column 10"),
        ("a.json", b"[]", "is no object of named values, {...}"),
        ("a.dcm", bytes(128) + b"DICM", None),
        ("a.txt", b"", "no reader knows this kind of file (readers: dicom, exam_folder, heidelberg_vol, iowa_xml)"),
    ],
    ids=["vol", "xml", "json", "dicom", "unknown"],
)
def test_a_damaged_file_is_told_by_its_path_once(registry, tmp_path, name, content, message):
    """One reader takes it, and says what is wrong with it."""
    path = tmp_path / name
    path.write_bytes(content)
    takers = [reader.name for reader in registry.readers.values() if reader.recognises(path)]
    assert len(takers) == (name != "a.txt")
    with pytest.raises(ExamError) as error:
        load_exam(path, registry)
    if message is not None:
        assert str(error.value) == f"{path}: {message}"
    assert str(error.value).count(str(path)) == 1


def test_both_eyes_are_an_exam_of_exams(registry, tmp_path):
    """An exam may name files of any kind, each read by its own reader."""
    write_exam({"laterality": "R", "num_slices": 3}, tmp_path / "patient/right")
    (tmp_path / "patient/left.json").write_text('{"laterality": "L", "num_slices": 4}')
    write_exam({"right": "right", "left": "left.json"}, tmp_path / "patient")
    pair = load_exam(tmp_path / "patient", registry)
    eyes = [pair.value_as(OctExam, name) for name in ("right", "left")]
    assert [(eye.name, eye["laterality"], eye["num_slices"]) for eye in eyes] == [("right", "R", 3), ("left", "L", 4)]


@real
@pytest.mark.parametrize("file", REAL)
def test_a_real_file_is_an_exam(registry, file):
    """Every value of a real file reads as the type of its name."""
    reader, slices, layers = REAL[file]
    takers = [known.name for known in registry.readers.values() if known.recognises(DATA / file)]
    exam = load_exam(DATA / file, registry)
    assert takers == [reader]
    assert isinstance(exam, OctExam)
    assert exam["layer_segmentation"].num_slices == slices
    assert len(exam["layer_segmentation"].layer_names) == layers
    assert {name: exam[name] for name in exam}.keys() == set(exam)


@real
@pytest.mark.parametrize("file", REAL)
def test_a_real_exam_survives_our_own_files(registry, tmp_path, file):
    """Written to a folder and read again, its layers are the same to the last bit."""
    exam = load_exam(DATA / file, registry)
    write_exam(exam, tmp_path)
    again = read_exam(tmp_path, registry.readers.values(), OctExam)
    assert set(again) == set(exam)
    np.testing.assert_array_equal(
        again["layer_segmentation"].borders.borders, exam["layer_segmentation"].borders.borders
    )
    assert again["layer_segmentation"].layer_names == exam["layer_segmentation"].layer_names
    assert again.get("exam_width_mm") == exam.get("exam_width_mm")
