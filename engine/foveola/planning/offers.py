"""What could be wired where something is missing or does not fit."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import cached_property
from typing import Any

from foveola.operations import Parameter
from foveola.planning.fits import can_be_scaled, way_to
from foveola.planning.graph import Needs, needed_by
from foveola.planning.scope import Scope
from foveola.planning.types import Each, part_type, parts_of, stripped, unit_in
from foveola.recipes.model import Reference, Step
from foveola.units import Unit

MOST = 3
"""More than a few of them do not help."""


class Offers:
    """References by what they could fill.

    Args:
        scope: what the names mean.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._fitting: dict[tuple[Any, Unit | None], list[str]] = {}

    def to(self, parameter: Parameter, step: Step) -> str | None:
        """What could be wired to a parameter, in words: what has its type and unit, the likeliest first."""
        if stripped(parameter.annotation) in {Any, object}:  # whatever there is fits
            return None
        unit = self._scope.unit(parameter.unit, step.name)
        key = (parameter.annotation, unit)
        if key not in self._fitting:
            self._fitting[key] = list(self._all_fitting(parameter.annotation, unit))
        takers = needed_by(self._takers, [step.name])
        found = [offer for offer in self._fitting[key] if offer[1:].partition(".")[0] not in takers]
        found.sort(key=lambda offer: _likeness(parameter.name, offer), reverse=True)
        return " or ".join(found[:MOST]) or None

    def instead_of(self, reference: Reference, inside: Step | None) -> str | None:
        """What has the type that is needed where a reference leads nowhere, in words."""
        scope = self._scope
        for step in [inside] if inside is not None else scope.recipe.steps.values():
            for name, binding in scope.bindings[step.name].items():
                if binding.expression == reference and (offers := self.to(binding.parameter, step)):
                    return f"{name} can take {offers}"
        return None

    @cached_property
    def _takers(self) -> Needs:
        """The steps that take each step's answer: wired to one that it takes, they would run in a circle."""
        takers: dict[str, list[str]] = {name: [] for name in self._scope.recipe.steps}
        for name, needed in self._scope.needs.items():
            for one in needed:
                takers[one].append(name)
        return takers

    def _all_fitting(self, annotation: Any, unit: Unit | None) -> Iterator[str]:
        scope = self._scope
        for name, kind in scope.inputs.items():
            if _would_fit(kind, annotation, unit):
                yield f"${name}"
        for name, used in scope.used.items():
            if used is None:
                continue
            whole = scope.type_of_answer(name)
            if _would_fit(whole, annotation, unit):
                yield f"${name}"
            for part in parts_of(whole):
                found = scope.with_told_units(part_type(whole, part), name)
                if part != "warnings" and _would_fit(found, annotation, unit):
                    yield f"${name}.{part}"


def _likeness(name: str, offer: str) -> tuple[float, ...]:
    """How much a reference sounds like a parameter: first its last part, then its first."""
    parts = offer[1:].split(".")
    return tuple(SequenceMatcher(None, name, part).ratio() for part in (parts[-1], parts[0]))


def _would_fit(source: Any, annotation: Any, unit: Unit | None) -> bool:
    if stripped(source.item if isinstance(source, Each) else source) is Any or way_to(source, annotation) is None:
        return False
    found = unit_in(source)
    if isinstance(found, Unit) and unit is not None:
        factor = found.factor_to(unit)
        return factor == 1.0 or (factor is not None and can_be_scaled(source))
    return found is not None or unit is None
