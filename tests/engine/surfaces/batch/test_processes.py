"""Batches in processes: what an end in the midst of one leaves, and the same files from workers and a cluster."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from foveola.running import tasks

SECONDS = 120
"""Nothing here takes as long."""


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
def test_stopped(cohort, end: signal.Signals):
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


def test_interrupted_here(cohort, monkeypatch: pytest.MonkeyPatch):
    """An interrupt in this process ends the batch with status 1, its table and how to go on."""
    cohort.add(*"abc")
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


def test_progress(cohort):
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


def test_warnings_of_workers(cohort, monkeypatch: pytest.MonkeyPatch):
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


def outcome_of(results: Path) -> dict[str, Any]:
    """Everything in a folder of results but what may differ from run to run."""
    contents: dict[str, Any] = {}
    for path in sorted(results.iterdir()):
        if path.suffix == ".json":
            contents[path.name] = {k: v for k, v in json.loads(path.read_text()).items() if k != "run"}
        else:
            contents[path.name] = path.read_bytes()
    return contents


def test_same_everywhere(cohort, monkeypatch: pytest.MonkeyPatch):
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
