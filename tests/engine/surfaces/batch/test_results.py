"""Many exams from the command line: what is written, what is said, and what keeps it from beginning."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner

from foveola.surfaces.cli import cli


def test_files(cohort):
    """A result file for each exam, no errors, and a table with a row for each exam, eye and measure."""
    cohort.add("a", "b/c", "d.1")
    ran = cohort.run()
    assert (ran.exit_code, ran.stdout) == (0, "")
    assert ran.stderr == f"3 of 3 exams done; results in {cohort.results}\n"
    files = {"a.json", "b__c.json", "d.1.json", "errors.jsonl", "results.csv"}
    assert {path.name for path in cohort.results.iterdir()} - {"results.parquet"} == files
    assert cohort.errors() == []
    rows = cohort.rows()
    assert list(rows[0]) == ["exam", "laterality", "output", "measure", "value", "unit", "coverage"]
    assert [list(row.values()) for row in rows[:2]] == [
        ["a", "R", "twice", "", "3.0", "mm", ""],
        ["a", "R", "inner", "twice", "3.0", "mm", ""],
    ]
    assert [row["exam"] for row in rows[::2]] == ["a", "b__c", "d.1"]
    ran = json.loads((cohort.results / "b__c.json").read_text())["run"]
    assert (ran["exam"], ran["recipe"]) == (str(cohort.exams / "b" / "c"), str(cohort.recipe))


def test_broken_exams(cohort):
    """What is wrong with some exams is told of these; the others are done."""
    cohort.add("good", "later")
    cohort.add("fails", number=-1)
    cohort.add("lacks", number=None)
    cohort.add("half")
    (cohort.exams / "half" / "exam.json").write_text('{"number": 1')
    ran = cohort.run()
    assert ran.exit_code == 1
    assert [list(error) for error in cohort.errors()] == [["exam", "step", "code", "message"]] * 4
    assert [(error["exam"], error["step"], error["code"]) for error in cohort.errors()] == [
        ("fails", "twice", "STEP_FAILED"),
        ("fails", "inner.inner", "STEP_FAILED"),
        ("half", None, "EXAM_ERROR"),
        ("lacks", None, "RECIPE_ERROR"),
    ]
    assert cohort.errors()[0]["message"] == "ValueError: it is negative"
    assert {row["exam"] for row in cohort.rows()} == {"good", "later"}
    assert sorted(path.stem for path in cohort.results.glob("*.json")) == ["fails", "good", "later"]
    assert "2 of 5 exams done" in ran.stderr
    assert "failed: fails: ValueError: it is negative" in ran.stderr


def test_what_an_exam_lacks_is_told_in_a_line(cohort):
    """With what to do about it; the file has the whole message."""
    cohort.add("good")
    cohort.add("bad", number=None)
    ran = cohort.run()
    assert ran.exit_code == 1
    (told,) = [line for line in ran.stderr.splitlines() if "bad" in line]
    assert told.startswith("failed: bad: twice.yaml:")
    assert "(hint: " in told
    assert "\n" in cohort.errors()[0]["message"]


def test_parquet(cohort):
    """With the extra, the same table lies there as Parquet; without it none of an earlier run is left."""
    parquet = pytest.importorskip("pyarrow.parquet")
    cohort.add("a")
    cohort.run()
    table = parquet.read_table(cohort.results / "results.parquet")
    assert table.column("value").to_pylist() == [3.0, 3.0]


def test_without_parquet(cohort, monkeypatch: pytest.MonkeyPatch):
    """Without the extra there is the CSV, and no Parquet of an earlier run."""
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    cohort.add("a")
    cohort.results.mkdir()
    for name in ("results.parquet", "errors.jsonl"):
        (cohort.results / name).write_text("old")
    assert cohort.run().exit_code == 0
    assert not (cohort.results / "results.parquet").exists()
    assert len(cohort.rows()) == 2


@pytest.mark.parametrize(
    ("change", "words", "message"),
    [
        pytest.param(lambda c: c.change(c.recipe, "acme.", "no."), [], "no operation is called", id="recipe"),
        pytest.param(lambda c: c.recipe.unlink(), [], "there is no such recipe file", id="no recipe"),
        pytest.param(lambda c: c.inner.unlink(), [], "inner.yaml", id="no recipe within"),
        pytest.param(lambda _: None, ["--set", "twice.nmber=2"], "nmber", id="setting"),
        pytest.param(lambda _: None, ["--only", "thrice"], "thrice", id="output"),
        pytest.param(lambda _: None, ["nowhere"], "nowhere: there is no such file or folder", id="exam"),
        pytest.param(lambda _: None, ["-j", "0"], "-j", id="number of processes"),
        pytest.param(lambda c: c.plugin.write_text("1/0"), [], "ZeroDivisionError", id="plugin"),
        pytest.param(lambda _: None, ["--scheduler", "tcp://127.0.0.1:9"], "no Dask scheduler answers", id="scheduler"),
    ],
)
def test_nothing_runs(
    cohort,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Any], object],
    words: list[str],
    message: str,
):
    """If recipe, setting, exam or command is wrong, status is 2 and nothing ran."""
    monkeypatch.setattr("foveola.running.cluster.CONNECT_SECONDS", 0.3)
    cohort.add("a")
    change(cohort)
    ran = cohort.run(*words)
    assert (ran.exit_code, message in ran.stderr) == (2, True), ran.stderr
    assert not list(cohort.results.glob("*"))


def test_results_among_exams(cohort):
    """Results may lie below the exams, in a folder of their own, which is not searched the next time."""
    cohort.add("a", "b")
    cohort.results = cohort.exams / "results"
    for resumed in ("", ", 2 of them before"):
        ran = cohort.run()
        assert ran.stderr == f"2 of 2 exams done{resumed}; results in {cohort.results}\n"
    cohort.results = cohort.exams / "b"
    ran = cohort.run()
    assert (ran.exit_code, "need a folder of their own" in ran.stderr) == (2, True), ran.stderr


def test_no_folder(cohort):
    """Many exams without a folder for their results are refused."""
    cohort.add("a", "b")
    ran = CliRunner().invoke(cli, ["run", str(cohort.recipe), str(cohort.exams)])
    assert (ran.exit_code, "-o DIR" in ran.stderr) == (2, True)
