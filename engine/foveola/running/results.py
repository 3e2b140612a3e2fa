"""What a run gives: its outputs, and what became of each step."""

from __future__ import annotations

import platform
import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache, cached_property
from importlib import metadata
from importlib.metadata import EntryPoints, PackageNotFoundError, entry_points
from pathlib import Path
from typing import Any, Literal

from foveola.errors import FoveolaError, StepError, sentence
from foveola.exams import Exam
from foveola.operations import Operation, Output
from foveola.planning.plan import Plan
from foveola.plugins import AGAIN
from foveola.running.calls import Call
from foveola.running.codec import digest
from foveola.running.installed import names_of_distributions
from foveola.running.remembered import Lazy, loaded
from foveola.values import plain

State = Literal["computed", "remembered", "skipped", "failed"]

_READ_ONLY = re.compile(r"read-only|does not support item assignment|[Ii]nstance is frozen")


@dataclass(frozen=True)
class StepResult:
    """What became of a step.

    Attributes:
        name: the step; `outer.inner` within a recipe used as a step, `step[key]` within a `foreach`.
        use: the operation or recipe that it ran.
        state: computed, remembered, skipped or failed.
        reason: why it was skipped, or what failed.
        seconds: how long it took.
        call: what it ran on what; None if it did not come to that, or ran a recipe.
        cause: what the step raised; None if it did not fail, or what failed is a step within it.
        held: what it answered, perhaps not loaded yet.
    """

    name: str
    use: str
    state: State
    reason: str | None = None
    seconds: float = 0.0
    call: Call | None = None
    cause: BaseException | None = None
    held: Any = None

    @property
    def answer(self) -> Any:
        """What it answered."""
        return loaded(self.held)

    @property
    def key(self) -> str | None:
        """What its answer is remembered by."""
        return self.call.key if self.call is not None and self.call.has_key else None

    @property
    def parts(self) -> Mapping[str, Any] | None:
        """What that key is made of."""
        return self.call.parts if self.call is not None and self.call.has_key else None

    @property
    def error(self) -> StepError | None:
        """What it raised, with its name."""
        return None if self.cause is None else StepError(self.name, self.cause)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader of its answer should know."""
        if isinstance(self.held, Lazy):
            return tuple(loaded(self.held.part("warnings")))
        return self.held.warnings if isinstance(self.held, Output) else ()


@dataclass(frozen=True)
class Result:
    """What a run gives.

    Attributes:
        plan: what was run.
        exam: on what.
        values: the outputs as domain values.
        steps: what became of each step, by name.
        coverage: how much was measured of what each output is about, as far as that is known.
        started: when the run began.
        seconds: how long it took.
        exam_path: where the exam was read from.
        exam_files: what was read, by path, each with a stamp that differs when the files there or what read them do.
    """

    plan: Plan
    exam: Exam
    values: Mapping[str, Any]
    steps: Mapping[str, StepResult]
    coverage: Mapping[str, Any] = field(default_factory=dict)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    seconds: float = 0.0
    exam_path: Path | None = None
    exam_files: Mapping[str, str] = field(default_factory=dict)

    def called(self, name: str) -> Result:
        """The same result of an exam that is called otherwise."""
        return replace(self, exam=self.exam.renamed(name))

    @cached_property
    def outputs(self) -> dict[str, Any]:
        """The outputs in their documented form: plain Python values, arrays as arrays; None if skipped or failed."""
        return {name: plain(value, lists=False) for name, value in self.values.items()}

    @property
    def failed(self) -> list[StepResult]:
        """The steps that failed; of a recipe used as a step those within it."""
        return [step for step in self.steps.values() if step.cause is not None]

    @property
    def warnings(self) -> list[str]:
        """What a reader of the numbers should know, each with its step."""
        return [f"{step.name}: {warning}" for step in self.steps.values() for warning in step.warnings]

    def as_json(self) -> dict[str, Any]:
        """The whole result, as a result file holds it. What differs from run to run stands under `run` alone."""
        recipe = self.plan.recipe
        return {
            "recipe": recipe.name,
            "exam": {"name": self.exam.name, "digest": digest(self.exam)},
            "outputs": self.outputs,
            "warnings": self.warnings,
            "steps": {
                step.name: {"reason": step.reason, "key": step.key, "parts": step.parts} for step in self.steps.values()
            },
            "provenance": {
                "recipe": recipe.source.text,
                "recipes": {plan.recipe.name: plan.recipe.source.text for plan in plans_within(self.plan)},
                "settings": dict(recipe.settings),
                "exam": _words_of(self.exam),
                "coverage": self.coverage,
                "versions": versions_of(self.plan),
            },
            "run": {
                "started": self.started.isoformat(),
                "seconds": self.seconds,
                "host": socket.gethostname(),
                "recipe": _absolute(recipe.path),
                "exam": _absolute(self.exam_path),
                "exam_files": dict(self.exam_files),
                "steps": {step.name: {"state": step.state, "seconds": step.seconds} for step in self.steps.values()},
            },
        }


def reason_of(cause: BaseException, operation: Operation[..., Output] | None = None) -> str:
    """What to say of a step that failed: of a plugin's mistake also where the plugin comes from."""
    said = sentence(cause)
    if operation is not None and operation.origin is not None and not isinstance(cause, FoveolaError):
        said = f"{said} (plugin {operation.origin})"
    if isinstance(cause, TypeError | ValueError) and _READ_ONLY.search(said):
        return f"{said}; what steps are given is shared between them: change a copy of it"
    return said


def _words_of(exam: Exam) -> dict[str, Any]:
    """The numbers and words that an exam was given: whose eye, how far apart its samples are."""
    return {name: value for name, value in sorted(exam.given.items()) if isinstance(value, str | int | float)}


def _absolute(path: Path | None) -> str | None:
    return None if path is None else str(path.absolute())


def plans_within(plan: Plan) -> Iterator[Plan]:
    """The plans of the recipes that a recipe uses as steps, and of those that these use."""
    for step in plan.steps.values():
        if step.plan is not None:
            yield step.plan
            yield from plans_within(step.plan)


def versions_of(plan: Plan) -> dict[str, str]:
    """The versions of everything that computed: of the distributions of all operations, and of what those need."""
    steps = [step for one in (plan, *plans_within(plan)) for step in one.steps.values()]
    names = {"foveola"} | {_distribution(step.operation) for step in steps if step.operation is not None}
    versions = {name: found for root in names for name, found in _versions_under(root)}
    return {"python": platform.python_version()} | dict(sorted(versions.items()))


@cache
def _distribution(operation: Operation[..., Output]) -> str:
    """The distribution that brings an operation; its package if that is not installed as one."""
    module = operation.function.__module__
    for point in _operations().select(name=operation.name):
        if point.module == module and point.dist is not None:
            return point.dist.name
    package = module.partition(".")[0].partition(AGAIN)[0]
    return next(iter(names_of_distributions(package)), package)


@cache
def _operations() -> EntryPoints:
    return entry_points(group="foveola.operations")


@cache
def _versions_under(distribution: str) -> tuple[tuple[str, str], ...]:
    try:
        found = metadata.version(distribution)
        needed = [line for line in metadata.requires(distribution) or [] if "extra ==" not in line]
    except PackageNotFoundError:
        return ((distribution, "unpackaged"),)
    versions = [(distribution, found)]
    for name in sorted({re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in needed}):
        with suppress(PackageNotFoundError):  # a marker may not want it here
            versions.append((name, metadata.version(name)))
    return tuple(versions)
