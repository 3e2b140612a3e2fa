"""One exam of many: what it takes to run it, and what became of it. An exam is the grain, never a step.

Whoever runs an exam (this process, a pool, a Dask cluster) calls `run_task`: same code, same bytes. Paths and small
records travel, arrays never. An exam always ends in a record; a batch never dies of an exam.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from foveola.archives import Archive
from foveola.errors import FoveolaError, InputError, sentence
from foveola.exams import Exam
from foveola.planning.plan import Plan
from foveola.planning.planner import make_plan
from foveola.readers import Reader, read_exam
from foveola.recipes.model import Recipe
from foveola.recipes.reader import parse_recipe
from foveola.recipes.settings import apply_settings
from foveola.registry import Registry
from foveola.running.code import CodeCache, code_of, code_of_reading
from foveola.running.codec import digest
from foveola.running.cohort import Source
from foveola.running.executor import execute
from foveola.running.files import read_content, stem_of, write_result
from foveola.running.hearing import listening
from foveola.running.memo import StoreMemo
from foveola.running.store import Store
from foveola.running.versions import versions_of

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


# Was it done before?


class Reading:
    """How exams are read, and from what: what of that has changed.

    Args:
        registry: has the readers and the kind of exam.
        remembered: where the reading of code is remembered.
    """

    def __init__(self, registry: Registry, remembered: CodeCache | None) -> None:
        self._readers = tuple(registry.readers.values())
        self._exam_type = registry.exam_type
        self._remembered = remembered

    def stamp(self, path: Path) -> str:
        """Another when the exam's files have changed, or the code that would read them; "" if that is not known."""
        reader = next((one for one in self._readers if one.recognises(path)), None)
        return "" if reader is None else self._stamp(path, reader)

    def stamping(self, reader: Reader, stamps: dict[str, str]) -> Reader:
        """A reader that notes the stamp of what it reads, also of exams that exams name."""

        def read(path: Path) -> Mapping[str, Any]:
            stamps[str(path)] = self._stamp(path, reader)
            return reader.read(path)

        return replace(reader, read=read)

    def _stamp(self, path: Path, reader: Reader) -> str:
        with suppress(TypeError):
            return digest([stamp_of(path), code_of_reading(reader.read, self._exam_type, self._remembered)])
        return ""


def stamp_of(path: Path) -> str:
    """Names, sizes and times of an exam's files: another when one of them has changed."""
    files = (file for file in path.rglob("*") if file.is_file()) if path.is_dir() else (path, path.with_suffix(".npz"))
    found = []
    for file in files:
        with suppress(FileNotFoundError):
            state = file.stat()
            found.append([str(file.relative_to(path.parent)), state.st_size, state.st_mtime_ns])
    return digest(sorted(found))


class Earlier:
    """Results that are there already. One counts if running its exam again would give the same file.

    So it is of the same recipe, recipes within, settings, outputs, versions and code; its exam lies where it lay, and
    its files and what reads them are as they were when they were read; and no step of it failed.

    Args:
        plan: of the recipe.
        registry: with which exams are read.
        memo: the folder of the memo, which remembers what code files say.
    """

    def __init__(self, plan: Plan, registry: Registry, memo: Path | None) -> None:
        self._plan = plan
        plans = (plan, *plan.within)
        self._recipes = {one.recipe.name: one.recipe.source.text for one in plans[1:]}
        self._versions = versions_of(plan)
        self._operations = {
            step.operation.name: step.operation for one in plans for step in one.steps.values() if step.operation
        }
        store = None if memo is None else Store(memo)
        self._code = partial(code_of, remembered=store)  # read when first asked for
        self._reading = Reading(registry, store)

    def has(self, task: Task) -> bool:
        """Whether the result of an exam is there."""
        try:
            return self._is_of(read_content(task.result), task)
        except (InputError, OSError, LookupError, TypeError, AttributeError, ValueError):  # it is no such result
            return False

    def _is_of(self, content: Mapping[str, Any], task: Task) -> bool:
        provenance, run = content["provenance"], content["run"]
        return bool(
            provenance["recipe"] == task.recipe.text
            and provenance["recipes"] == self._recipes
            and provenance["settings"] == dict(task.settings)
            and provenance["versions"] == self._versions
            and self._outputs(content, task) == set(self._plan.outputs)
            and all(step["state"] != "failed" for step in run["steps"].values())
            and all(self._has_code(name, step, content) for name, step in content["steps"].items())
            and run["exam"] == str(task.source.path)
            and run["exam_files"]
            and all(stamp and self._reading.stamp(Path(path)) == stamp for path, stamp in run["exam_files"].items())
        )

    @staticmethod
    def _outputs(content: Mapping[str, Any], task: Task) -> set[str]:
        """The outputs that are there, large arrays among them."""
        outputs = set(content["outputs"])
        if task.arrays.exists():
            outputs |= {name.split("/")[1] for name in Archive(task.arrays)}
        return outputs

    def _has_code(self, name: str, step: Mapping[str, Any], content: Mapping[str, Any]) -> bool:
        """Whether a step ran the code that is here now. Of one that ran a recipe, the steps within say so."""
        if step["parts"] is not None:
            return bool(self._code(self._operations[step["parts"]["operation"]]) == step["parts"]["code"])
        is_skipped = content["run"]["steps"][name]["state"] == "skipped"
        return is_skipped or any(other.startswith(f"{name}.") for other in content["steps"])
