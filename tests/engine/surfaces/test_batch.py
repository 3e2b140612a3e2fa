"""Many exams from the command line: what is written, what is done again, and what an end in the midst of it leaves."""

from __future__ import annotations

import csv
import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from foveola.running import stamps, tasks
from foveola.surfaces.cli import cli

SECONDS = 120
"""Nothing here takes as long."""

PLUGIN = """
import os, signal, time
from foveola import Millimetres, Output, operation


class Answer(Output):
    twice: Millimetres


@operation("acme.twice", version="1")
def twice(number: float, kills: bool = False, seconds: float = 0) -> Answer:
    if kills:
        os.kill(os.getpid(), signal.SIGKILL)
    if number < 0:
        raise ValueError("it is negative")
    time.sleep(seconds)
    return Answer(twice=2 * number)
"""

RECIPE = """
recipe: twice
inputs:
  number: float
  kills: {type: bool, default: false}
  seconds: {type: float, default: 0}
steps:
  twice: {use: acme.twice}
  inner: {use: ./inner.yaml}
outputs: {twice: $twice.twice, inner: $inner.answer}
"""

INNER = """
recipe: inner
inputs: {number: float}
steps: {inner: {use: acme.twice}}
outputs: {answer: $inner}
"""


class Cohort:
    """Exams, a recipe and a plugin in a folder, and how to run them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.exams, self.results = folder / "exams", folder / "results"
        self.plugin, self.recipe, self.inner = folder / "acme.py", folder / "twice.yaml", folder / "inner.yaml"
        self.plugin.write_text(PLUGIN)
        self.recipe.write_text(RECIPE)
        self.inner.write_text(INNER)

    def add(self, *names: str, **values: Any) -> None:
        """Write exams that are alike, or write them anew."""
        for name in names:
            exam = {"laterality": "R", "number": 1.5, **values}
            (self.exams / name).mkdir(parents=True, exist_ok=True)
            (self.exams / name / "exam.json").write_text(json.dumps(exam))

    def words(self, *further: str, exams: list[str] | None = None, results: Path | None = None) -> list[str]:
        """The words of the command that runs them."""
        of = exams or [str(self.exams)]
        return [
            "run",
            str(self.recipe),
            *of,
            "-o",
            str(results or self.results),
            "--plugin",
            str(self.plugin),
            *further,
        ]

    def run(self, *further: str, memo: bool = False, **where: Any) -> Result:
        """Run them in this process."""
        return CliRunner().invoke(cli, self.words(*further, *([] if memo else ["--no-memo"]), **where))

    def command(self, *further: str, **where: Any) -> list[str]:
        """The command that runs them in another."""
        return [sys.executable, "-m", "foveola", *self.words(*further, **where)]

    def started(self) -> dict[str, str]:
        """When each result was computed."""
        return {path.stem: json.loads(path.read_text())["run"]["started"] for path in self.results.glob("*.json")}

    def errors(self, results: Path | None = None) -> list[dict[str, Any]]:
        """What is in `errors.jsonl`."""
        return [json.loads(line) for line in ((results or self.results) / "errors.jsonl").read_text().splitlines()]

    def rows(self, results: Path | None = None) -> list[dict[str, str]]:
        """What is in the table."""
        with ((results or self.results) / "results.csv").open(newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture
def cohort(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cohort:
    """No exams yet, in a process that loads whatever code it finds: what changes later may not be what runs."""
    monkeypatch.setattr(stamps, "_BEGAN", time.time() + 1000)
    return Cohort(tmp_path)


def outcome_of(results: Path) -> dict[str, Any]:
    """Everything in a folder of results but what may differ from run to run."""
    contents: dict[str, Any] = {}
    for path in sorted(results.iterdir()):
        if path.suffix == ".json":
            contents[path.name] = {k: v for k, v in json.loads(path.read_text()).items() if k != "run"}
        else:
            contents[path.name] = path.read_bytes()
    return contents


# What is written


def test_files(cohort: Cohort):
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


def test_broken_exams(cohort: Cohort):
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


def test_parquet(cohort: Cohort):
    """With the extra, the same table lies there as Parquet; without it none of an earlier run is left."""
    parquet = pytest.importorskip("pyarrow.parquet")
    cohort.add("a")
    cohort.run()
    table = parquet.read_table(cohort.results / "results.parquet")
    assert table.column("value").to_pylist() == [3.0, 3.0]


def test_without_parquet(cohort: Cohort, monkeypatch: pytest.MonkeyPatch):
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
        pytest.param(
            lambda c: c.recipe.write_text(RECIPE.replace("acme.", "no.")), [], "no operation is called", id="recipe"
        ),
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
    cohort: Cohort,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Cohort], object],
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


def test_results_among_exams(cohort: Cohort):
    """Results may lie below the exams, in a folder of their own, which is not searched the next time."""
    cohort.add("a", "b")
    cohort.results = cohort.exams / "results"
    for resumed in ("", ", 2 of them before"):
        ran = cohort.run()
        assert ran.stderr == f"2 of 2 exams done{resumed}; results in {cohort.results}\n"
    cohort.results = cohort.exams / "b"
    ran = cohort.run()
    assert (ran.exit_code, "need a folder of their own" in ran.stderr) == (2, True), ran.stderr


def test_no_folder(cohort: Cohort):
    """Many exams without a folder for their results are refused."""
    cohort.add("a", "b")
    ran = CliRunner().invoke(cli, ["run", str(cohort.recipe), str(cohort.exams)])
    assert (ran.exit_code, "-o DIR" in ran.stderr) == (2, True)


# What is there is not done again


def nothing(_: Cohort) -> None:
    """All is as it was."""


def renewed(cohort: Cohort) -> None:
    """An exam is written anew."""
    cohort.add("b", number=2)


def of_old(cohort: Cohort) -> None:
    """An older exam takes the place of one."""
    cohort.add("b", number=2)
    os.utime(cohort.exams / "b" / "exam.json", (1e9, 1e9))


def grown(cohort: Cohort) -> None:
    """An exam has a file more."""
    (cohort.exams / "b" / "sub").mkdir()
    (cohort.exams / "b" / "sub" / "further").write_text("")


def gone(cohort: Cohort) -> None:
    """A result is no longer there."""
    (cohort.results / "b.json").unlink()


def halved(cohort: Cohort) -> None:
    """A result has lost its end."""
    path = cohort.results / "b.json"
    path.write_bytes(path.read_bytes()[:-20])


def elsewhere(cohort: Cohort) -> None:
    """The result of one exam bears the name of another."""
    shutil.copytree(cohort.exams / "b", cohort.exams / "other")
    (cohort.results / "b.json").rename(cohort.results / "other.json")
    shutil.rmtree(cohort.exams / "b")


def other_recipe(cohort: Cohort) -> None:
    """The recipe's text is another."""
    cohort.recipe.write_text(RECIPE + "# more\n")


