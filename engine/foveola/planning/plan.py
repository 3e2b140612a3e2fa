"""A plan: the checked graph of a recipe's steps, with where each of their parameters comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from foveola.exams import Exam
from foveola.operations import Operation, Output, Parameter
from foveola.planning.graph import graph_of
from foveola.recipes.model import Condition, Expression, Input, Recipe

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
    def notes(self) -> list[str]:
        """What people should know of its wiring."""
        return [
            f"{self.name}.{binding.parameter.name}: {binding.note}"
            for binding in self.bindings.values()
            if binding.note
        ]


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
    def notes(self) -> list[str]:
        """What people should know of the wiring, steps within steps included."""
        notes = []
        for step in self.steps.values():
            notes += step.notes
            if step.plan is not None:
                notes += [f"{step.name}.{note}" for note in step.plan.notes]
        return notes
