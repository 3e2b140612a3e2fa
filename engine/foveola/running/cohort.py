"""Many exams: one recipe, one result file each. An exam is the grain, never a step.

Whoever runs an exam (this process, a pool, a Dask cluster) calls `run_task`: same code, same bytes. Paths and small
records travel, arrays never. An exam always ends in a record; a batch never dies of an exam.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from glob import has_magic
from itertools import chain, islice
from pathlib import Path
from typing import Any

import orjson

from foveola.errors import ExamError, FoveolaError, sentence
from foveola.planning.planner import make_plan
from foveola.readers import Reader, read_exam
from foveola.recipes.reader import parse_recipe
from foveola.recipes.settings import apply_settings
from foveola.registry import Registry
from foveola.running.executor import execute
from foveola.running.files import write_result
from foveola.running.memo import StoreMemo
from foveola.running.store import Store
from foveola.running.table import Row, rows_of

WORKER_DIED = "WORKER_DIED"
WINDOW = 4
"""How many exams wait for each worker: enough to keep it busy, few enough to stop soon."""


@dataclass(frozen=True)
class Source:
    """An exam that is to be run: its name in results, and where it lies."""

    name: str
    path: Path


@dataclass(frozen=True)
class Task:
    """Everything that a worker needs to run one exam; small, and nothing but text and numbers.

    Attributes:
        source: the exam.
        recipe: the recipe's text, the name people know it by, and the folder in which its neighbours lie.
        settings: what was set from outside.
        only: the outputs that are wanted; empty: all.
        folder: where results go.
        memo: the folder of the memo; None remembers nothing.
        plugins: files of operations that are used without being installed.
    """

    source: Source
    recipe: tuple[str, str, str]
    settings: tuple[tuple[str, str], ...]
    only: tuple[str, ...]
    folder: Path
    memo: Path | None
    plugins: tuple[Path, ...] = ()


@dataclass(frozen=True)
class ExamFailure:
    """One line of `errors.jsonl`: which exam, which step of it (None: it could not be read), and why."""

    exam: str
    step: str | None
    code: str
    message: str


@dataclass(frozen=True)
class Outcome:
    """What became of an exam.

    Attributes:
        name: the exam.
        failures: empty if all went well.
        rows: its measures.
        resumed: whether its result was there already.
    """

    name: str
    failures: tuple[ExamFailure, ...] = ()
    rows: tuple[Row, ...] = field(default=(), repr=False)
    resumed: bool = False


Runner = Callable[[Iterable[Task]], Iterator[Outcome]]


def find_exams(words: Iterable[str], readers: Iterable[Reader]) -> list[Source]:
    """The exams that paths, folders and patterns name, each once, by name.

    An exam is named by its path below the folder that was given, without its ending, `/` written `__`.

    Raises:
        ExamError: a path leads nowhere, holds no exam, or two exams would have one name.
    """
    known = tuple(readers)
    found: dict[str, Source] = {}
    for word in words:
        sources = list(_exams_of(word, known))
        if not sources:
            is_there = Path(word).exists() or has_magic(word)
            raise ExamError(
                word, "holds no exam that a reader knows" if is_there else "there is no such file or folder"
            )
        for source in sources:
            other = found.setdefault(source.name, source)
            if other.path.resolve() != source.path.resolve():
                raise ExamError(
                    source.path, f"has the name {source.name!r} of {other.path}; give the folder above both"
                )
    return sorted(found.values(), key=lambda source: source.name)


def is_one_exam(word: str, readers: Iterable[Reader]) -> bool:
    """Whether a word names one exam (be it there or not), rather than a folder of them or a pattern."""
    path = Path(word)
    if path.is_dir():
        return any(reader.recognises(path) for reader in readers)
    return path.is_file() or not has_magic(word)


def _exams_of(word: str, readers: tuple[Reader, ...]) -> Iterator[Source]:
    path = Path(word)
    if path.exists() and is_one_exam(word, readers):
        yield Source(path.stem if path.is_file() else path.resolve().name, path)
    elif path.is_dir():
        yield from _below(path, path, readers)
    elif has_magic(word):
        root = Path(*_plain_parts(path))
        for match in sorted(root.glob(str(path.relative_to(root)))):
            if any(reader.recognises(match) for reader in readers):
                yield Source(_name_below(match, root), match)


def _below(folder: Path, root: Path, readers: tuple[Reader, ...]) -> Iterator[Source]:
    """Every exam in a folder, whose own files are not looked at one by one."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if any(reader.recognises(path) for reader in readers):
            yield Source(_name_below(path, root), path)
        elif path.is_dir():
            yield from _below(path, root, readers)


def _plain_parts(path: Path) -> Iterator[str]:
    """The parts of a pattern before the first that is one."""
    for part in path.parts:
        if has_magic(part):
            return
        yield part


def _name_below(path: Path, root: Path) -> str:
    below = path.relative_to(root)
    return "__".join((below if path.is_dir() else below.with_suffix("")).parts)