def other_inner(cohort: Cohort) -> None:
    """The text of the recipe within is another."""
    cohort.inner.write_text(INNER + "# more\n")


def other_code(cohort: Cohort) -> None:
    """The operation says that it is another."""
    cohort.plugin.write_text(PLUGIN.replace('"1"', '"2"'))


def same_code(cohort: Cohort) -> None:
    """The operation says that it is the same."""
    cohort.plugin.write_text(PLUGIN.replace("2 * number", "number + number"))


def other_version(cohort: Cohort) -> None:
    """Another version of a package computed the results."""
    for path in cohort.results.glob("*.json"):
        content = json.loads(path.read_text())
        content["provenance"]["versions"]["numpy"] = "0.1"
        path.write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("change", "words", "again"),
    [
        pytest.param(nothing, [], "", id="nothing"),
        pytest.param(same_code, [], "", id="code whose author says that it is the same"),
        pytest.param(renewed, [], "b", id="exam"),
        pytest.param(of_old, [], "b", id="exam, by one that is older"),
        pytest.param(grown, [], "b", id="a file more in an exam"),
        pytest.param(gone, [], "b", id="no result"),
        pytest.param(halved, [], "b", id="half a result"),
        pytest.param(elsewhere, [], "other", id="result of another exam"),
        pytest.param(other_recipe, [], "abc", id="recipe"),
        pytest.param(other_inner, [], "abc", id="recipe within"),
        pytest.param(other_code, [], "abc", id="version of an operation"),
        pytest.param(other_version, [], "abc", id="versions of packages"),
        pytest.param(nothing, ["--set", "twice.number=7"], "abc", id="setting"),
        pytest.param(nothing, ["--only", "twice"], "abc", id="outputs"),
        pytest.param(nothing, ["--overwrite"], "abc", id="overwrite"),
    ],
)
def test_resumes(cohort: Cohort, change: Callable[[Cohort], object], words: list[str], again: str):
    """A result counts if running its exam again would give the same file; every other is computed again."""
    cohort.add("a", "b", "c")
    assert cohort.run().exit_code == 0
    before = cohort.started()
    change(cohort)
    ran = cohort.run(*words)
    assert ran.exit_code == 0, ran.stderr
    after = cohort.started()
    computed = {name for name, started in after.items() if before.get(name) != started}
    assert computed == ({again} if again == "other" else set(again))
    assert {row["exam"] for row in cohort.rows()} == set(after)
    resumed = len(after) - len(computed)
    assert (f"{resumed} of them before" in ran.stderr) == bool(resumed)


