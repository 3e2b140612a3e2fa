"""The parts of a result, and the steps that answered them: through maps, recipes within, each item of a `foreach`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from foveola.planning.plan import Plan, PlannedStep
from foveola.recipes.model import Expression, MapOf, Reference
from foveola.surfaces.report.given import Keys


@dataclass(frozen=True)
class Part:
    """A part of a result, and where it comes from.

    Attributes:
        name: what it is called: the output, and its place in it.
        value: it.
        output: the recipe's output, and the place in it.
        plan: that the step belongs to; None: the recipe cannot be planned.
        prefix: of the names of that plan's steps, `outer.`.
        step: that answered it; None: the exam or the recipe says it itself.
        key: of the item, if the step ran for each of some.
        path: of the value in the step's answer.
        exam: the way to the exam that the step ran on, from the result's own.
        is_whole: whether further parts, which follow, say it piece by piece.
    """

    name: str
    value: Any
    output: tuple[str, Keys]
    plan: Plan | None
    prefix: str = ""
    step: PlannedStep | None = None
    key: str | None = None
    path: Keys = ()
    exam: Keys = ()
    is_whole: bool = False

    @property
    def at(self) -> str:
        """The step as results name it, `outer.inner`, `step[key]`; empty if none answered it."""
        if self.step is None:
            return ""
        return f"{self.prefix}{self.step.name}" + (f"[{self.key}]" if self.key is not None else "")

    def within(self, key: str, name: str, value: Any) -> Part:
        """A part of this one."""
        return replace(self, name=name, value=value, output=(self.output[0], (*self.output[1], key)))


def parts_of(plan: Plan | None, name: str, value: Any) -> Iterator[Part]:
    """An output and its parts, those of recipes within and of each item one by one."""
    expression = None if plan is None else plan.outputs.get(name)
    return _follow(Part(name, value, (name, ()), plan), expression)


def _follow(part: Part, expression: Expression | None) -> Iterator[Part]:
    plan = part.plan
    if isinstance(expression, MapOf) and isinstance(part.value, Mapping):
        for key, item in expression.items.items():
            yield from _follow(part.within(key, f"{part.name}.{key}", part.value.get(key)), item)
    elif plan is None or not isinstance(expression, Reference) or expression.name not in plan.steps:
        yield part
    else:
        yield from _of_step(replace(part, step=plan.steps[expression.name], path=expression.path))


def _of_step(part: Part) -> Iterator[Part]:
    step = part.step
    if step is None:
        return
    is_each = step.foreach is not None and part.key is None
    yield replace(part, is_whole=is_each or step.plan is not None)
    if is_each:
        for key, item in (part.value or {}).items():
            yield from _of_step(replace(part.within(key, f"{part.name}[{key}]", item), key=key))
    elif step.plan is not None:
        exam = (*part.exam, *step.exam_path)
        inner = replace(part, plan=step.plan, prefix=f"{part.at}.", step=None, key=None, path=(), exam=exam)
        if part.path:
            yield from _follow(inner, _answering(step.plan, part.path))
        else:
            for name, expression in step.plan.outputs.items():
                value = part.value.get(name) if isinstance(part.value, Mapping) else None
                yield from _follow(inner.within(name, f"{part.name}.{name}", value), expression)


def _answering(plan: Plan, path: Keys) -> Expression | None:
    """What, in a recipe within, answers a part of what it answers."""
    output = plan.outputs.get(path[0])
    return replace(output, path=(*output.path, *path[1:])) if isinstance(output, Reference) else output
