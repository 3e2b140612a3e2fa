"""Who fills each parameter of a step: `with`, `context`, the recipe's input, the exam or the default, in this order.

Never another step by accident: adding a step cannot rewire another.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from foveola.diagnostics import did_you_mean, nearest
from foveola.errors import PluginError
from foveola.operations import Operation, Output, Parameter
from foveola.planning.plan import Binding, Plan
from foveola.planning.problems import Problems
from foveola.recipes.model import EXAM, Named, Recipe, Reference, Step, references
from foveola.registry import Registry


@dataclass(frozen=True)
class Used:
    """What a step runs, with its flat parameters and the type of its answer.

    Attributes:
        operation: the operation that it runs; None if it runs a recipe.
        plan: makes the plan of some outputs of the recipe that it runs; None if it runs an operation.
    """

    parameters: Mapping[str, Parameter]
    answer: Any
    operation: Operation[..., Output] | None = None
    plan: Callable[[Iterable[str]], Plan] | None = None


def wire(
    step: Step, used: Used, recipe: Recipe, exam_has: Callable[[str], bool], problems: Problems
) -> dict[str, Binding]:
    """Find out who fills each parameter of a step. What nobody fills and nothing defaults is left out.

    Args:
        step: the step.
        used: what it runs.
        recipe: its recipe.
        exam_has: whether the exam offers a name.
        problems: where arguments that are no parameters are told.
    """
    arguments = _arguments_by_parameter(step, used, problems)
    runs_elsewhere = used.plan is not None and (EXAM in arguments or EXAM in recipe.context)
    bindings = {}
    for name, parameter in used.parameters.items():
        if name in arguments:
            bindings[name] = Binding(parameter, "with", arguments[name].expression)
        elif name in recipe.context:
            bindings[name] = Binding(parameter, "context", recipe.context[name].expression)
        elif runs_elsewhere:  # what is not given to a recipe on another exam, that exam says
            bindings[name] = Binding(parameter, "exam", None)
        elif name in recipe.inputs:
            bindings[name] = Binding(parameter, "input", Reference(name, (), step.use_span))
        elif used.plan is not None and name == EXAM:
            bindings[name] = Binding(parameter, "exam", Reference(EXAM, (), step.use_span))
        elif exam_has(name):
            bindings[name] = Binding(parameter, "exam", Reference(EXAM, (name,), step.use_span))
        elif not parameter.required:
            bindings[name] = Binding(parameter, "default", None)
    return bindings


def _arguments_by_parameter(step: Step, used: Used, problems: Problems) -> dict[str, Named]:
    """A step's arguments by the parameters that they are for, which may be said by another name.

    One that is misspelt is taken for what was meant, so that nobody is told that this is missing.
    """
    names = {said: name for name, one in used.parameters.items() for said in (name, *one.aliases)}
    arguments: dict[str, Named] = {}
    for said, argument in step.arguments.items():
        if said not in names:
            continue
        if names[said] in arguments:
            problems.refuse(f"{names[said]!r} is given under two names", argument.span, "one is enough")
        arguments.setdefault(names[said], argument)
    for said, argument in step.arguments.items():
        if said not in names:
            hint = did_you_mean(said, names) or f"it has {', '.join(used.parameters)}"
            problems.refuse(f"{step.use} has no parameter {said!r}", argument.span, hint)
            if (meant := nearest(said, names)) is not None:
                arguments.setdefault(names[meant], argument)
    return arguments


def meant_parameters(step: Step, registry: Registry) -> Collection[str] | None:
    """The parameters of what a step that cannot be made out was probably meant to run; None if nobody knows."""
    names = registry.operation_names
    meant = None if step.use in names else nearest(step.use, names)
    try:
        return None if meant is None else registry.operation(meant).parameters
    except PluginError:  # told where it is used
        return None


def check_context(
    recipe: Recipe,
    used: Mapping[str, Used | None],
    unread: Iterable[Collection[str] | None],
    wired: Wired,
    problems: Problems,
) -> None:
    """Refuse context that no step uses.

    Args:
        recipe: the recipe.
        used: what its steps run.
        unread: of each step that could not be made out the parameters that it probably has, None if nobody knows: the
            context may be for these.
        wired: who fills each parameter.
        problems: where context that no step uses is told.
    """
    perhaps = set[str]()
    for names in unread:
        if names is None:
            return
        perhaps |= set(names)
    taken = {name for step in wired.values() for name, binding in step.items() if binding.source == "context"}
    parameters = {name for one in used.values() if one is not None for name in one.parameters}
    for name, entry in recipe.context.items():
        if name in taken | perhaps:
            continue
        if name in parameters:
            problems.refuse(f"no step takes {name!r} from here: each that has it is given it in `with`", entry.span)
        else:
            hint = did_you_mean(name, parameters | perhaps)
            problems.refuse(f"no step has a parameter {name!r}", entry.span, hint)


Wired = Mapping[str, Mapping[str, Binding]]
"""The bindings of each step, by name."""


def needs_of(recipe: Recipe, wired: Wired) -> dict[str, tuple[str, ...]]:
    """The steps whose answers each step takes, each once, in the order of writing."""
    place = {name: number for number, name in enumerate(recipe.steps)}
    needs = {}
    for step in recipe.steps.values():
        names = {reference.name for reference in _references(step, wired[step.name])}
        needs[step.name] = tuple(sorted(names & place.keys(), key=place.__getitem__))
    return needs


def _references(step: Step, bindings: Mapping[str, Binding]) -> Iterator[Reference]:
    yield from step.references
    for binding in bindings.values():
        if binding.source == "context" and binding.expression is not None:
            yield from references(binding.expression)
