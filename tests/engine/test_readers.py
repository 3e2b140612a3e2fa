"""Which reader is asked for a path, what becomes of its errors, and how one exam names another."""

from pathlib import Path

import pytest

from foveola import Exam, ExamError, LazyValues, Reader
from foveola.readers import read_exam


class Scan(Exam):
    """A kind of exam."""

    num_slices: int
    fellow: Exam


def read_pairs(path: Path) -> dict[str, str]:
    """Read lines of a name and a text."""
    return dict(line.split("=") for line in path.read_text("utf-8").splitlines())


def is_damaged(_: Path) -> dict[str, str]:
    """Find the file damaged."""
    raise ValueError("ends too early")


PAIRS = Reader("pairs", lambda path: path.suffix == ".pairs", read_pairs)
DAMAGED = Reader("damaged", lambda path: path.suffix == ".damaged", is_damaged)
LAZY = Reader("lazy", lambda path: path.suffix == ".lazy", lambda path: LazyValues({}, {"num_slices": path.read_bytes}))


def read(path, *readers, exam_type=Scan):
    """Read an exam with some readers."""
    return read_exam(path, readers or (PAIRS, DAMAGED), exam_type)


def write(path, text):
    """Write a file and the folders that it lies in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_first_reader_that_recognises_the_path_reads_it(tmp_path):
    """Readers are asked in their order; the exam is called as its file is, without the ending."""
    path = write(tmp_path / "od.pairs", "device=x")
    exam = read(path, DAMAGED, PAIRS, Reader("any", lambda _: True, is_damaged))
    assert (type(exam), exam.name, dict(exam)) == (Scan, "od", {"device": "x"})


def test_an_exam_in_a_folder_is_called_as_the_folder(tmp_path):
    """A dot in a folder's name is part of it."""
    (tmp_path / "visit.1").mkdir()
    assert read(tmp_path / "visit.1", Reader("folder", Path.is_dir, lambda _: {})).name == "visit.1"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none.pairs", "there is no such file or folder"),
        ("notes.txt", "no reader knows this kind of file (readers: pairs, damaged)"),
        ("a.damaged", "ends too early"),
    ],
    ids=["missing", "unknown", "damaged"],
)
def test_what_cannot_be_read_is_told_by_its_path(tmp_path, name, message):
    """The error names the path, once."""
    write(tmp_path / "notes.txt", "")
    write(tmp_path / "a.damaged", "")
    with pytest.raises(ExamError) as error:
        read(tmp_path / name)
    assert str(error.value) == f"{tmp_path / name}: {message}"


def test_a_path_that_may_not_be_looked_at_is_told(tmp_path):
    """What the system refuses is an error about the path, whoever stumbles over it."""

    def refuse(_: Path) -> bool:
        raise PermissionError("not yours")

    with pytest.raises(ExamError, match="not yours"):
        read(write(tmp_path / "a.pairs", ""), Reader("refused", refuse, is_damaged))


@pytest.mark.parametrize(
    ("exam", "said"),
    [("pair/exam.pairs", "od.pairs"), ("pair/exam.pairs", "./1/od.pairs"), ("pair/exam.pairs", "../od.pairs")],
    ids=["same folder", "below", "next to its folder"],
)
def test_a_path_in_an_exam_is_another_exam(tmp_path, exam, said):
    """It is relative to the folder of the exam that names it, and read when it is asked for."""
    path = write(tmp_path / exam, f"fellow={said}\nfollowing=x.none")
    write(path.parent / said, "device=x")
    fellow = read(path)["fellow"]
    assert (type(fellow), fellow.name, fellow["device"]) == (Scan, "od", "x")


def test_an_absolute_path_in_an_exam_is_held_to_the_same(tmp_path):
    """It may lead where a relative one might."""
    fellow = write(tmp_path / "od.pairs", "device=x")
    assert read(write(tmp_path / "pair/exam.pairs", f"fellow={fellow}"))["fellow"]["device"] == "x"


@pytest.mark.parametrize("said", ["../../od.pairs", "/etc/passwd", "../pair/../../od.pairs", "away/od.pairs"])
def test_an_exam_names_none_that_lies_elsewhere(tmp_path, said):
    """No path climbs beyond the neighbours of the exam's folder, neither by dots nor by links."""
    write(tmp_path / "od.pairs", "device=x")
    path = write(tmp_path / "study/pair/exam.pairs", f"fellow={said}")
    (path.parent / "away").symlink_to(tmp_path)
    with pytest.raises(ExamError, match=r"names the exam '.*', which lies outside of .*study"):
        read(path)["fellow"]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("od.pairs", "no such file or folder"),
        ("a\0b", "names the exam"),
        ("loop", "names the exam|no such file"),
        ("x" * 5000, "name too long"),
    ],
    ids=["missing", "no path", "circle of links", "long"],
)
def test_a_path_that_leads_nowhere_is_told(tmp_path, said, message):
    """Whatever an exam names, the answer is an exam or an error."""
    path = write(tmp_path / "pair/exam.pairs", f"fellow={said}")
    (path.parent / "loop").symlink_to("loop")
    with pytest.raises(ExamError, match=f"(?i){message}"):
        read(path)["fellow"]


def test_an_exam_may_name_one_that_names_another(tmp_path):
    """Each path is relative to the file that it stands in, even if that file is the first again."""
    write(tmp_path / "a/exam.pairs", "fellow=../b/exam.pairs")
    write(tmp_path / "b/exam.pairs", "fellow=../a/exam.pairs\ndevice=x")
    exam = read(tmp_path / "a/exam.pairs")
    assert exam["fellow"]["device"] == "x"
    assert exam["fellow"]["fellow"]["fellow"]["device"] == "x"


def test_a_value_may_be_loaded_later(tmp_path):
    """A reader's lazy values are read when they are asked for, by the exam as by its copies."""
    path = write(tmp_path / "a.lazy", "")
    exam = read(path, LAZY, exam_type=Exam)
    path.write_bytes(b"later")
    assert exam.renamed("b")["num_slices"] == b"later"
    assert exam.replaced({"device": "x"})["num_slices"] == b"later"
