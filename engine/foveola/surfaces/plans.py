"""A plan as people read it and as programs do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from foveola.planning.plan import Plan, PlannedStep
from foveola.recipes.model import Reference, written, written_value
from foveola.values import plain


def plan_as_data(plan: Plan) -> dict[str, Any]:
    """A plan as plain data: steps in order, each with where its parameters come from."""
    return {
        "recipe": plan.recipe.name,
        "steps": [_step_as_data(step) for step in plan.steps.values()],
        "unneeded": list(plan.unneeded),
        "outputs": {name: written(expression) for name, expression in plan.outputs.items()},
        "notes": plan.notes,
    }


def plan_as_text(plan: Plan) -> str:
    """A plan as indented text, a step a paragraph."""
    lines = [f"{plan.recipe.name}: {plan.recipe.about}", *_steps_as_text(plan)]
    if plan.unneeded:
        lines += ["", f"not run, since no output needs it: {', '.join(plan.unneeded)}"]
    lines += ["", *[f"output {name}: {written(expression)}" for name, expression in plan.outputs.items()]]
    return "\n".join(lines)


def _steps_as_text(plan: Plan, prefix: str = "") -> Iterator[str]:
    for step in plan.steps.values():
        yield from ("", f"{prefix}{step.name}: {step.use}")
        yield from (f"    runs only where {condition}" for condition in step.conditions)
        if step.foreach is not None:
            yield f"    for each of {written(step.foreach)}"
        width = max((len(name) for name in step.bindings), default=0)
        for name, binding in step.bindings.items():
            yield f"    {name:{width}}  {_filled(step, name):40}  {binding.source}"
        if step.plan is not None:
            yield from _steps_as_text(step.plan, f"{prefix}{step.name}.")


def _filled(step: PlannedStep, name: str) -> str:
    """What fills a parameter, as a recipe would write it."""
    binding = step.bindings[name]
    if binding.expression is not None:
        return written(binding.expression)
    if binding.source == "default":
        return written_value(plain(binding.parameter.default))
    exam = step.bindings["exam"].expression  # what is left to a recipe on another exam
    return f"{written(exam)}.{name}" if isinstance(exam, Reference) else f"{name} of that exam"


def _step_as_data(step: PlannedStep) -> dict[str, Any]:
    return {
        "name": step.name,
        "use": step.use,
        "needs": list(step.needs),
        "when": [str(condition) for condition in step.conditions],
        "foreach": None if step.foreach is None else written(step.foreach),
        "parameters": {
            name: {"from": binding.source, "value": _filled(step, name), "note": binding.note or None}
            for name, binding in step.bindings.items()
        },
        "steps": [] if step.plan is None else [_step_as_data(inner) for inner in step.plan.steps.values()],
    }
