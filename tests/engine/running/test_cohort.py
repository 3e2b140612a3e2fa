"""Which exams are found, and what they are called."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from foveola import Exam, ExamError, InputError, Output, Reader, operation, run
from foveola.recipes.reader import parse_recipe
from foveola.running.cohort import find_exams, is_one_exam
from foveola.running.files import write_result
from foveola.testing import closed_registry

FOLDER = Reader("folder", lambda path: (path / "exam.json").is_file(), lambda _: {})
DEVICE = Reader("device", lambda path: path.suffix in {".vol", ".xml", ".json"} and path.is_file(), lambda _: {})
READERS = (FOLDER, DEVICE)

Place = Callable[..., Path]


class Number(Output):
    """A number."""

    value: float


@operation("one")
def one() -> Number:
    """Answer one."""
    return Number(value=1.0)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Make files, among them exams that are folders (`name/`); the folder of all, in which the test runs."""
    monkeypatch.chdir(tmp_path)

    def make(*names: str) -> Path:
        for name in names:
            file = tmp_path / name / "exam.json" if name.endswith("/") else tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("{}")
        return tmp_path

    return make


def found(*words: str, results: str | None = None) -> dict[str, str]:
    """The exams that words name, by name."""
    sources = find_exams(words, READERS, None if results is None else Path(results))
    return {source.name: source.path.as_posix() for source in sources}


@pytest.mark.parametrize(
    ("files", "words", "names"),
    [
        pytest.param(["c/a.vol", "c/b/"], ["c"], ["a", "b"], id="a folder of files and folders"),
        pytest.param(["c/x/y/a.vol", "c/x/b/"], ["c"], ["x__b", "x__y__a"], id="a slash is two underscores"),
        pytest.param(["c/a.1.vol", "c/b.2/"], ["c"], ["a.1", "b.2"], id="only the last ending goes, and no folder's"),
        pytest.param(["c/a.vol", "c/b.xml", "c/d/", "c/notes.txt"], ["c"], ["a", "b", "d"], id="what no reader knows"),
        pytest.param(["c/.a.vol", "c/.x/b.vol", "c/d.vol"], ["c"], ["d"], id="hidden files and folders"),
        pytest.param(["c/a/", "c/a/raw.vol"], ["c"], ["a"], id="an exam's own files are no exams"),
        pytest.param(["a.1.vol"], ["a.1.vol"], ["a.1"], id="a file"),
        pytest.param(["c/a/", "d/b.vol"], ["c/a", "d/b.vol"], ["a", "b"], id="several exams"),
        pytest.param(["c/a/", "d/b.vol"], ["c", "d"], ["a", "b"], id="several folders"),
        pytest.param(["c/a.vol"], ["c", "c/a.vol", "./c"], ["a"], id="one exam said thrice"),
        pytest.param(["c/a.vol", "c/b.xml"], ["c/*.vol"], ["a"], id="a pattern"),
        pytest.param(["c/x/a.vol", "c/a.vol"], ["c/**/*.vol"], ["a", "x__a"], id="a pattern of any depth"),
        pytest.param(["c/x/a.vol", "c/y/a.vol"], ["c/*/a.vol"], ["x__a", "y__a"], id="named below what is no pattern"),
        pytest.param(["c/x1/a/", "c/x2/b.vol"], ["c/x*"], ["x1__a", "x2__b"], id="a pattern of folders of exams"),
        pytest.param(["c/a/", "c/a/raw.vol"], ["c/**/*"], ["a"], id="a pattern that matches an exam's own files"),
        pytest.param(["c/.x.vol", "c/.y/a.vol", "c/b.vol"], ["c/**/*.vol"], ["b"], id="a pattern hides what is hidden"),
        pytest.param(["c/.y/a.vol"], ["c/.y/*.vol"], ["a"], id="what is hidden may be asked for"),
        pytest.param(["c[1]/a.vol"], ["c[1]"], ["a"], id="a folder that looks like a pattern"),
        pytest.param(["c/ä é/ü.vol"], ["c"], ["ä é__ü"], id="any letters"),
    ],
)
def test_names(place: Place, files: list[str], words: list[str], names: list[str]):
    """An exam is named by its path below what was given, without its ending, `/` written `__`."""
    place(*files)
    assert list(found(*words)) == names


