"""What is known before anything runs, read as the run will read it: its range is checked, and what goes together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from foveola.adapters import adapter, read_as
from foveola.errors import FoveolaError, InputError, sentence
from foveola.operations import Group, Parameter
from foveola.planning.plan import Binding
from foveola.planning.problems import Problems
from foveola.planning.scope import UNKNOWN, Scope
from foveola.recipes.model import EXAM, Expression, Reference, Step
from foveola.units import converted


def check_value(binding: Binding, expression: Expression, scope: Scope, problems: Problems) -> None:
    """Read what the exam says as a parameter does, where that is known.

    Args:
        binding: what fills the parameter.
        expression: the same, in the parameter's unit.
        scope: what names mean.
        problems: where it is told that the parameter does not take the value.
    """
    parameter = binding.parameter
    if not isinstance(expression, Reference) or parameter.name == EXAM:
        return
    value = _known(replace(binding, expression=expression), scope)
    is_large = not isinstance(value, str | int | float)
    if value is UNKNOWN or value is None or (is_large and binding.source != "exam"):
        return  # what is large is read when it runs, but for what the exam has read already
    try:
        parameter.read(value)
    except Exception as error:  # noqa: BLE001  a plugin's own reading may raise anything
        said = str(error) if isinstance(error, FoveolaError) else f"{parameter.name}: {sentence(error)}"
        _refuse(binding, expression, said, problems)


def check_group(
    step: Step,
    group: type[Group],
    parameters: Iterable[Parameter],
    bindings: Mapping[str, Binding],
    scope: Scope,
    problems: Problems,
) -> None:
    """Refuse values that do not go together, where all are known: directions that do not fit the protocol.

    Args:
        step: the step.
        group: the parameters that travel together.
        parameters: them, one by one.
        bindings: what fills each parameter of the step, in its unit.
        scope: what names mean.
        problems: where it is told that they do not go together.
    """
    values = [(one, _known(bindings[one.name], scope) if one.name in bindings else UNKNOWN) for one in parameters]
    if any(value is UNKNOWN for _, value in values):
        return
    try:
        read = {one.name: one.read(value) for one, value in values}
    except Exception:  # noqa: BLE001  which has been told of the one parameter
        return
    try:
        read_as(adapter(group), read)
    except Exception as error:  # noqa: BLE001  a plugin's own validators may raise anything
        field = error.field if isinstance(error, InputError) else ""
        binding = bindings.get(field.partition(".")[0])
        if binding is None or binding.expression is None:
            problems.refuse(f"{step.use}: {sentence(error)}", step.use_span, once_per="message")
        else:
            _refuse(binding, binding.expression, sentence(error), problems)


def _known(binding: Binding, scope: Scope) -> Any:
    """What fills a parameter, in its unit, as far as it can be known without running: `UNKNOWN` if not."""
    value = scope.value_of(binding)
    factor = binding.expression.factor if isinstance(binding.expression, Reference) else 1.0
    return value if factor == 1.0 or value is UNKNOWN or value is None else converted(value, factor)


def _refuse(binding: Binding, expression: Expression, said: str, problems: Problems) -> None:
    if not isinstance(expression, Reference):
        problems.refuse(said, expression.span, once_per="place")
        return
    where = f"the {binding.source}'s" if binding.source in {"exam", "input"} else f"{expression} does not fit:"
    name = expression.path[0] if expression.name == EXAM else expression.name
    problems.refuse(f"{where} {said}", expression.span, f"--set exam.{name}=... gives another", once_per="message")