def test_other_code(cohort: Cohort):
    """Results of code that has changed are computed again."""
    plugin = PLUGIN.replace(', version="1"', "")
    cohort.plugin.write_text(plugin)
    cohort.add("a")
    cohort.run()
    before = cohort.started()
    cohort.plugin.write_text(plugin.replace("2 * number", "3 * number"))
    assert cohort.run().exit_code == 0
    assert cohort.started() != before
    assert [row["value"] for row in cohort.rows()] == ["4.5", "4.5"]


@pytest.mark.parametrize("knows", [True, False], ids=["another", "unknown"])
def test_other_reader(cohort: Cohort, monkeypatch: pytest.MonkeyPatch, knows: bool):
    """Exams that other code reads are computed again, and those that nobody knows what code would read."""

    def code_of_reading(*_: object) -> str:
        if knows:
            return "another"
        raise TypeError

    cohort.add("a")
    cohort.run()
    before = cohort.started()
    assert (cohort.run().exit_code, cohort.started()) == (0, before)
    monkeypatch.setattr(tasks, "code_of_reading", code_of_reading)
    assert cohort.run().exit_code == 0
    again = cohort.started()
    assert again != before
    assert cohort.run().exit_code == 0
    assert (cohort.started() == again) is knows


def test_exam_of_exams(cohort: Cohort):
    """An exam that names another is computed again when that one changed."""
    cohort.recipe.write_text("""
recipe: pair
inputs: {first: Exam}
steps:
  inner: {use: ./inner.yaml, with: {exam: $first}}
outputs: {inner: $inner.answer}
""")
    cohort.add("person/eye", "neighbour")
    for place, said in {"person": "eye", "pair": "../neighbour"}.items():
        cohort.add(place, first=said)
    exams = [str(cohort.exams / name) for name in ("person", "pair")]
    before = None
    for changed, again in {"": {"person", "pair"}, "person/eye": {"person"}, "neighbour": {"pair"}, " ": set()}.items():
        if changed.strip():
            cohort.add(changed, number=4.25)
        assert cohort.run(exams=exams).exit_code == 0
        after = cohort.started()
        assert {name for name in after if before is None or before[name] != after[name]} == again
        before = after


def test_large_outputs(cohort: Cohort):
    """A result whose outputs are arrays beside it is there only with these."""
    cohort.plugin.write_text(
        """
import numpy as np
from typing import Annotated
from foveola import Array, Output, operation

class Map(Output):
    map: Annotated[np.ndarray, Array("rows", "columns")]

@operation("acme.map", version="1")
def make(number: float) -> Map:
    return Map(map=np.full((200, 200), number))
""",
    )
    cohort.recipe.write_text(
        "recipe: r\nsteps: {map: {use: acme.map}}\noutputs: {map: $map.map}\ninputs: {number: float}"
    )
    cohort.add("a", "b")
    assert cohort.run().exit_code == 0
    before = cohort.started()
    (cohort.results / "b.npz").unlink()
    assert cohort.run().exit_code == 0
    after = cohort.started()
    assert [before[name] == after[name] for name in "ab"] == [True, False]
    assert (cohort.results / "b.npz").exists()


