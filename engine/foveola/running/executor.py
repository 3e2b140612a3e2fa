"""Run a plan: each step once, in order; a step that fails or is skipped takes down only what needs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

from foveola.errors import StepError
from foveola.exams import Exam
from foveola.operations import Operation, Output, adapter, read_as
from foveola.planning.plan import Binding, Plan, PlannedStep
from foveola.planning.types import EachAnswer, part_of
from foveola.recipes.model import Constant, Expression, ListOf, MapOf, Reference
from foveola.running.fingerprint import digest
from foveola.running.memo import Memo, key_parts
from foveola.running.results import Result, StepResult
from foveola.values import items_of, plain

EXAM = "exam"

Listener = Callable[[StepResult], None]


def execute(plan: Plan, exam: Exam, memo: Memo | None = None, listener: Listener | None = None) -> Result:
    """Run a plan on an exam.

    Args:
        plan: what to run.
        exam: on what.
        memo: where answers are remembered; None remembers nothing.
        listener: hears of each step as it ends.
    """
    started, clock = datetime.now(UTC), perf_counter()
    run = _Run(plan, exam, {}, memo, listener)
    values = run.execute()
    return Result(
        plan=plan,
        exam=exam,
        values={name: None if isinstance(value, _Unavailable) else value for name, value in values.items()},
        steps=run.results,
        started=started,
        seconds=perf_counter() - clock,
    )


@dataclass(frozen=True)
class _Unavailable:
    """What stands for an answer that a step did not give."""

    reason: str


class _SkipError(Exception):
    """The step does not run, for a reason."""


class _Run:
    """One plan on one exam; a recipe used as a step is a run within, with names that begin with the step's."""

    def __init__(
        self,
        plan: Plan,
        exam: Exam,
        given: Mapping[str, Any],
        memo: Memo | None,
        listener: Listener | None,
        prefix: str = "",
    ) -> None:
        self._plan = plan
        self._memo = memo
        self._listener = listener
        self._prefix = prefix
        self._known: dict[str, Any] = {EXAM: exam}
        self._given = given
        self.results: dict[str, StepResult] = {}

    def execute(self) -> dict[str, Any]:
        """Run every step; the outputs, unavailable ones marked."""
        for name, (entry, kind) in self._plan.inputs.items():
            self._known[name] = self._input(name, kind, None if entry.default is None else entry.default.value)
        for step in self._plan.steps.values():
            self._known[step.name] = self._run_step(step)
        return {name: self._output(expression) for name, expression in self._plan.outputs.items()}

    def _input(self, name: str, kind: Any, default: Any) -> Any:
        value = self._given.get(name)
        if value is None:
            value = self._known[EXAM].get(name)
        if value is None:
            value = default
        return None if value is None else read_as(adapter(kind), value, name)

    def _output(self, expression: Expression) -> Any:
        try:
            return self._value(expression, self._known)
        except _SkipError as reason:
            return _Unavailable(str(reason))

    def _run_step(self, step: PlannedStep) -> Any:
        """Run a step, or each of its items; its answer, or what stands for it."""
        clock = perf_counter()
        name = self._prefix + step.name
        try:
            self._check_conditions(step, self._known)
            items = None if step.foreach is None else list(items_of(self._value(step.foreach, self._known)))
        except _SkipError as reason:
            return self._ended(StepResult(name, step.use, "skipped", str(reason), perf_counter() - clock))
        if items is None:
            return self._ended(self._result_of(step, name, self._known))
        return self._run_items(step, name, items)

    def _run_items(self, step: PlannedStep, name: str, items: list[tuple[str, Any]]) -> Any:
        answers = EachAnswer()
        failed = None
        for key, item in items:
            result = self._result_of(step, f"{name}[{key}]", {**self._known, "item": item, "key": key})
            answer = self._ended(result)
            answers[key] = None if isinstance(answer, _Unavailable) else answer
            failed = failed or (result if result.state == "failed" else None)
        if failed is not None:
            return _Unavailable(f"needs {failed.name!r}, which failed")
        return answers

    def _result_of(self, step: PlannedStep, name: str, known: Mapping[str, Any]) -> StepResult:
        clock = perf_counter()
        try:
            values = {
                parameter: self._argument(binding, known)
                for parameter, binding in step.bindings.items()
                if binding.expression is not None
            }
            if step.plan is not None:
                return self._run_recipe(step, step.plan, name, values, clock)
            assert step.operation is not None  # noqa: S101  a step runs the one or the other
            return self._run_operation(step.operation, name, values, clock)
        except _SkipError as reason:
            return StepResult(name, step.use, "skipped", str(reason), perf_counter() - clock)
        except Exception as error:  # noqa: BLE001  a plugin may raise anything: it becomes this step's failure
            cause = StepError(name, error)
            return StepResult(name, step.use, "failed", str(cause), perf_counter() - clock, cause=error)

    def _run_operation(
        self, operation: Operation[..., Output], name: str, values: dict[str, Any], clock: float
    ) -> StepResult:
        if self._memo is None:
            return StepResult(
                name, operation.name, "computed", seconds=perf_counter() - clock, answer=operation.run(values)
            )
        parts = key_parts(operation, values)
        key = digest(parts)
        answer = self._memo.get(key)
        state = "remembered"
        if answer is None:
            state = "computed"
            answer = operation.run(values)
            self._memo.put(key, parts, answer)
        return StepResult(name, operation.name, state, None, perf_counter() - clock, key, parts, answer=answer)  # type: ignore[arg-type]

    def _run_recipe(self, step: PlannedStep, plan: Plan, name: str, values: dict[str, Any], clock: float) -> StepResult:
        exam = values.pop(EXAM, None) if EXAM not in plan.inputs else None
        inner = _Run(plan, exam or self._known[EXAM], values, self._memo, self._listener, f"{name}.")
        answers = inner.execute()
        self.results |= inner.results
        states = {result.state for result in inner.results.values()}
        failed = next((result for result in inner.results.values() if result.state == "failed"), None)
        seconds = perf_counter() - clock
        if failed is not None:
            return StepResult(name, step.use, "failed", failed.reason, seconds, cause=failed.cause, answer=answers)
        return StepResult(
            name, step.use, "computed" if "computed" in states else "remembered", None, seconds, answer=answers
        )

    def _ended(self, result: StepResult) -> Any:
        """Record a step's result; its answer, or what stands for it."""
        self.results[result.name] = result
        if self._listener is not None:
            self._listener(result)
        if result.answer is not None:
            return result.answer
        verb = "failed" if result.state == "failed" else f"was skipped ({result.reason})"
        return _Unavailable(f"needs {result.name!r}, which {verb}")

    def _check_conditions(self, step: PlannedStep, known: Mapping[str, Any]) -> None:
        for condition in step.conditions:
            value = plain(self._value(condition.reference, known))
            if not condition.holds(value):
                raise _SkipError(f"runs only where {condition}; it is {value}")

    def _argument(self, binding: Binding, known: Mapping[str, Any]) -> Any:
        assert binding.expression is not None  # noqa: S101  defaults are left to the operation
        value = self._value(binding.expression, known)
        if value is None and not binding.parameter.nullable:
            said = f" ({binding.expression})" if isinstance(binding.expression, Reference) else ""
            raise _SkipError(f"{binding.parameter.name} is null{said}")
        return value if binding.factor == 1.0 or value is None else _scaled(value, binding.factor)

    def _value(self, expression: Expression, known: Mapping[str, Any]) -> Any:
        match expression:
            case Constant(value=value):
                return value
            case ListOf(items=items):
                return [self._value(item, known) for item in items]
            case MapOf(items=entries):
                return {key: self._value(item, known) for key, item in entries.items()}
            case Reference(name=name, path=path):
                value = _available(known[name])
                for part in path:
                    value = _available(part_of(value, part))
                return value


def _available(value: Any) -> Any:
    if isinstance(value, _Unavailable):
        raise _SkipError(value.reason)
    return value


def _scaled(value: Any, factor: float) -> Any:
    return [_scaled(item, factor) for item in value] if isinstance(value, list | tuple) else value * factor
