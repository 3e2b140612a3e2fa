"""What a run gives: its outputs, and what became of each step."""

from __future__ import annotations

import platform
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from typing import Any, Literal

from foveola.exams import Exam
from foveola.operations import Operation, Output
from foveola.planning.plan import Plan
from foveola.running.fingerprint import digest
from foveola.values import plain

State = Literal["computed", "remembered", "skipped", "failed"]


@dataclass(frozen=True)
class StepResult:
    """What became of a step.

    Attributes:
        name: the step; `outer.inner` within a recipe used as a step, `step[key]` within a `foreach`.
        use: the operation or recipe that it ran.
        state: computed, remembered, skipped or failed.
        reason: why it was skipped, or what failed.
        seconds: how long it took.
        key: what its answer is remembered by.
        parts: what that key was made of.
        cause: the error of a step that failed.
        answer: what it answered.
    """

    name: str
    use: str
    state: State
    reason: str | None = None
    seconds: float = 0.0
    key: str | None = None
    parts: Mapping[str, Any] | None = None
    cause: Exception | None = None
    answer: Any = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader of its answer should know."""
        return self.answer.warnings if isinstance(self.answer, Output) else ()


@dataclass(frozen=True)
class Result:
    """What a run gives.

    Attributes:
        plan: what was run.
        exam: on what.
        values: the outputs as domain values.
        steps: what became of each step, by name.
        started: when the run began.
        seconds: how long it took.
    """

    plan: Plan
    exam: Exam
    values: Mapping[str, Any]
    steps: Mapping[str, StepResult]
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    seconds: float = 0.0

    @cached_property
    def outputs(self) -> dict[str, Any]:
        """The outputs in their documented form: plain Python values, arrays as arrays; None if skipped or failed."""
        return {name: plain(value, lists=False) for name, value in self.values.items()}

    @property
    def failed(self) -> list[StepResult]:
        """The steps that failed."""
        return [step for step in self.steps.values() if step.state == "failed"]

    @property
    def warnings(self) -> list[str]:
        """What a reader of the numbers should know, each with its step."""
        return [f"{step.name}: {warning}" for step in self.steps.values() for warning in step.warnings]

    def as_json(self) -> dict[str, Any]:
        """The whole result, as a result file holds it. What differs from run to run stands under `run` alone."""
        return {
            "recipe": self.plan.recipe.name,
            "exam": {"name": self.exam.name, "digest": digest(self.exam)},
            "outputs": self.outputs,
            "warnings": self.warnings,
            "steps": {
                step.name: {"reason": step.reason, "key": step.key, "parts": step.parts} for step in self.steps.values()
            },
            "provenance": {
                "recipe": self.plan.recipe.source.text,
                "versions": _versions(self.plan),
            },
            "run": {
                "started": self.started.isoformat(),
                "seconds": self.seconds,
                "host": socket.gethostname(),
                "steps": {step.name: {"state": step.state, "seconds": step.seconds} for step in self.steps.values()},
            },
        }


def _versions(plan: Plan) -> dict[str, str]:
    """The versions of everything that computed."""
    packages = {"foveola", "numpy", "scipy"} | {
        operation.function.__module__.partition(".")[0] for operation in _operations(plan)
    }
    named = packages_distributions()
    distributions = sorted({name for package in packages for name in named.get(package, [package])})
    return {"python": platform.python_version()} | {name: _version(name) for name in distributions}


def _operations(plan: Plan) -> list[Operation[..., Output]]:
    found = []
    for step in plan.steps.values():
        if step.operation is not None:
            found.append(step.operation)
        if step.plan is not None:
            found += _operations(step.plan)
    return found


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "unpackaged"
