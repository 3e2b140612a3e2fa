"""A plan as people read it and as programs do."""

from __future__ import annotations

from typing import Any

from foveola.planning.plan import Binding, Plan, PlannedStep
from foveola.recipes.model import Constant, Expression, ListOf, MapOf
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
    lines = [f"{plan.recipe.name}: {plan.recipe.about}"]
    for step in plan.steps.values():
        lines += ["", f"{step.name}: {step.use}"]
        lines += [f"    runs only where {condition}" for condition in step.conditions]
        if step.foreach is not None:
            lines.append(f"    for each of {written(step.foreach)}")
        width = max((len(name) for name in step.bindings), default=0)
        for name, binding in step.bindings.items():
            lines.append(f"    {name:{width}}  {_filled(binding):40}  {binding.source}".rstrip())
    if plan.unneeded:
        lines += ["", f"not run, since no output needs it: {', '.join(plan.unneeded)}"]
    lines += ["", *[f"output {name}: {written(expression)}" for name, expression in plan.outputs.items()]]
    return "\n".join(lines)


def written(expression: Expression) -> str:
    """An expression as a recipe would write it."""
    match expression:
        case Constant(value=value):
            return str(value) if isinstance(value, str | int | float) else repr(value)
        case ListOf(items=items):
            return f"[{', '.join(map(written, items))}]"
        case MapOf(items=entries):
            return "{" + ", ".join(f"{key}: {written(item)}" for key, item in entries.items()) + "}"
        case _:
            return str(expression)


def _filled(binding: Binding) -> str:
    if binding.expression is not None:
        return written(binding.expression)
    return str(plain(binding.parameter.default))


def _step_as_data(step: PlannedStep) -> dict[str, Any]:
    return {
        "name": step.name,
        "use": step.use,
        "needs": list(step.needs),
        "when": [str(condition) for condition in step.conditions],
        "foreach": None if step.foreach is None else written(step.foreach),
        "parameters": {
            name: {"from": binding.source, "value": _filled(binding), "note": binding.note or None}
            for name, binding in step.bindings.items()
        },
        "steps": [] if step.plan is None else [_step_as_data(inner) for inner in step.plan.steps.values()],
    }
