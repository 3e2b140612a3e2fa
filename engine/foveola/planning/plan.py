"""A plan: the checked graph of a recipe's steps, with where each of their parameters comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from foveola.exams import Exam
from foveola.operations import Operation, Output, Parameter
from foveola.planning.graph import graph_of
from foveola.recipes.model import EXAM, Condition, Expression, Input, Recipe, Reference, written, written_value
from foveola.values import plain

if TYPE_CHECKING:
    import networkx as nx

Source = Literal["with", "context", "input", "exam", "default"]


@dataclass(frozen=True, slots=True)
class Binding:
    """Where one parameter of one step comes from.

    Attributes:
        parameter: the parameter.
        source: which of the places that may fill it did.
        expression: what to evaluate, in the parameter's unit; None leaves it to what the step runs: the default, or
            what another exam says.
        note: what people should know of it (a conversion).
        may_hold_null: whether null may stand inside its value where the parameter takes none.
    """

    parameter: Parameter
    source: Source
    expression: Expression | None
    note: str = ""
    may_hold_null: bool = False


@dataclass(frozen=True)
class PlannedStep:
    """A step whose parameters are all accounted for.

    Attributes:
        name: its name in the recipe.
        operation: what it runs; None if it runs a recipe.
        plan: the recipe that it runs, planned; None if it runs an operation.
        bindings: every parameter that is filled, by name.
        conditions: what must hold for it to run.
        foreach: what it runs for each item of.
        needs: the steps that it takes answers of.
    """

    name: str
    operation: Operation[..., Output] | None
    plan: Plan | None
    bindings: Mapping[str, Binding]
    conditions: tuple[Condition, ...]
    foreach: Expression | None
    needs: tuple[str, ...]

    @property
    def use(self) -> str:
        """What it runs, by name."""
        return self.operation.name if self.operation else self.plan.recipe.name if self.plan else ""

    @property
    def exam_path(self) -> tuple[str, ...]:
        """The way from the plan's exam to the one that it runs a recipe on; empty if that is the same."""
        binding = self.bindings.get(EXAM) if self.plan is not None else None
        match None if binding is None else binding.expression:
            case Reference(name=name, path=path):
                return path if name == EXAM else (name, *path)
        return ()

    @property
    def notes(self) -> list[str]:
        """What people should know of its wiring."""
        return [
            f"{self.name}.{binding.parameter.name}: {binding.note}"
            for binding in self.bindings.values()
            if binding.note
        ]

    def as_json(self) -> dict[str, Any]:
        """It as plain data, with where its parameters come from."""
        return {
            "name": self.name,
            "use": self.use,
            "needs": list(self.needs),
            "when": [str(condition) for condition in self.conditions],
            "foreach": None if self.foreach is None else written(self.foreach),
            "parameters": {
                name: {"from": binding.source, "value": self._filled(name), "note": binding.note or None}
                for name, binding in self.bindings.items()
            },
            "steps": [] if self.plan is None else [inner.as_json() for inner in self.plan.steps.values()],
        }

    def lines(self, prefix: str = "") -> Iterator[str]:
        """It as a paragraph of text, and those of the recipe that it runs."""
        yield from ("", f"{prefix}{self.name}: {self.use}")
        yield from (f"    runs only where {condition}" for condition in self.conditions)
        if self.foreach is not None:
            yield f"    for each of {written(self.foreach)}"
        width = max((len(name) for name in self.bindings), default=0)
        for name, binding in self.bindings.items():
            yield f"    {name:{width}}  {self._filled(name):40}  {binding.source}"
        if self.plan is not None:
            for inner in self.plan.steps.values():
                yield from inner.lines(f"{prefix}{self.name}.")

    def _filled(self, name: str) -> str:
        """What fills a parameter, as a recipe would write it."""
        binding = self.bindings[name]
        if binding.expression is not None:
            return written(binding.expression)
        if binding.source == "default":
            return written_value(plain(binding.parameter.default))
        exam = self.bindings[EXAM].expression  # what is left to a recipe on another exam
        return f"{written(exam)}.{name}" if isinstance(exam, Reference) else f"{name} of that exam"


@dataclass(frozen=True)
class Plan:
    """What will be computed, in order; nothing has been.

    Attributes:
        recipe: the recipe that it came from.
        inputs: what the exam must offer, with the type of each.
        steps: the steps that the outputs need, each after what it needs.
        unneeded: the names of the steps that no output needs.
        outputs: what is asked for.
        output_types: what each of them can be.
        exam: the kind of exam that it is for.
    """

    recipe: Recipe
    inputs: Mapping[str, tuple[Input, Any]]
    steps: Mapping[str, PlannedStep]
    unneeded: tuple[str, ...]
    outputs: Mapping[str, Expression]
    output_types: Mapping[str, Any]
    exam: type[Exam] = field(default=Exam)

    @cached_property
    def graph(self) -> nx.DiGraph:
        """The steps as a networkx DAG: an edge runs from a step to each that takes its answer."""
        return graph_of({name: step.needs for name, step in self.steps.items()})

    @property
    def within(self) -> Iterator[Plan]:
        """The plans of the recipes that it uses as steps, and of those that these use."""
        for step in self.steps.values():
            if step.plan is not None:
                yield step.plan
                yield from step.plan.within

    @property
    def notes(self) -> list[str]:
        """What people should know of the wiring, steps within steps included."""
        notes = []
        for step in self.steps.values():
            notes += step.notes
            if step.plan is not None:
                notes += [f"{step.name}.{note}" for note in step.plan.notes]
        return notes

    def as_json(self) -> dict[str, Any]:
        """It as plain data, as `foveola plan --json` prints it: steps in order, each with what fills its parameters."""
        return {
            "recipe": self.recipe.name,
            "steps": [step.as_json() for step in self.steps.values()],
            "unneeded": list(self.unneeded),
            "outputs": {name: written(expression) for name, expression in self.outputs.items()},
            "notes": self.notes,
        }

    def __str__(self) -> str:
        """It as text, as `foveola plan` prints it, a step a paragraph."""
        lines = [f"{self.recipe.name}: {self.recipe.about}"]
        lines += [line for step in self.steps.values() for line in step.lines()]
        if self.unneeded:
            lines += ["", f"not run, since no output needs it: {', '.join(self.unneeded)}"]
        lines += ["", *[f"output {name}: {written(expression)}" for name, expression in self.outputs.items()]]
        return "\n".join(lines)
