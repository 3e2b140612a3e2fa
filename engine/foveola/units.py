"""Units as annotations: `Millimetres` is a float that says what it measures.

Two lengths, mm and µm, convert into one another. Nothing else does: a pixel is not a length until an operation
that knows the spacing makes it one, and an area is no volume.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, get_args, get_origin

_PER_MILLIMETRE = {"mm": 1.0, "µm": 1000.0}


@dataclass(frozen=True, slots=True)
class Unit:
    """What a number counts.

    >>> Unit("mm").factor_to(Unit("µm"))
    1000.0
    >>> Unit("px").factor_to(Unit("mm")) is None
    True
    """

    symbol: str

    def factor_to(self, other: Unit) -> float | None:
        """What to multiply by to get the other unit; None where there is no such number."""
        if self == other:
            return 1.0
        if self.symbol in _PER_MILLIMETRE and other.symbol in _PER_MILLIMETRE:
            return _PER_MILLIMETRE[other.symbol] / _PER_MILLIMETRE[self.symbol]
        return None

    def __str__(self) -> str:
        return self.symbol


@dataclass(frozen=True, slots=True)
class UnitBy:
    """A unit that another parameter of the same operation decides.

    >>> UnitBy("use_real_units", {True: "mm", False: "px"}).choose(True)
    Unit(symbol='mm')
    """

    parameter: str
    symbols: Mapping[Any, str] = field(hash=False)

    def choose(self, value: Any) -> Unit | None:
        """The unit for a value of the deciding parameter."""
        symbol = self.symbols.get(value)
        return None if symbol is None else Unit(symbol)

    def __str__(self) -> str:
        return " or ".join(dict.fromkeys(self.symbols.values())) + f", by {self.parameter}"


Millimetres = Annotated[float, Unit("mm")]
Micrometres = Annotated[float, Unit("µm")]
Pixels = Annotated[float, Unit("px")]
SquareMillimetres = Annotated[float, Unit("mm2")]
CubicMillimetres = Annotated[float, Unit("mm3")]
Degrees = Annotated[float, Unit("deg")]
Percent = Annotated[float, Unit("%")]
PixelsPerMillimetre = Annotated[float, Unit("px/mm")]


def converted(value: Any, factor: float) -> Any:
    """A number, an array, or lists and maps of these in another unit; null stays null.

    >>> converted([0.5, None], 1000.0), converted({"a": 9}, 0.001)
    ([500.0, None], {'a': 0.009})
    """
    match value:
        case None:
            return None
        case list() | tuple():
            return [converted(item, factor) for item in value]
        case Mapping():
            return {key: converted(item, factor) for key, item in value.items()}
        case _:  # 9 / 1000 is 0.009, and 9 * 0.001 is not
            return value * factor if factor >= 1 else value / (1 / factor)


def unit_of(annotation: Any) -> Unit | UnitBy | None:
    """The unit that an annotation says: its own, its class's, or that of what it contains.

    >>> unit_of(Millimetres | None), unit_of(tuple[Pixels, Pixels]), unit_of(str)
    (Unit(symbol='mm'), Unit(symbol='px'), None)
    """
    return next(_units(annotation), None)


def _units(annotation: Any) -> Iterator[Unit | UnitBy]:
    if get_origin(annotation) is Annotated:
        base, *metadata = get_args(annotation)
        yield from (item for item in metadata if isinstance(item, Unit | UnitBy))
        yield from _units(base)
    elif parts := get_args(annotation):
        for part in parts:
            yield from _units(part)
    elif isinstance(unit := getattr(annotation, "unit", None), Unit):
        yield unit