def test_failed_is_tried_again(cohort: Cohort):
    """An exam that failed is run again, and where it cannot be run at all no earlier result stands for it."""
    cohort.add("a", "b", "c")
    cohort.run()
    cohort.add("b", number=-1)
    assert cohort.run().exit_code == 1
    before = cohort.started()
    (cohort.exams / "c" / "exam.json").write_text("{")
    assert cohort.run().exit_code == 1
    assert {error["exam"] for error in cohort.errors()} == {"b", "c"}
    assert not (cohort.results / "c.json").exists()
    assert {name for name, started in cohort.started().items() if before[name] != started} == {"b"}
    cohort.add("b", "c")
    ran = cohort.run()
    assert (ran.exit_code, cohort.errors()) == (0, [])
    assert "3 of 3 exams done, 1 of them before" in ran.stderr


# Stopped


@contextmanager
def running(command: list[str], **options: Any) -> Iterator[subprocess.Popen[str]]:
    """A command in a session of its own, of which nothing is left in the end."""
    process = subprocess.Popen(
        command, start_new_session=True, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, **options
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(SECONDS)
        process.stderr.close() if process.stderr else None


def wait_for(is_so: Callable[[], object]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


def processes_of(session: int) -> list[int]:
    """The processes of a session that live."""
    alive = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, its_session = stat.read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(its_session) == session and state != "Z":
            alive.append(int(stat.parent.name))
    return alive


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks into /proc")
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_stopped(cohort: Cohort, end: signal.Signals):
    """Killed or interrupted at half time, it leaves whole results, ends its processes, and then does the rest alone."""
    cohort.add(*"abcdefgh", seconds=0.1)
    with running(cohort.command("-j", "2", "--no-memo")) as process:
        wait_for(lambda: len(list(cohort.results.glob("?.json"))) >= 3)
        os.killpg(process.pid, end)
        _, said = process.communicate(timeout=SECONDS)
        wait_for(lambda: not processes_of(process.pid))
    before = cohort.started()
    assert 3 <= len(before) < 8
    if end == signal.SIGINT:
        assert process.returncode == 1, said
        assert "interrupted" in said
        assert "Traceback" not in said
        assert {row["exam"] for row in cohort.rows()} <= before.keys()
        assert not list(cohort.results.glob(".*"))
    ran = cohort.run()
    assert ran.exit_code == 0
    after = cohort.started()
    assert set(after) == set("abcdefgh")
    assert {name for name in after if name in before and before[name] == after[name]} == set(before)
    assert {row["exam"] for row in cohort.rows()} == set(after)


def test_interrupted_here(cohort: Cohort, monkeypatch: pytest.MonkeyPatch):
    """An interrupt in this process ends the batch with status 1, its table and how to go on."""
    cohort.add(*"abc")
    from foveola.running import tasks  # noqa: PLC0415  what it runs is exchanged

    run = tasks.run_task

    def interrupted(task: tasks.Task) -> tasks.Outcome:
        if task.source.name == "b":
            raise KeyboardInterrupt
        return run(task)

    monkeypatch.setattr(tasks, "run_task", interrupted)
    ran = cohort.run()
    assert ran.exit_code == 1
    assert "1 of 3 exams done" in ran.stderr
    assert "2 were not run; the same command goes on from here" in ran.stderr
    assert {row["exam"] for row in cohort.rows()} == {"a"}


def test_progress(cohort: Cohort):
    """On a terminal a bar says how many are done, at what rate, and how long it will take."""
    cohort.add(*"abc", seconds=0.2)
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "120"}
    process = subprocess.Popen(cohort.command("--no-memo"), stderr=theirs, stdout=theirs, env=environment)
    os.close(theirs)
    said = b""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if not select.select([ours], [], [], 1)[0]:
            continue
        try:
            said += os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
    os.close(ours)
    assert process.wait(SECONDS) == 0
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", said.decode())
    assert "3/3" in text
    assert re.search(r"\d\.\d/s +0:00:\d\d", text)
    assert "3 of 3 exams done" in text


# Elsewhere


def test_warnings_of_workers(cohort: Cohort, monkeypatch: pytest.MonkeyPatch):
    """What the memo warns of in a worker is said here, once."""
    blocked = cohort.folder / "blocked"
    blocked.write_text("a file, where a folder would have to be made")
    monkeypatch.setenv("FOVEOLA_MEMO", str(blocked / "memo"))
    cohort.add(*"abc")
    for words in ([], ["-j", "2", "--overwrite"]):
        ran = cohort.run(*words, memo=True)
        assert ran.exit_code == 0, ran.stderr
        assert len(re.findall(r"^warning: .*memo", ran.stderr, re.MULTILINE)) == 1, ran.stderr


@contextmanager
def dask_cluster(folder: Path) -> Iterator[str]:
    """A scheduler and two workers on free ports of this machine; its address."""
    pytest.importorskip("distributed")
    file = folder / "scheduler.json"
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    dask = [sys.executable, "-m", "dask"]
    local = ["--host", "127.0.0.1", "--no-dashboard"]
    with ExitStack() as stack:
        logs = stack.enter_context((folder / "dask.log").open("w"))
        stack.enter_context(
            running_quietly([*dask, "scheduler", *local, "--port", "0", "--scheduler-file", str(file)], logs, elsewhere)
        )
        wait_for(lambda: file.exists() and file.read_text().endswith("}"))
        worker = [*dask, "worker", *local, "--nthreads", "1", "--nworkers", "1", "--scheduler-file", str(file)]
        for _ in range(2):
            stack.enter_context(running_quietly(worker, logs, elsewhere))
        yield json.loads(file.read_text())["address"]


@contextmanager
def running_quietly(command: list[str], logs: Any, folder: Path) -> Iterator[None]:
    """A command in a session of its own, asked to end in the end, and then made to."""
    process = subprocess.Popen(command, stdout=logs, stderr=logs, cwd=folder, start_new_session=True)
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        for one in processes_of(process.pid):
            os.kill(one, signal.SIGKILL)
        process.wait(SECONDS)


def test_same_everywhere(cohort: Cohort, monkeypatch: pytest.MonkeyPatch):
    """Two processes and a cluster give the files of this process; an exam that kills its worker costs only itself."""
    good = [f"e{place:02}" for place in range(8)]
    cohort.add(*good)
    cohort.add("broken1", number=-1)
    cohort.add("broken2", number=None)
    cohort.add("broken3")
    (cohort.exams / "broken3" / "exam.json").write_text("{")
    survivors = [str(path) for path in sorted(cohort.exams.iterdir())]
    cohort.add("e03_kills", kills=True)
    here, pool, cluster = (cohort.folder / name for name in ("here", "pool", "cluster"))
    assert cohort.run(exams=survivors, results=here).exit_code == 1

    monkeypatch.chdir(cohort.folder)  # what is relative here is nowhere for a worker
    exams = ["exams"]
    ran = [cohort.run("-j", "2", exams=exams, results=Path("pool"))]
    with dask_cluster(cohort.folder) as address:
        ran.append(cohort.run("--scheduler", address, exams=exams, results=Path("cluster")))

    expected = outcome_of(here)
    errors = cohort.errors(here)
    for one, results in zip(ran, (pool, cluster), strict=True):
        assert one.exit_code == 1, one.stderr
        found = outcome_of(results)
        dead = [error for error in cohort.errors(results) if error not in errors]
        assert dead == [
            {
                "exam": "e03_kills",
                "step": None,
                "code": "WORKER_DIED",
                "message": "the process that ran it died (SIGKILL)",
            }
        ]
        assert len({error["exam"] for error in cohort.errors(results)}) == 4
        del found["errors.jsonl"]
        assert found == {name: content for name, content in expected.items() if name != "errors.jsonl"}
        assert {row["exam"] for row in cohort.rows(results)} == set(good)
