"""What is wrong with a recipe, collected; each thing once."""

from __future__ import annotations

from collections.abc import Iterable

from foveola.diagnostics import Problem, Source, Span
from foveola.errors import RecipeError
from foveola.recipes.places import in_order


class Problems:
    """The problems of one recipe.

    Args:
        found: those that are known already.
    """

    def __init__(self, found: Iterable[Problem] = ()) -> None:
        self._found = list(found)
        self._told = {(problem.message, problem.span) for problem in self._found}
        self._places = {problem.span for problem in self._found}

    def refuse(self, message: str, span: Span, hint: str | None = None, *, once: bool = False) -> None:
        """Add a problem, unless it has been told.

        Args:
            message: what is wrong.
            span: where.
            hint: what to do next.
            once: nothing else shall be told of this place.
        """
        if (message, span) in self._told or (once and span in self._places):
            return
        self.add(Problem(message, span, hint))

    def add(self, problem: Problem) -> None:
        """Add a problem as it is."""
        self._told.add((problem.message, problem.span))
        self._places.add(problem.span)
        self._found.append(problem)

    def raise_if_any(self, source: Source) -> None:
        """Refuse the recipe if something is wrong with it.

        Raises:
            RecipeError: with all problems in the order of the text.
        """
        if self._found:
            raise RecipeError(source, sorted(self._found, key=in_order))