@pytest.mark.parametrize(
    ("files", "words", "message"),
    [
        pytest.param(["c/a.vol", "c/a.xml"], ["c"], "c/a.xml: has the name 'a' of c/a.vol; rename one", id="endings"),
        pytest.param(
            ["c/a.vol", "d/a.vol"],
            ["c", "d"],
            "d/a.vol: has the name 'a' of c/a.vol; give the folder above both",
            id="two folders",
        ),
        pytest.param(
            ["c/x__a.vol", "c/x/a.vol"],
            ["c"],
            "c/x__a.vol: has the name 'x__a' of c/x/a.vol; give the folder above both",
            id="underscores",
        ),
        pytest.param([], ["c"], "c: there is no such file or folder", id="nowhere"),
        pytest.param(["c/a.txt"], ["c"], "c: holds no exam that a reader knows", id="no exam"),
        pytest.param(["c/a.txt"], ["c/*.vol"], "c/*.vol: holds no exam that a reader knows", id="no match"),
    ],
)
def test_refused(place: Place, files: list[str], words: list[str], message: str):
    """A word that leads to no exam, and two exams of one name, are refused with their paths."""
    place(*files)
    with pytest.raises(ExamError) as refused:
        found(*words)
    assert str(refused.value) == message


def test_pattern_that_is_none(place: Place):
    """A pattern that Python's glob refuses is refused in a sentence, or matches nothing."""
    place("c/a.vol")
    with pytest.raises(ExamError, match=r"c/a\*\*l\.vol: (is no pattern|holds no exam)"):
        found("c/a**l.vol")


def test_links(place: Place):
    """Links are followed, a circle of them is not, and a broken one is no exam."""
    root = place("c/a.vol", "elsewhere/x/b.vol")
    (root / "c" / "linked").symlink_to(root / "elsewhere", target_is_directory=True)
    (root / "c" / "circle").symlink_to(root / "c", target_is_directory=True)
    (root / "c" / "broken.vol").symlink_to(root / "nowhere.vol")
    (root / "c" / "of_file.vol").symlink_to(root / "elsewhere" / "x" / "b.vol")
    assert list(found("c")) == ["a", "linked__x__b", "of_file"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_unreadable_file(place: Place):
    """A file that cannot be looked into is an exam that will fail, not the end of the search."""
    root = place("c/a.vol", "c/b.vol")
    looking = Reader("looking", lambda path: path.is_file() and bool(path.read_bytes()), lambda _: {})
    (root / "c" / "b.vol").chmod(0)
    assert [source.name for source in find_exams(["c"], [looking])] == ["a", "b"]


def test_reader_that_cannot_look(place: Place):
    """A file that a reader cannot open is an exam that will fail, not the end of the search."""
    place("c/a.vol", "c/b.vol")

    def look(path: Path) -> bool:
        if path.name == "b.vol":
            raise PermissionError(path)
        return path.suffix == ".vol"

    assert [source.name for source in find_exams(["c"], [Reader("looking", look, lambda _: {})])] == ["a", "b"]


@pytest.mark.parametrize("words", [["c"], ["c/*.json", "c/*/*.json"]], ids=["folder", "pattern"])
def test_result_files_are_no_exams(place: Place, words: list[str]):
    """Wherever they lie, though a reader knows `.json` files."""
    exam = Exam({"n": 1}, name="eye")
    recipe = parse_recipe("recipe: one\nsteps:\n  s: {use: one}\noutputs: {o: $s}")
    result = run(recipe, exam, registry=closed_registry([one]), memo=None)
    write_result(result, place("c/a.json", "c/x/b.json") / "c" / "x")
    assert list(found(*words)) == ["a", "x__b"]


@pytest.mark.parametrize("word", ["c", "c/**/*"])
def test_results_are_no_exams(place: Place, word: str):
    """A folder of results below the exams is not searched."""
    place("c/a/", "c/out/a.json", "c/out/deep/b.json", "c/out/errors.jsonl")
    assert list(found(word, results="c/out")) == ["a"]


@pytest.mark.parametrize(
    ("files", "word", "results"),
    [
        pytest.param(["c/a.json"], "c", "c", id="the folder itself"),
        pytest.param(["c/x/a.json"], "c", "c/x", id="a folder of exams in it"),
        pytest.param(["c/a/"], "c", "c/a", id="an exam"),
        pytest.param(["c/a/"], "c", "c/a/out", id="within an exam"),
        pytest.param(["c/a.json"], "c/a.json", "c", id="beside a file"),
        pytest.param(["c/x/a.json"], "c/**/*.json", "c", id="where a pattern begins"),
    ],
)
def test_results_among_exams(place: Place, files: list[str], word: str, results: str):
    """Results do not come to lie beside exams, whose names they bear, nor within one."""
    root = place(*files)
    with pytest.raises((InputError, ExamError)) as refused:
        found(word, results=results)
    assert "holds" in str(refused.value)
    assert (root / files[0].rstrip("/")).exists()


def test_one_exam(place: Place):
    """A file, a folder that a reader knows, and what is not there are one exam; a pattern and other folders are not."""
    place("c/a/", "c/b.vol", "c/x/d.vol")
    known = {word: is_one_exam(word, READERS) for word in ("c/a", "c/b.vol", "nowhere", "c", "c/x", "c/*.vol")}
    assert [word for word, is_one in known.items() if is_one] == ["c/a", "c/b.vol", "nowhere"]