def run_task(task: Task) -> Outcome:
    """Run one exam and write its result; whatever goes wrong with it is its outcome."""
    try:
        registry = Registry.installed().with_files(task.plugins)
        text, name, folder = task.recipe
        written = parse_recipe(text, name, Path(folder))
        recipe, values = apply_settings(written, dict(task.settings), registry.exam_type.declared())
        exam = read_exam(task.source.path, registry.readers.values(), registry.exam_type).renamed(task.source.name)
        exam = exam.replaced(values) if values else exam
        plan = make_plan(recipe, registry, exam, task.only or None)
        memo = None if task.memo is None else StoreMemo(Store(task.memo))
        result = replace(execute(plan, exam, memo), exam_path=task.source.path)
        content = orjson.loads(write_result(result, task.folder).read_bytes())
        failures = tuple(
            ExamFailure(task.source.name, step.name, getattr(step.cause, "code", "STEP_FAILED"), step.reason or "")
            for step in result.failed
        )
        return Outcome(task.source.name, failures, () if failures else tuple(rows_of(content, plan)))
    except Exception as error:  # noqa: BLE001  an exam may break anything: it becomes this exam's failure
        code = error.code if isinstance(error, FoveolaError) else "FAILED"
        return Outcome(task.source.name, (ExamFailure(task.source.name, None, code, sentence(error)),))


def run_here(tasks: Iterable[Task]) -> Iterator[Outcome]:
    """Run exams in this process, one after another."""
    yield from map(run_task, tasks)


def run_in_pool(workers: int) -> Runner:
    """Run exams in processes of this machine; one that dies costs its exam a retry, alone, and nothing else."""

    def run(tasks: Iterable[Task]) -> Iterator[Outcome]:
        rest = iter(tasks)
        for task in rest:
            suspects = yield from _until_a_worker_dies(workers, chain([task], rest))
            yield from map(run_alone, suspects)

    return run


def _until_a_worker_dies(workers: int, tasks: Iterator[Task]) -> Generator[Outcome, None, list[Task]]:
    """Run exams until none is left or a worker died; returned are those that may have killed it."""
    running: dict[Future[Outcome], Task] = {}
    with _pool(workers) as pool:
        while True:
            for task in islice(tasks, workers * WINDOW - len(running)):
                try:
                    running[pool.submit(run_task, task)] = task
                except BrokenProcessPool:
                    return [task, *running.values()]
            if not running:
                return []
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            died = [future for future in done if isinstance(future.exception(), BrokenProcessPool)]
            for future in done.difference(died):
                del running[future]
                yield future.result()
            if died:
                return list(running.values())


def run_alone(task: Task) -> Outcome:
    """Run an exam in a process of its own: whether it is the one that kills its worker."""
    with _pool(1) as pool:
        future = pool.submit(run_task, task)
        if isinstance(future.exception(), BrokenProcessPool):
            message = "the process that ran it died"
            return Outcome(task.source.name, (ExamFailure(task.source.name, None, WORKER_DIED, message),))
        return future.result()


def run_on_dask(address: str) -> Runner:
    """Run exams on a Dask cluster.

    Args:
        address: its scheduler's, `tcp://...`.
    """

    def run(tasks: Iterable[Task]) -> Iterator[Outcome]:
        try:
            from distributed import Client, as_completed  # noqa: PLC0415  the extra `dask`
        except ImportError:
            raise FoveolaError("--scheduler needs Dask: pip install 'foveola[dask]'") from None
        rest = iter(tasks)
        suspects = []
        with Client(address, set_as_default=False) as client:
            window = max(1, sum(client.ncores().values())) * WINDOW
            running = {client.submit(run_task, task, pure=False, retries=0): task for task in islice(rest, window)}
            finished = as_completed(running)
            for future in finished:
                task = running.pop(future)
                if future.status == "finished":
                    yield future.result()
                else:  # the worker died: Dask may blame a neighbour, so each is run once more, alone
                    suspects.append(task)
                for task in islice(rest, 1):
                    following = client.submit(run_task, task, pure=False, retries=0)
                    running[following] = task
                    finished.add(following)
        yield from map(run_alone, suspects)

    return run


def _pool(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))


def done_before(task: Task, plan: Any) -> Outcome | None:
    """The outcome of an exam that was run before with the same recipe and settings, and has not changed since."""
    path = task.folder / f"{task.source.name}.json"
    try:
        if path.stat().st_mtime_ns < _newest(task.source.path):
            return None
        content: Mapping[str, Any] = orjson.loads(path.read_bytes())
        provenance = content["provenance"]
        if provenance["recipe"] != task.recipe[0] or provenance["settings"] != dict(task.settings):
            return None
        if any(step["state"] == "failed" for step in content["run"]["steps"].values()):
            return None
        if set(content["outputs"]) != set(plan.outputs):
            return None
        return Outcome(task.source.name, rows=tuple(rows_of(content, plan)), resumed=True)
    except (OSError, KeyError, TypeError, orjson.JSONDecodeError):
        return None


def _newest(path: Path) -> int:
    """When an exam's files last changed, ns."""
    files = [path, *path.iterdir()] if path.is_dir() else [path]
    return max(file.stat().st_mtime_ns for file in files)
