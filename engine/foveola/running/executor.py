"""Run a plan: each step once, in order; a step that fails or is skipped takes down only what needs it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

from foveola.errors import InputError
from foveola.exams import Exam
from foveola.operations import adapter, read_as
from foveola.planning.plan import Binding, Plan, PlannedStep
from foveola.planning.types import is_exam, without_null
from foveola.recipes.model import Condition, Input, Reference
from foveola.running.calls import Call
from foveola.running.evaluation import (
    EachAnswer,
    RecipeAnswer,
    SkipError,
    Unavailable,
    coverage_of,
    evaluate,
    evaluate_output,
    null_within,
    shown,
)
from foveola.running.memo import Memo
from foveola.running.results import Result, StepResult, reason_of
from foveola.values import items_of, plain

EXAM = "exam"
_PER_ITEM = {"item", "key"}

Listener = Callable[[StepResult], None]


def execute(plan: Plan, exam: Exam, memo: Memo | None = None, listener: Listener | None = None) -> Result:
    """Run a plan on an exam.

    Args:
        plan: what to run.
        exam: on what.
        memo: where answers are remembered; None remembers nothing.
        listener: hears of each step as it ends.

    Raises:
        InputError: the exam lacks an input, or holds one that cannot be read: nothing ran.
    """
    started, clock = datetime.now(UTC), perf_counter()
    run = _Run(plan, exam, {}, _Setting(memo, listener, {}))
    try:
        answer = run.execute()
    except SkipError as lack:
        raise InputError(exam.name, str(lack)) from None
    return Result(
        plan=plan,
        exam=exam,
        values={name: shown(value) for name, value in answer.items()},
        steps=run.results,
        coverage=answer.coverage,
        started=started,
        seconds=perf_counter() - clock,
    )


@dataclass(frozen=True, slots=True)
class _Setting:
    """What a run and the runs within it share."""

    memo: Memo | None
    listener: Listener | None
    results: dict[str, StepResult]


class _Run:
    """One plan on one exam; a recipe used as a step is a run within, with names that begin with the step's."""

    def __init__(self, plan: Plan, exam: Exam, given: Mapping[str, Any], setting: _Setting, prefix: str = "") -> None:
        self._plan = plan
        self._given = given
        self._setting = setting
        self._prefix = prefix
        self._known: dict[str, Any] = {EXAM: exam}
        self.results = setting.results

    def execute(self) -> RecipeAnswer:
        """Run every step; the outputs, as far as they are there.

        Raises:
            SkipError: the exam lacks an input.
            InputError: an input is not what it should be.
        """
        for name, (entry, kind) in self._plan.inputs.items():
            self._known[name] = self._input(entry, kind)
        for name, step in self._plan.steps.items():
            self._known[name] = self._run_step(step)
        outputs = self._plan.outputs.items()
        answer = RecipeAnswer({name: evaluate_output(expression, self._known) for name, expression in outputs})
        found = {name: coverage_of(expression, self._known) for name, expression in outputs}
        answer.coverage = {name: coverage for name, coverage in found.items() if coverage is not None}
        return answer

    # Inputs

    def _input(self, entry: Input, kind: Any) -> Any:
        exam: Exam = self._known[EXAM]
        if entry.name in self._given:
            return self._read(self._given[entry.name], kind, entry.name)
        try:
            return exam.value_as(without_null(kind), entry.name)
        except KeyError:
            if entry.default is None:
                raise SkipError(f"the exam {exam.name!r} has no {entry.name!r}") from None
            return self._read(entry.default.value, kind, entry.name)

    def _read(self, value: Any, kind: Any, name: str) -> Any:
        if value is None:
            return None
        return self._as_exam(value, name) if is_exam(without_null(kind)) else read_as(adapter(kind), value, name)

    def _as_exam(self, value: Any, name: str) -> Exam:
        """An exam, of its values by name or of a path beside this exam's."""
        if isinstance(value, self._plan.exam):
            return value
        exam: Exam = self._known[EXAM]
        return exam.replaced({name: value}).value_as(self._plan.exam, name)  # type: ignore[no-any-return]

    # Steps

    def _run_step(self, step: PlannedStep) -> Any:
        """Run a step, or each of its items; its answer, or what stands for it."""
        name = self._prefix + step.name
        if step.foreach is None:
            return self._run_once(step, name, self._known, step.conditions)
        clock = perf_counter()
        of_items = [one for one in step.conditions if not _PER_ITEM.isdisjoint(ref.name for ref in one.references)]
        try:
            self._check([one for one in step.conditions if one not in of_items], self._known)
            items = _items(evaluate(step.foreach, self._known), step)
        except SkipError as skip:
            return self._skipped(step, name, skip, clock)
        except Exception as error:  # noqa: BLE001  whatever it is becomes this step's failure
            return self._failed(step, name, error, clock)
        return EachAnswer(
            {
                key: self._run_once(step, f"{name}[{key}]", {**self._known, "item": item, "key": key}, of_items)
                for key, item in items.items()
            }
        )

    def _run_once(
        self, step: PlannedStep, name: str, known: Mapping[str, Any], conditions: Iterable[Condition]
    ) -> Any:
        clock = perf_counter()
        call = None
        try:
            if conditions:
                self._check(conditions, known)
            values = {
                parameter: _argument(binding, known)
                for parameter, binding in step.bindings.items()
                if binding.expression is not None
            }
            if step.operation is None:
                return self._run_recipe(step, name, values, clock)
            call = Call(step.operation, values)
            return self._run_call(step, name, call, clock)
        except SkipError as skip:
            return self._skipped(step, name, skip, clock)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  a plugin may raise anything, even SystemExit
            return self._failed(step, name, error, clock, call)

    def _run_call(self, step: PlannedStep, name: str, call: Call, clock: float) -> Any:
        memo = self._setting.memo
        if memo is None or call.key is None or call.parts is None:
            answer, is_remembered = call.run(), False
        else:
            remembered = memo.get(call.key)
            is_remembered = remembered is not None
            answer = call.run() if remembered is None else remembered
            if not is_remembered:
                memo.put(call.key, call.parts, answer)
        state = "remembered" if is_remembered else "computed"
        self._ended(StepResult(name, step.use, state, None, perf_counter() - clock, call, None, answer))
        return answer

    def _run_recipe(self, step: PlannedStep, name: str, values: dict[str, Any], clock: float) -> Any:
        assert step.plan is not None  # noqa: S101  a step runs the one or the other
        exam = self._as_exam(values.pop(EXAM), name)
        answer = _Run(step.plan, exam, values, self._setting, f"{name}.").execute()
        within = [self.results[one] for one in self.results if one.startswith(f"{name}.")]
        states = {result.state for result in within}
        failed = next((result for result in within if result.state == "failed"), None)
        if failed is not None:
            self._ended(StepResult(name, step.use, "failed", f"{failed.name!r} failed", perf_counter() - clock, cause=failed.cause))
        ...
        return answer

    def _skipped(self, step: PlannedStep, name: str, skip: SkipError, clock: float) -> Unavailable:
        reason = str(skip)
        self._ended(StepResult(name, step.use, "skipped", reason, perf_counter() - clock))
        return skip.root or Unavailable(f"needs {name!r}, which was skipped ({reason})", failed=False)

    def _failed(
        self, step: PlannedStep, name: str, error: BaseException, clock: float, call: Call | None = None
    ) -> Unavailable:
        self._ended(StepResult(name, step.use, "failed", reason_of(error), perf_counter() - clock, call, error))
        return Unavailable(f"needs {name!r}, which failed", failed=True)

    def _ended(self, result: StepResult) -> None:
        self.results[result.name] = result
        if self._setting.listener is not None:
            self._setting.listener(result)

    def _check(self, conditions: Iterable[Condition], known: Mapping[str, Any]) -> None:
        for condition in conditions:
            value = plain(evaluate(condition.reference, known))
            if not condition.holds(value, [plain(evaluate(one, known)) for one in condition.values]):
                raise SkipError(f"runs only where {condition}; it is {value}")
