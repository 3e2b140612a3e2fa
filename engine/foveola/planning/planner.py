"""Recipe to Plan: every name resolved, every wire checked for type, shape and unit, all problems at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from foveola.diagnostics import Problem, Span, did_you_mean
from foveola.errors import FoveolaError, InputError, PluginError, RecipeError, UnknownNameError
from foveola.exams import Exam
from foveola.operations import REQUIRED, Operation, Output, Parameter, adapter, read_as
from foveola.planning.graph import circles, graph_of, ordered
from foveola.planning.plan import Binding, Plan, PlannedStep
from foveola.planning.types import (
    Answers,
    Each,
    NoSuchPartError,
    fits,
    item_type,
    part_type,
    possible_values,
    shown,
    stripped,
)
from foveola.recipes.model import (
    Condition,
    Constant,
    Expression,
    Input,
    ListOf,
    MapOf,
    Named,
    Recipe,
    Reference,
    Step,
    references,
)
from foveola.recipes.quantities import UNITS, Quantity, UnknownUnitError, parse_quantity
from foveola.recipes.reader import RESERVED, part_span, read_recipe
from foveola.registry import Registry
from foveola.units import Unit, UnitBy, unit_of

EXAM = "exam"


def make_plan(recipe: Recipe, registry: Registry, exam: Exam | None = None, only: Iterable[str] | None = None) -> Plan:
    """Plan a recipe.

    Args:
        recipe: the recipe.
        registry: what there is to use.
        exam: the exam; without one, declared names are taken to be there.
        only: the outputs that are wanted; all if None.

    Raises:
        RecipeError: with everything that is wrong.
        UnknownNameError: no output is called as `only` says.
    """
    return _Planner(recipe, registry, exam, trail=()).plan(only)


@dataclass(frozen=True)
class _Used:
    """What a step runs: an operation or a planned recipe, with its flat parameters and the type of its answer."""

    parameters: Mapping[str, Parameter]
    answer: Any
    operation: Operation[..., Output] | None = None
    plan: Plan | None = None


class _Planner:
    """Plans one recipe and collects what is wrong with it."""

    def __init__(self, recipe: Recipe, registry: Registry, exam: Exam | None, trail: tuple[Path, ...]) -> None:
        self._recipe = recipe
        self._registry = registry
        self._exam = exam
        self._trail = trail
        self._problems: list[Problem] = []
        self._input_types: dict[str, Any] = {}
        self._used: dict[str, _Used | None] = {}
        self._bindings: dict[str, dict[str, Binding]] = {}
        self._context_users: dict[str, set[str]] = {name: set() for name in recipe.context}
        self._answer_type = cache(self._find_answer_type)

    def plan(self, only: Iterable[str] | None) -> Plan:
        recipe = self._recipe
        self._input_types = {name: self._input_type(entry) for name, entry in recipe.inputs.items()}
        self._used = {name: self._resolve(step) for name, step in recipe.steps.items()}
        self._bindings = {name: self._bind(step) for name, step in recipe.steps.items()}
        needs = {name: tuple(self._needs(step)) for name, step in recipe.steps.items()}
        graph = graph_of(needs)
        for circle in circles(graph):
            path = " needs ".join(repr(name) for name in circle)
            self._refuse(f"these steps wait for one another: {path}", recipe.steps[circle[0]].span)
        if not self._problems or not circles(graph):
            self._check()
        if self._problems:
            raise RecipeError(recipe.source, sorted(self._problems, key=_place))
        outputs = self._wanted(only)
        wanted = {ref.name for named in outputs.values() for ref in references(named.expression)} & recipe.steps.keys()
        order = ordered(graph, wanted)
        return Plan(
            recipe=recipe,
            inputs={name: (entry, self._input_types[name]) for name, entry in recipe.inputs.items()},
            steps={name: self._planned(recipe.steps[name], needs[name]) for name in order},
            unneeded=tuple(name for name in recipe.steps if name not in order),
            outputs={name: named.expression for name, named in outputs.items()},
            output_types={name: self._type(named.expression) for name, named in outputs.items()},
            exam=self._registry.exam_type,
        )

    # Names

    def _input_type(self, entry: Input) -> Any:
        try:
            found = self._registry.type_called(entry.type_name)
        except UnknownNameError as error:
            self._refuse(f"no type is called {entry.type_name!r}", entry.type_span, error.hint)
            return Any
        if entry.default is not None:
            self._check_constant(entry.default, Parameter(entry.name, found, REQUIRED, "", entry.name), None)
        elif self._exam is not None and self._exam.get(entry.name) is None:
            hint = f"--set exam.{entry.name}=... gives it"
            self._refuse(f"the exam {self._exam.name!r} has no {entry.name!r}", entry.span, hint)
        elif self._exam is not None:
            self._check_exam(entry.name, found, entry.span)
        return found

    def _resolve(self, step: Step) -> _Used | None:
        try:
            if step.use.endswith((".yaml", ".yml")):
                return self._resolve_recipe(step, self._recipe.folder / step.use)
            if step.use in self._registry.recipes and step.use not in self._registry.operation_names:
                return self._resolve_recipe(step, self._registry.recipes[step.use])
            operation = self._registry.operation(step.use)
            return _Used(operation.parameters, operation.output, operation=operation)
        except UnknownNameError:
            known = [*self._registry.operation_names, *self._registry.recipes]
            self._refuse(f"no operation is called {step.use!r}", step.use_span, did_you_mean(step.use, known))
        except PluginError as error:
            self._refuse(str(error), step.use_span)
        return None

    def _resolve_recipe(self, step: Step, path: Path) -> _Used | None:
        path = path.resolve()
        if path in self._trail:
            names = " uses ".join(entry.name for entry in (*self._trail, path))
            self._refuse(f"the recipe uses itself: {names}", step.use_span)
            return None
        try:
            inner = read_recipe(path)
            plan = _Planner(inner, self._registry, self._inner_exam(step), (*self._trail, path)).plan(None)
        except OSError as error:
            self._refuse(f"the recipe {step.use!r} cannot be read: {error.strerror}", step.use_span)
            return None
        except RecipeError as error:
            count = len(error.problems)
            first = error.source.render(error.problems[0]).splitlines()[0]
            self._refuse(f"the recipe {step.use!r} has {count} problem{'s' * (count > 1)}: {first}", step.use_span)
            return None
        parameters = {
            name: Parameter(name, kind, REQUIRED if entry.default is None else entry.default.value, entry.about, name)
            for name, (entry, kind) in plan.inputs.items()
        }
        parameters.setdefault(EXAM, Parameter(EXAM, self._registry.exam_type, None, "The exam that it runs on.", EXAM))
        return _Used(parameters, Answers(plan.output_types), plan=plan)

    def _inner_exam(self, step: Step) -> Exam | None:
        """The exam that a recipe used as a step runs on; arguments may give another, or other values: not known."""
        return None if step.arguments else self._exam

    # Wiring

    def _bind(self, step: Step) -> dict[str, Binding]:
        used = self._used[step.name]
        if used is None:
            return {}
        for name, argument in step.arguments.items():
            if name not in used.parameters:
                hint = did_you_mean(name, used.parameters) or f"it has {', '.join(used.parameters)}"
                self._refuse(f"{step.use} has no parameter {name!r}", argument.span, hint)
        bindings = {}
        for parameter in used.parameters.values():
            binding = self._filled(step, used, parameter)
            if binding is not None:
                bindings[parameter.name] = binding
        return bindings

    def _filled(self, step: Step, used: _Used, parameter: Parameter) -> Binding | None:
        """Who fills a parameter, in this order: `with`, `context`, the input, else the exam's value, of its name."""
        name = parameter.name
        if name in step.arguments:
            return Binding(parameter, "with", step.arguments[name].expression)
        if name in self._recipe.context:
            self._context_users[name].add(step.name)
            return Binding(parameter, "context", self._recipe.context[name].expression)
        if name in self._recipe.inputs:
            return Binding(parameter, "input", Reference(name, (), step.use_span))
        if used.plan is not None and name == EXAM:
            return Binding(parameter, "exam", Reference(EXAM, (), step.use_span))
        if self._exam_offers(name):
            return Binding(parameter, "exam", Reference(EXAM, (name,), step.use_span))
        return None if parameter.required else Binding(parameter, "default", None)

    def _exam_offers(self, name: str) -> bool:
        if self._exam is not None:
            return name in self._exam
        return name in self._registry.exam_type.declared()

    def _needs(self, step: Step) -> Iterator[str]:
        """The steps whose answers a step takes, each once, in the order of writing."""
        written = {reference.name for reference in step.references}
        for binding in self._bindings[step.name].values():
            if binding.expression is not None:
                written |= {reference.name for reference in references(binding.expression)}
        yield from (name for name in self._recipe.steps if name in written)

    # Checks

    def _check(self) -> None:
        recipe = self._recipe
        for name, entry in recipe.context.items():
            if not self._context_users[name]:
                parameters = {p for used in self._used.values() if used for p in used.parameters}
                self._refuse(f"no step has a parameter {name!r}", entry.span, did_you_mean(name, parameters))
            self._check_references(entry.expression, inside=None)
        for step in recipe.steps.values():
            self._check_step(step)
        for named in recipe.outputs.values():
            self._check_references(named.expression, inside=None)

    def _check_step(self, step: Step) -> None:
        for argument in step.arguments.values():
            self._check_references(argument.expression, inside=step)
        if step.foreach is not None and self._check_references(step.foreach, inside=None):
            kind = self._type(step.foreach)
            if item_type(kind) is None:
                self._refuse(f"`foreach` runs over a list or a map, not over {shown(kind)}", step.foreach.span)
        for condition in step.conditions:
            if self._check_references(condition.reference, inside=step):
                self._check_condition(step, condition)
        used = self._used[step.name]
        if used is None:
            return
        checked = {}
        for name, binding in self._bindings[step.name].items():
            checked[name] = self._check_binding(step, binding)
        self._bindings[step.name] = checked
        for parameter in used.parameters.values():
            if parameter.required and parameter.name not in checked:
                self._refuse_missing(step, parameter)

    def _refuse_missing(self, step: Step, parameter: Parameter) -> None:
        unit = f" in {parameter.unit}" if parameter.unit else ""
        offers = list(self._offers(parameter, step))
        ways = (
            f"wire {' or '.join(offers[:3])}"
            if offers
            else f"give it in `with` or `context`, or --set exam.{parameter.name}=..."
        )
        self._refuse(
            f"{step.use} needs {parameter.name!r} ({shown(parameter.annotation)}{unit}), and nothing gives it",
            step.use_span,
            ways,
        )

    def _offers(self, parameter: Parameter, step: Step) -> Iterator[str]:
        """References to what has a parameter's type: inputs, whole answers, and their parts."""
        for name, kind in self._input_types.items():
            if kind is not Any and self._would_fit(kind, parameter):
                yield f"${name}"
        for name, used in self._used.items():
            if used is None or name == step.name or used.operation is None:
                continue
            if self._would_fit(used.operation.output, parameter):
                yield f"${name}"
            for field in used.operation.output.model_fields:
                if field != "warnings" and self._would_fit(part_type(used.operation.output, field), parameter):
                    yield f"${name}.{field}"

    @staticmethod
    def _would_fit(kind: Any, parameter: Parameter) -> bool:
        if stripped(kind) is Any or not fits(kind, parameter.annotation):
            return False
        source, target = unit_of(kind), parameter.unit
        if isinstance(source, Unit) and isinstance(target, Unit):
            return source.factor_to(target) is not None
        return source is not None or target is None

    def _check_references(self, expression: Expression, inside: Step | None) -> bool:
        """Refuse every reference that leads nowhere; whether all lead somewhere."""
        sound = True
        for reference in references(expression):
            if not self._is_named(reference, inside) or self._type(reference, inside) is None:
                sound = False
        return sound

    def _is_named(self, reference: Reference, inside: Step | None) -> bool:
        name = reference.name
        if name in self._recipe.inputs or name in self._recipe.steps or name == EXAM:
            return True
        if name in RESERVED:
            if inside is not None and inside.foreach is not None:
                return True
            self._refuse_once(f"${name} is for steps with `foreach`", reference.span, None)
            return False
        known = [*self._recipe.inputs, *self._recipe.steps]
        hint = did_you_mean(name, known)
        if hint is None and self._exam_offers(name):
            hint = f"the exam's is '$exam.{name}'"
        self._refuse_once(
            f"no input or step is called {name!r}", reference.span, hint or self._wanted_by(reference, inside)
        )
        return False

    def _wanted_by(self, reference: Reference, inside: Step | None) -> str | None:
        """Which references have the type that is needed where one is missing."""
        used = self._used[inside.name] if inside is not None else None
        if inside is None or used is None:
            return None
        for argument in inside.arguments.values():
            if argument.expression == reference and argument.name in used.parameters:
                offers = list(self._offers(used.parameters[argument.name], inside))
                return f"{argument.name} can take {' or '.join(offers[:3])}" if offers else None
        return None

    def _check_condition(self, step: Step, condition: Condition) -> None:
        kind = self._type(condition.reference, step)
        possible = possible_values(kind)
        if possible is None:
            return
        for constant in condition.values:
            if constant.value not in possible and constant.value is not None:
                words = ", ".join(str(value) for value in possible)
                hint = did_you_mean(str(constant.value), map(str, possible)) or f"it can be {words}"
                self._refuse(f"{condition.reference} is never {constant.value!r}", constant.span, hint)

    def _check_binding(self, step: Step, binding: Binding) -> Binding:
        expression, parameter = binding.expression, binding.parameter
        if expression is None:
            return binding
        target = self._unit(parameter.unit, step)
        if isinstance(expression, Constant):
            constant = self._check_constant(expression, parameter, target)
            return replace(binding, expression=constant, note=_conversion(expression, constant, target))
        if binding.source == "exam" and self._exam is not None and parameter.name != EXAM:
            declared = self._exam.declared().get(parameter.name, parameter.annotation)
            if not self._check_exam(parameter.name, declared, step.use_span):
                return binding
        kind = self._type(expression, step)
        if kind is None:
            return binding
        return self._check_wire(step, binding, expression, kind, target)

    def _check_wire(
        self, step: Step, binding: Binding, expression: Expression, kind: Any, target: Unit | None
    ) -> Binding:
        parameter = binding.parameter
        source = self._unit(unit_of(kind), self._step_of(expression))
        where = expression if isinstance(expression, Reference) else parameter.name
        factor = source.factor_to(target) if source is not None and target is not None else 1.0
        if not fits(kind, parameter.annotation):
            has = shown(kind) + (f" in {source}" if source else "")
            takes = shown(parameter.annotation) + (f" in {target}" if target else "")
            self._refuse_wire(step, binding, f"{parameter.name} takes {takes}; {where} is {has}")
            return binding
        if factor is None:
            self._refuse_wire(
                step, binding, f"{parameter.name} is in {target}; {where} is in {source}, which never becomes {target}"
            )
            return binding
        if factor == 1.0:
            return binding
        return replace(binding, factor=factor, note=f"{where} converted from {source} to {target}")

    def _refuse_wire(self, step: Step, binding: Binding, message: str) -> None:
        span = step.use_span if binding.source in {"exam", "input"} else _span_of(binding)
        offers = list(self._offers(binding.parameter, step))
        self._refuse_once(
            message, span, f"{binding.parameter.name} can take {' or '.join(offers[:3])}" if offers else None
        )

    def _check_exam(self, name: str, kind: Any, span: Span) -> bool:
        try:
            read_as(adapter(kind), self._exam[name] if self._exam else None, name)
        except InputError as error:
            self._refuse_once(f"the exam's {error.below('') if error.field != name else error}", span, None)
            return False
        return True

    def _check_constant(self, constant: Constant, parameter: Parameter, target: Unit | None) -> Constant:
        """The constant in the parameter's unit, checked by the parameter's own type."""
        if constant.value is None and parameter.nullable:
            return constant
        try:
            value = self._in_unit(constant, constant.value, parameter, target)
            parameter.read(value)
        except _RefusedError:
            return constant
        except InputError as error:
            path = error.field.removeprefix(parameter.name).split(".")[1:]
            place = f" ({'.'.join(path)})" if path else ""
            self._refuse_once(f"{parameter.name}{place}: {error.message}", part_span(constant, path), None)
            return constant
        except FoveolaError as error:
            self._refuse_once(f"{parameter.name}: {error}", constant.span, None)
            return constant
        return replace(constant, value=value)

    def _in_unit(self, constant: Constant, value: Any, parameter: Parameter, target: Unit | None) -> Any:
        """Numbers with units, anywhere inside a value, as numbers in the parameter's own unit."""
        if isinstance(value, list):
            return [self._in_unit(constant, item, parameter, target) for item in value]
        if not isinstance(value, str) or not _takes_numbers(parameter.annotation):
            return value
        try:
            quantity = parse_quantity(value)
        except UnknownUnitError as error:
            self._refuse_once(str(error), constant.span, did_you_mean(error.unit, UNITS))
            raise _RefusedError from None
        if quantity is None:
            return value
        return self._converted(constant, quantity, parameter, target)

    def _converted(self, constant: Constant, quantity: Quantity, parameter: Parameter, target: Unit | None) -> float:
        factor = None if target is None else Unit(quantity.unit).factor_to(target)
        if factor is None:
            takes = f"is in {target}" if target else "takes a number without a unit"
            self._refuse_once(
                f"{parameter.name} {takes}; {quantity.value:g} {quantity.unit} is not", constant.span, None
            )
            raise _RefusedError
        return quantity.value if factor == 1.0 else quantity.value * factor

    # Types and units

    def _type(self, expression: Expression, inside: Step | None = None) -> Any:
        """The type of an expression; None if a reference in it leads nowhere."""
        match expression:
            case Constant():
                return type(expression.value) if isinstance(expression.value, bool | int | float | str) else Any
            case ListOf(items=items):
                kinds = [self._type(item, inside) for item in items]
                return None if any(kind is None for kind in kinds) else list[_joined(kinds)]  # type: ignore[misc]
            case MapOf(items=entries):
                kinds = [self._type(item, inside) for item in entries.values()]
                return None if any(kind is None for kind in kinds) else Mapping[str, _joined(kinds)]  # type: ignore[misc]
            case Reference():
                return self._reference_type(expression, inside)

    def _reference_type(self, reference: Reference, inside: Step | None) -> Any:
        kind = self._root_type(reference.name, inside)
        for place, part in enumerate(reference.path):
            if kind is None:
                return None
            try:
                kind = part_type(kind, part)
            except NoSuchPartError as error:
                said = replace(reference, path=reference.path[:place])
                hint = did_you_mean(part, error.known) or (f"it has {', '.join(error.known)}" if error.known else None)
                self._refuse_once(f"{said} ({shown(kind)}) has no part {part!r}", reference.span, hint)
                return None
        return kind

    def _root_type(self, name: str, inside: Step | None) -> Any:
        if name in self._recipe.inputs:
            return self._input_types[name]
        if name in self._recipe.steps:
            return self._answer_type(name)
        if name == EXAM:
            return self._registry.exam_type
        if inside is None or inside.foreach is None:
            return None
        return str if name == "key" else item_type(self._type(inside.foreach))

    def _find_answer_type(self, name: str) -> Any:
        used = self._used[name]
        if used is None:
            return None
        return used.answer if self._recipe.steps[name].foreach is None else Each(used.answer)

    def _unit(self, unit: Unit | UnitBy | None, step: Step | None) -> Unit | None:
        """A unit that is told; what another parameter decides is looked up where the step gives that parameter."""
        if not isinstance(unit, UnitBy):
            return unit
        binding = self._bindings[step.name].get(unit.parameter) if step is not None else None
        if binding is None:
            return None
        if binding.expression is None:
            return unit.choose(binding.parameter.default)
        return unit.choose(binding.expression.value) if isinstance(binding.expression, Constant) else None

    def _step_of(self, expression: Expression) -> Step | None:
        return self._recipe.steps.get(expression.name) if isinstance(expression, Reference) else None

    # Results

    def _wanted(self, only: Iterable[str] | None) -> dict[str, Named]:
        outputs = dict(self._recipe.outputs)
        if only is None:
            return outputs
        for name in only:
            if name not in outputs:
                raise UnknownNameError("output", name, outputs)
        return {name: outputs[name] for name in only}

    def _planned(self, step: Step, needs: tuple[str, ...]) -> PlannedStep:
        used = self._used[step.name]
        return PlannedStep(
            name=step.name,
            operation=used.operation if used else None,
            plan=used.plan if used else None,
            bindings=self._bindings[step.name],
            conditions=step.conditions,
            foreach=step.foreach,
            needs=needs,
        )

    def _refuse(self, message: str, span: Span, hint: str | None = None) -> None:
        self._problems.append(Problem(message, span, hint))

    def _refuse_once(self, message: str, span: Span, hint: str | None) -> None:
        """Refuse what several steps may stumble over (a context entry): told once for one place."""
        if all(problem.span != span for problem in self._problems):
            self._refuse(message, span, hint)


class _RefusedError(Exception):
    """The problem was told already."""


def _conversion(written: Constant, read: Constant, unit: Unit | None) -> str:
    """What to say of a number that was written in another unit than the parameter's."""
    if not isinstance(written.value, str) or read.value == written.value or written.value.endswith(str(unit)):
        return ""
    return f"{written.value} read as {read.value:g} {unit}"


def _takes_numbers(annotation: Any) -> bool:
    core = stripped(annotation)
    return core is not str and not fits(str, annotation)


def _joined(kinds: list[Any]) -> Any:
    return kinds[0] if len({str(kind) for kind in kinds}) == 1 else Any


def _span_of(binding: Binding) -> Span:
    assert binding.expression is not None  # noqa: S101  only defaults have none, and they are right
    return binding.expression.span


def _place(problem: Problem) -> tuple[int, int]:
    return (problem.span.line, problem.span.column) if problem.span else (0, 0)
