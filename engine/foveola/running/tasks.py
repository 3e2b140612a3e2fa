"""One exam of many: what it takes to run it, and what became of it. An exam is the grain, never a step.

Whoever runs an exam (this process, a pool, a Dask cluster) calls `run_task`: same code, same bytes. Paths and small
records travel, arrays never. An exam always ends in a record; a batch never dies of an exam.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from foveola.errors import FoveolaError, sentence
from foveola.exams import Exam
from foveola.planning.planner import make_plan
from foveola.readers import read_exam
from foveola.recipes.model import Recipe
from foveola.recipes.reader import parse_recipe
from foveola.recipes.settings import apply_settings
from foveola.registry import Registry
from foveola.running.cohort import Source
from foveola.running.executor import execute
from foveola.running.files import stem_of, write_result
from foveola.running.hearing import listening
from foveola.running.memo import StoreMemo
from foveola.running.readings import Reading
from foveola.running.store import Store

WORKER_DIED = "WORKER_DIED"


@dataclass(frozen=True)
class RecipeText:
    """A recipe as it travels: its text, what people call it, the folder of its neighbours, its file if it has one."""

    text: str
    name: str
    folder: Path
    path: Path | None

    @classmethod
    def of(cls, recipe: Recipe) -> RecipeText:
        """The text of a recipe, with paths that hold in other processes."""
        path = None if recipe.path is None else recipe.path.absolute()
        return cls(recipe.source.text, recipe.source.name, recipe.folder.absolute(), path)

    def read(self) -> Recipe:
        """The recipe."""
        return replace(parse_recipe(self.text, self.name, self.folder), path=self.path)


@dataclass(frozen=True)
class Task:
    """Everything that a worker needs to run one exam: text, and paths that are absolute, since workers run elsewhere.

    Attributes:
        source: the exam.
        recipe: the recipe.
        settings: what was set from outside.
        only: the outputs that are wanted; empty: all.
        folder: where results go.
        memo: the folder of the memo; None remembers nothing.
        plugins: files of operations that are used without being installed.
    """

    source: Source
    recipe: RecipeText
    settings: tuple[tuple[str, str], ...]
    only: tuple[str, ...]
    folder: Path
    memo: Path | None
    plugins: tuple[Path, ...] = ()

    @property
    def result(self) -> Path:
        """Its result file."""
        return self.folder / f"{stem_of(self.source.name)}.json"

    @property
    def arrays(self) -> Path:
        """Where the large arrays of its result lie."""
        return self.folder / f"{stem_of(self.source.name)}.npz"

    def withdraw(self) -> None:
        """Take away the result of an earlier run, which is not that of this one."""
        for path in (self.result, self.arrays):
            with suppress(OSError):
                path.unlink(missing_ok=True)


@dataclass(frozen=True)
class ExamFailure:
    """One line of `errors.jsonl`: which exam, which step of it (None: there is no result at all), and why."""

    exam: str
    step: str | None
    code: str
    message: str


@dataclass(frozen=True)
class Outcome:
    """What became of an exam; its measures are in its result file.

    Attributes:
        task: the exam.
        failures: empty if all went well.
        warnings: what was said of the memo and the like while it ran.
        resumed: whether its result was there already.
    """

    task: Task
    failures: tuple[ExamFailure, ...] = ()
    warnings: tuple[str, ...] = ()
    resumed: bool = False

    @property
    def name(self) -> str:
        """What the exam is called."""
        return self.task.source.name

    @classmethod
    def failed(cls, task: Task, code: str, message: str, heard: Iterable[str] = ()) -> Outcome:
        """The outcome of an exam that has no result."""
        return cls(task, (ExamFailure(task.source.name, None, code, message),), tuple(heard))


Runner = Callable[[Iterable[Task]], Generator[Outcome, None, None]]


def run_here(tasks: Iterable[Task]) -> Generator[Outcome, None, None]:
    """Run exams in this process, one after another."""
    yield from map(run_task, tasks)


def run_task(task: Task) -> Outcome:
    """Run one exam and write its result; whatever goes wrong with it is its outcome."""
    with listening() as heard:
        try:
            failures = _run(task)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  an exam may break anything, even exit: that is its failure
            task.withdraw()
            code = error.code if isinstance(error, FoveolaError) else "FAILED"
            return Outcome.failed(task, code, sentence(error), heard)
        return Outcome(task, failures, tuple(heard))


def _run(task: Task) -> tuple[ExamFailure, ...]:
    registry = Registry.installed().with_files(task.plugins)
    recipe, values = apply_settings(task.recipe.read(), dict(task.settings), registry.exam_type.declared())
    store = None if task.memo is None else Store(task.memo)
    reading = Reading(registry, store)
    stamps: dict[str, str] = {}
    readers = [reading.stamping(reader, stamps) for reader in registry.readers.values()]
    exam: Exam = read_exam(task.source.path, readers, registry.exam_type).renamed(task.source.name)
    exam = exam.replaced(values) if values else exam
    plan = make_plan(recipe, registry, exam, task.only or None)
    result = execute(plan, exam, None if store is None else StoreMemo(store))
    write_result(replace(result, exam_path=task.source.path, exam_files=stamps), task.folder)
    return tuple(
        ExamFailure(task.source.name, step.name, getattr(step.cause, "code", "STEP_FAILED"), step.reason or "")
        for step in result.failed
    )
