"""Why a step is computed: the difference between what its answer depends on and what a remembered one depended on.

Nothing is computed to find out: a run whose memo refuses to let anything be computed says all there is to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from foveola.exams import Exam
from foveola.planning.plan import Plan
from foveola.recipes.model import written_value
from foveola.running.calls import Call
from foveola.running.codec import CodecError, decode
from foveola.running.evaluation import SkipError, Unavailable
from foveola.running.executor import execute
from foveola.running.loading import Lazy
from foveola.running.memo import StoreMemo
from foveola.running.store import Store
from foveola.values import plain

Parts = Mapping[str, Any]


@dataclass(frozen=True)
class Foreseen:
    """What would become of a step.

    Attributes:
        step: the step.
        use: the operation or recipe that it runs.
        state: whether its answer is there, would be computed, or would not be asked for.
        reason: why it would be computed or skipped.
    """

    step: str
    use: str
    state: Literal["remembered", "to be computed", "skipped"]
    reason: str | None = None


@dataclass(frozen=True)
class Changed:
    """A step of two results.

    Attributes:
        step: the step.
        reason: what is different about it; None if nothing is.
    """

    step: str
    reason: str | None = None


def foresee(plan: Plan, exam: Exam, store: Store) -> list[Foreseen]:
    """What would become of each step of a plan, and why; nothing is computed.

    Args:
        plan: what would be run.
        exam: on what.
        store: what is remembered; it is read, and nothing in it counts as used.

    Raises:
        InputError: the exam lacks an input, or holds one that cannot be read.
    """
    memo = _Foresight(store)
    found: list[Foreseen] = []
    for step in execute(plan, exam, memo).steps.values():
        within = [one.step for one in found if one.step.startswith(f"{step.name}.") and one.state == "to be computed"]
        if step.reason in memo.waiting or within:
            reason = f"`{within[0]}` will be computed" if within else memo.reasons.get(step.name, step.reason)
            found.append(Foreseen(step.name, step.use, "to be computed", reason))
        elif step.state in {"skipped", "failed"}:
            found.append(Foreseen(step.name, step.use, "skipped", step.reason))
        else:
            found.append(Foreseen(step.name, step.use, "remembered"))
    return found


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Changed]:
    """What is different about each step of two results, as their files hold them."""
    one, other = before["steps"], after["steps"]
    return [Changed(name, _difference_of_steps(one.get(name), other.get(name))) for name in {**one, **other}]


def first_difference(before: Parts, after: Parts) -> str | None:
    """The first thing that two answers did not both depend on; None if there is none."""
    return next(_differences(before, after), None)


class _Foresight(StoreMemo):
    """A memo that knows answers and lets none be computed.

    Attributes:
        reasons: why the answer of a step is not known.
        waiting: what is said of steps that need one of these.
    """

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.reasons: dict[str, str] = {}
        self.waiting: set[str] = set()

    def recall(self, step: str, call: Call) -> Lazy:
        """The answer of a call.

        Raises:
            SkipError: it is not remembered.
        """
        answer = super().recall(step, call)
        if answer is None:
            self.reasons[step] = _reason(step, call, self.store)
            said = f"its input from step `{step}` will be computed"
            self.waiting.add(said)
            raise SkipError(said, Unavailable(said, failed=True))
        return answer

    def commit(self) -> None:
        """To look ahead is not to use."""


def _reason(step: str, call: Call, store: Store) -> str:
    if not call.has_key:
        return "what it runs or is given has no digest; it is computed each time"
    records = store.records_of(step, call.operation.name)
    if not records:
        return "never run"
    differences = [list(_differences(record, call.parts)) for record in records]
    nearest = min(differences, key=len)
    return nearest[0] if nearest else "its answer is no longer remembered"


def _difference_of_steps(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> str | None:
    if before is None:
        return "only the second result has it"
    if after is None:
        return "only the first result has it"
    if before["parts"] is not None and after["parts"] is not None:
        return first_difference(before["parts"], after["parts"])
    if before["reason"] != after["reason"]:
        return f"{before['reason'] or 'it ran'} became {after['reason'] or 'it ran'}"
    return None


def _differences(before: Parts, after: Parts) -> Iterator[str]:
    """Everything that is different, what people set first and what came from other steps last."""
    if before["operation"] != after["operation"]:
        yield f"operation `{before['operation']}` became `{after['operation']}`"
    if before["code"] != after["code"]:
        yield f"code of `{after['operation']}` changed"
    if before.get("classes") != after.get("classes"):
        yield f"code of what `{after['operation']}` is given changed"
    one, other = before["inputs"], after["inputs"]
    changed = [name for name in sorted({*one, *other}) if one.get(name) != other.get(name)]
    for name in changed:
        if "digest" not in {*one.get(name, ()), *other.get(name, ())}:
            yield f"`{name}` {_said(one.get(name))} became {_said(other.get(name))}"
    for name in changed:
        if "digest" in {*one.get(name, ()), *other.get(name, ())}:
            yield f"input `{name}` changed"


def _said(part: Mapping[str, Any] | None) -> str:
    """A short value as a recipe would write it."""
    if part is None:
        return "(its default)"
    return written_value(plain(decode(part["value"], {}, _no_array)))


def _no_array(digest: str) -> Any:
    raise CodecError(f"{digest} is no short value")
