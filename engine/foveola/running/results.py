"""What a run gives: its outputs, and what became of each step."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from foveola.errors import FoveolaError, StepError, sentence
from foveola.exams import Exam
from foveola.operations import Operation, Output
from foveola.planning.plan import Plan
from foveola.running.calls import Call
from foveola.running.codec import digest
from foveola.running.loading import Lazy, loaded
from foveola.running.versions import versions_of
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
                "recipes": {plan.recipe.name: plan.recipe.source.text for plan in self.plan.within},
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
    """The numbers and words that an exam was given: whose eye, how far apart its samples are; exams in it likewise."""
    return {
        name: _words_of(value) if isinstance(value, Exam) else value
        for name, value in sorted(exam.given.items())
        if isinstance(value, str | int | float | Exam)
    }


def _absolute(path: Path | None) -> str | None:
    return None if path is None else str(path.absolute())
