"""Run a plan: each step once, in order; a step that fails or is skipped takes down only what needs it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

from foveola.adapters import adapter, read_as
from foveola.errors import InputError
from foveola.exams import Exam
from foveola.planning.plan import Binding, Plan, PlannedStep
from foveola.planning.types import is_exam, without_null
from foveola.recipes.model import EXAM, ITEM, KEY, Condition, Input, written, written_value
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
from foveola.running.loading import loaded
from foveola.running.memo import Memo, StoreMemo
from foveola.running.results import Result, State, StepResult, reason_of
from foveola.values import Record, items_of, plain

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
    run = _Run(plan, exam, {}, memo, listener)
    try:
        answer = run.execute()
    except SkipError as lack:
        raise InputError(exam.name, str(lack)) from None
    if memo is not None:
        memo.commit()
    return Result(
        plan=plan,
        exam=exam,
        values={name: shown(value) for name, value in answer.items()},
        steps=run.results,
        coverage=answer.coverage,
        started=started,
        seconds=perf_counter() - clock,
    )


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
        self._given = given
        self._memo = memo
        self._read_code = memo.store if isinstance(memo, StoreMemo) else None
        self._listener = listener
        self._prefix = prefix
        self._known: dict[str, Any] = {EXAM: exam}
        self.results: dict[str, StepResult] = {}

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
        found = {name: coverage_of(expression, self._known) for name, expression in outputs}
        return RecipeAnswer(
            {name: evaluate_output(expression, self._known) for name, expression in outputs},
            {name: coverage for name, coverage in found.items() if coverage is not None},
        )

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
        of_items = tuple(one for one in step.conditions if _is_of_items(one))
        try:
            self._check([one for one in step.conditions if one not in of_items], self._known)
            items = _items(step, self._known)
        except SkipError as skip:
            return self._skipped(step, name, skip, clock)
        except Exception as error:  # noqa: BLE001  whatever it is becomes this step's failure
            return self._failed(step, name, error, clock)
        return EachAnswer(
            {
                key: self._run_once(step, f"{name}[{key}]", {**self._known, ITEM: item, KEY: key}, of_items)
                for key, item in items.items()
            }
        )

    def _run_once(self, step: PlannedStep, name: str, known: Mapping[str, Any], conditions: Iterable[Condition]) -> Any:
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
            if step.plan is not None:
                return self._run_recipe(step, step.plan, name, values, clock)
            assert step.operation is not None  # noqa: S101  a step runs the one or the other
            call = Call(step.operation, values, self._read_code)
            return self._run_call(step, name, call, clock)
        except SkipError as skip:
            return self._skipped(step, name, skip, clock)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  a plugin may raise anything, even SystemExit
            return self._failed(step, name, error, clock, call)

    def _run_call(self, step: PlannedStep, name: str, call: Call, clock: float) -> Any:
        answer = None if self._memo is None else self._memo.recall(name, call)
        state: State = "computed" if answer is None else "remembered"
        if answer is None:
            answer = call.run()
            if self._memo is not None:
                self._memo.remember(name, call, answer)
        self._ended(StepResult(name, step.use, state, None, perf_counter() - clock, call, None, answer))
        return answer

    def _run_recipe(
        self, step: PlannedStep, plan: Plan, name: str, values: dict[str, Any], clock: float
    ) -> RecipeAnswer:
        exam = self._as_exam(values.pop(EXAM), name)
        inner = _Run(plan, exam, values, self._memo, self._listener, f"{name}.")
        try:
            answer = inner.execute()
        finally:
            self.results |= inner.results
        state, reason = _state_of(inner.results.values())
        self._ended(StepResult(name, step.use, state, reason, perf_counter() - clock, held=answer))
        return answer

    def _skipped(self, step: PlannedStep, name: str, skip: SkipError, clock: float) -> Unavailable:
        reason = str(skip)
        self._ended(StepResult(name, step.use, "skipped", reason, perf_counter() - clock))
        return skip.root or Unavailable(f"needs {name!r}, which was skipped ({reason})", failed=False)

    def _failed(
        self, step: PlannedStep, name: str, error: BaseException, clock: float, call: Call | None = None
    ) -> Unavailable:
        reason = reason_of(error, step.operation)
        self._ended(StepResult(name, step.use, "failed", reason, perf_counter() - clock, call, error))
        return Unavailable(f"needs {name!r}, which failed", failed=True)

    def _ended(self, result: StepResult) -> None:
        self.results[result.name] = result
        if self._listener is not None:
            self._listener(result)

    def _check(self, conditions: Iterable[Condition], known: Mapping[str, Any]) -> None:
        for condition in conditions:
            value = plain(loaded(evaluate(condition.reference, known)))
            if not condition.holds(value, [plain(loaded(evaluate(one, known))) for one in condition.values]):
                raise SkipError(f"runs only where {condition}; it is {written_value(value)}")


def _is_of_items(condition: Condition) -> bool:
    return any(reference.name in {ITEM, KEY} for reference in condition.references)


def _argument(binding: Binding, known: Mapping[str, Any]) -> Any:
    """What a parameter is given.

    Raises:
        SkipError: nothing, where it needs something.
    """
    expression, parameter = binding.expression, binding.parameter
    assert expression is not None  # noqa: S101  what is left to the step is not asked for
    value = evaluate(expression, known)
    if value is None:
        if not parameter.nullable:
            raise SkipError(f"{parameter.name} is null ({written(expression)})")
    elif binding.may_hold_null and (place := null_within(loaded(value), parameter.annotation)) is not None:
        raise SkipError(f"{parameter.name}.{place} is null ({written(expression)})")
    return value


def _items(step: PlannedStep, known: Mapping[str, Any]) -> dict[str, Any]:
    """What a step runs for each of, by key.

    Raises:
        SkipError: there is nothing to run over.
        TypeError: it is no list and no map.
        ValueError: two items have one key.
    """
    assert step.foreach is not None  # noqa: S101  only such steps ask
    value, said = loaded(evaluate(step.foreach, known)), written(step.foreach)
    if value is None:
        raise SkipError(f"there is nothing to run over ({said} is null)")
    if not isinstance(value, Record | Mapping | list | tuple):
        raise TypeError(f"`foreach` runs over a list or a map; {said} is {type(value).__name__}")
    items: dict[str, Any] = {}
    for key, item in items_of(value):
        if key in items:
            raise ValueError(f"`foreach` keys its answers by {key!r}, which {said} has twice")
        items[key] = item
    return items


def _state_of(steps: Iterable[StepResult]) -> tuple[State, str | None]:
    """What became of a recipe used as a step, by what became of the steps in it; and why."""
    by_state: dict[State, StepResult] = {}
    for step in steps:
        by_state.setdefault(step.state, step)
    if (failed := by_state.get("failed")) is not None:
        return "failed", f"{failed.name!r} failed"
    if "computed" in by_state or not by_state:
        return "computed", None
    if "remembered" in by_state:
        return "remembered", None
    skipped = by_state["skipped"]
    return "skipped", f"{skipped.name!r} was skipped ({skipped.reason})"
