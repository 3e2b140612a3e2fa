"""Recipe to Plan: every name resolved, every wire checked for type, shape and unit, all problems at once.

What each step runs is found first, then who fills each of its parameters (`wiring`), then whether that fits
(`checking`, by what the names mean: `scope`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from foveola.diagnostics import did_you_mean
from foveola.errors import FoveolaError, PluginError, RecipeError, UnknownNameError
from foveola.exams import Exam
from foveola.operations import REQUIRED, Parameter
from foveola.planning.checking import Checker
from foveola.planning.graph import circles, ordered
from foveola.planning.inputs import read_input
from foveola.planning.plan import Binding, Plan, PlannedStep
from foveola.planning.problems import Problems
from foveola.planning.scope import Scope
from foveola.planning.types import Answers
from foveola.planning.wiring import Used, check_context, meant_parameters, needs_of, wire
from foveola.recipes.model import EXAM, Expression, Recipe, Reference, Step, references
from foveola.recipes.reader import RESERVED, read_recipe
from foveola.registry import Registry


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
    return Planner(recipe, registry, exam).plan(only)


_Within = tuple[Path | None, int, frozenset[str]]
"""A recipe used as a step: its file, which exam it runs on, which of its inputs are filled."""


class Planner:
    """Plans one recipe.

    Args:
        recipe: the recipe.
        registry: what there is to use.
        exam: the exam, if it is known.
        given: the inputs that a recipe around this one fills.
        around: the planner of the recipe around this one.

    Raises:
        RecipeError: with everything that is wrong.
        PluginError: what plugins declare to be an exam is none.
    """

    def __init__(
        self,
        recipe: Recipe,
        registry: Registry,
        exam: Exam | None = None,
        given: frozenset[str] = frozenset(),
        around: Planner | None = None,
    ) -> None:
        self._recipe = recipe
        self._registry = registry
        self._exam = exam
        self._exam_type = registry.exam_type
        self.trail: tuple[Path, ...] = around.trail if around else ()
        if recipe.path is not None:
            self.trail = (*self.trail, recipe.path.resolve())
        self.within: dict[_Within, Planner | RecipeError] = around.within if around else {}
        self._plans: dict[tuple[str, ...], Plan] = {}
        self._problems = Problems(recipe.problems)
        self._inputs = {
            name: read_input(entry, registry, None if name in given or name in RESERVED else exam, self._problems)
            for name, entry in recipe.inputs.items()
        }
        self._used = {name: self._use(step) for name, step in recipe.steps.items()}
        self._scope = self._wire()
        self._bindings = self._check()
        self._problems.raise_if_any(recipe.source)

    def plan(self, only: Iterable[str] | None = None) -> Plan:
        """The plan of some outputs, or of all.

        Raises:
            UnknownNameError: no output is called so.
        """
        wanted = tuple(self._recipe.outputs if only is None else dict.fromkeys(only))
        if wanted not in self._plans:
            self._plans[wanted] = self._plan(self._outputs(wanted))
        return self._plans[wanted]

    def _plan(self, outputs: dict[str, Expression]) -> Plan:
        recipe, needs = self._recipe, self._scope.needs
        roots = {reference.name for output in outputs.values() for reference in references(output)}
        order = ordered(needs, [name for name in recipe.steps if name in roots])
        kept = set(order)
        asked = self._asked_of_recipes(outputs.values(), order)
        return Plan(
            recipe=recipe,
            inputs=self._inputs,
            steps={name: self._planned(recipe.steps[name], asked.get(name, ())) for name in order},
            unneeded=tuple(name for name in recipe.steps if name not in kept),
            outputs=outputs,
            output_types={name: self._scope.type_of(output) for name, output in outputs.items()},
            exam=self._exam_type,
        )

    # What there is

    def _use(self, step: Step) -> Used | None:
        """What a step runs; None if that cannot be made out, which is told."""
        if not step.use:
            return None
        recipes = self._registry.recipes
        try:
            if step.use.endswith((".yaml", ".yml")):
                return self._use_recipe(step, self._recipe.folder / step.use)
            if step.use in recipes and step.use not in self._registry.operation_names:
                return self._use_recipe(step, recipes[step.use])
            operation = self._registry.operation(step.use)
            return Used(operation.parameters, operation.output, operation=operation)
        except UnknownNameError:
            hint = did_you_mean(step.use, [*self._registry.operation_names, *recipes])
            self._problems.refuse(f"no operation is called {step.use!r}", step.use_span, hint)
        except PluginError as error:
            self._problems.refuse(str(error), step.use_span)
        return None

    def _use_recipe(self, step: Step, path: Path) -> Used | None:
        try:
            path = path.resolve()
            if path in self.trail:
                names = " uses ".join(entry.name for entry in (*self.trail, path))
                self._problems.refuse(f"the recipe uses itself: {names}", step.use_span)
                return None
            planner = self._planner_of(step, read_recipe(path))
        except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: a circle of links
            reason = getattr(error, "strerror", None) or str(error)
            unfit = {path.name, *(one.name for one in self.trail)}
            hint = did_you_mean(path.name, {one.name for one in path.parent.glob("*.y*ml")} - unfit)
            self._problems.refuse(f"the recipe {step.use!r} cannot be read: {reason}", step.use_span, hint)
            return None
        except RecipeError as error:
            self._tell_of_recipe(error)
            return None
        return Used(planner.parameters, planner.answers, plan=planner.plan)

    def _planner_of(self, step: Step, inner: Recipe) -> Planner:
        """The planner of a recipe used as a step; where it is used again in the same way, the same.

        Raises:
            RecipeError: with everything that is wrong with it.
        """
        around = {*step.arguments, *self._recipe.context}
        exam = self._exam
        if EXAM in around:
            exam = self._exam_of(step)
        else:  # what this exam lacks is missed here, where it can be given
            around |= self._recipe.inputs.keys() | {name for name in inner.inputs if not self._exam_has(name)}
        given = frozenset(inner.inputs.keys() & around)
        key = (inner.path, id(exam), given)
        if key not in self.within:
            try:
                self.within[key] = Planner(inner, self._registry, exam, given, self)
            except RecipeError as error:
                self.within[key] = error
        found = self.within[key]
        if isinstance(found, RecipeError):
            raise found
        return found

    def _tell_of_recipe(self, error: RecipeError) -> None:
        """Tell what is wrong with a recipe that a step uses, each at its own place."""
        for problem in error.problems:
            span = replace(problem.span, source=problem.span.source or error.source)
            self._problems.refuse(problem.message, span, problem.hint)

    def _exam_of(self, step: Step) -> Exam | None:
        """The exam that a recipe used as a step runs on, as far as it is known."""
        argument = step.arguments.get(EXAM) or self._recipe.context[EXAM]
        match argument.expression:
            case Reference(name=name, path=()) if name == EXAM:
                return self._exam
            case Reference(name=name, path=()) if self._exam is not None and name in self._recipe.inputs:
                try:
                    return self._exam.value_as(self._exam_type, name)  # type: ignore[no-any-return]
                except (KeyError, FoveolaError):  # which the input is told of
                    return None
        return None

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        """The inputs as parameters of a step that uses this recipe, and the exam that it runs on."""
        parameters = {
            name: Parameter(name, kind, REQUIRED if entry.default is None else entry.default.value, entry.about, name)
            for name, (entry, kind) in self._inputs.items()
        }
        exam = Parameter(EXAM, self._exam_type, None, "The exam that it runs on.", EXAM)
        return {**parameters, EXAM: exam}

    @cached_property
    def answers(self) -> Answers:
        """The type of what a step that uses this recipe answers."""
        outputs = self._recipe.outputs.items()
        return Answers({name: self._scope.type_of(output.expression) for name, output in outputs})

    # How it is put together

    def _wire(self) -> Scope:
        recipe, steps = self._recipe, self._recipe.steps
        bindings = {
            name: {} if used is None else wire(steps[name], used, recipe, self._exam_has, self._problems)
            for name, used in self._used.items()
        }
        return Scope(
            recipe=replace(recipe, inputs={name: entry for name, (entry, _) in self._inputs.items()}),
            inputs={name: kind for name, (_, kind) in self._inputs.items()},
            used=self._used,
            bindings=bindings,
            needs=needs_of(recipe, bindings),
            exam_type=self._exam_type,
            exam=self._exam,
        )

    def _exam_has(self, name: str) -> bool:
        if self._exam is None:
            return name in self._exam_type.declared()
        try:
            return name in self._exam
        except FoveolaError:  # it is there, and told of where it is read
            return True

    def _check(self) -> dict[str, Mapping[str, Binding]]:
        recipe, scope, problems = self._recipe, self._scope, self._problems
        if len(ordered(scope.needs, recipe.steps)) < len(recipe.steps):
            for circle in circles(scope.needs):
                path = " needs ".join(repr(name) for name in circle)
                problems.refuse(f"these steps wait for one another: {path}", recipe.steps[circle[0]].span)
        unread = [
            meant_parameters(step, self._registry) for step in recipe.steps.values() if self._used[step.name] is None
        ]
        check_context(recipe, self._used, unread, scope.bindings, problems)
        checker = Checker(scope, problems)
        for named in (*recipe.context.values(), *recipe.outputs.values()):
            checker.check_references(named.expression)
        return {name: checker.check_step(step) for name, step in recipe.steps.items()}

    # What is wanted

    def _outputs(self, names: Iterable[str]) -> dict[str, Expression]:
        outputs = self._recipe.outputs
        for name in names:
            if name not in outputs:
                raise UnknownNameError("output", name, outputs)
        return {name: outputs[name].expression for name in names}

    def _asked_of_recipes(self, outputs: Iterable[Expression], order: Iterable[str]) -> dict[str, Iterable[str]]:
        """The outputs that are asked of each recipe used as a step."""
        answers = {name: used.answer.types for name in order if (used := self._used[name]) and used.plan}
        asked: dict[str, set[str]] = {name: set() for name in answers}
        for expression in (*outputs, *(one for name in order for one in self._expressions(name))):
            for reference in references(expression):
                if reference.name in answers:
                    asked[reference.name] |= set(reference.path[:1] or answers[reference.name])
        return {name: [one for one in answers[name] if one in asked[name]] for name in answers}

    def _expressions(self, step: str) -> Iterator[Expression]:
        """All that is evaluated for a step."""
        yield from (binding.expression for binding in self._bindings[step].values() if binding.expression is not None)
        for condition in self._recipe.steps[step].conditions:
            yield from condition.references
        if (foreach := self._recipe.steps[step].foreach) is not None:
            yield foreach

    def _planned(self, step: Step, asked: Iterable[str]) -> PlannedStep:
        used = self._used[step.name]
        assert used is not None  # noqa: S101  otherwise the recipe was refused
        return PlannedStep(
            name=step.name,
            operation=used.operation,
            plan=None if used.plan is None else used.plan(asked),
            bindings=self._bindings[step.name],
            conditions=step.conditions,
            foreach=None if step.foreach is None else self._scope.loop(step)[0],
            needs=tuple(self._scope.needs[step.name]),
        )
