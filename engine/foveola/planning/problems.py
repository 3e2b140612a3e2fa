"""What is wrong with a recipe, collected; each thing once."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Literal

from foveola.diagnostics import Problem, Source, Span
from foveola.errors import RecipeError
from foveola.recipes.places import in_order

Scale = Literal["problem", "place", "message"]


class Problems:
    """The problems of one recipe.

    Args:
        found: those that are known already.
    """

    def __init__(self, found: Iterable[Problem] = ()) -> None:
        self._found = list(found)
        self._told: set[Hashable] = {problem.span for problem in self._found}

    def refuse(self, message: str, span: Span, hint: str | None = None, *, once_per: Scale = "problem") -> None:
        """Add a problem, unless it has been told.

        Args:
            message: what is wrong.
            span: where.
            hint: what to do next.
            once_per: what is told of it only once: the same problem at the same place, this place, or this message.
        """
        told: dict[Scale, Hashable] = {"problem": (message, span), "place": span, "message": message}
        if told[once_per] not in self._told:
            self._found.append(Problem(message, span, hint))
            self._told.update(told.values())

    def raise_if_any(self, source: Source) -> None:
        """Refuse the recipe if something is wrong with it.

        Raises:
            RecipeError: with all problems in the order of the text.
        """
        if self._found:
            raise RecipeError(source, sorted(self._found, key=in_order))
