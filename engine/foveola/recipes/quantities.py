"""Numbers as recipes write them, alone or with a unit."""

from __future__ import annotations

import re
from dataclasses import dataclass

from foveola.units import Unit, converted

UNITS = ("px", "mm", "µm", "mm2", "mm3", "px/mm", "deg", "dB", "%")
"""The units that a recipe can name, as `Quantity.unit` spells them."""
KNOWN_UNITS = f"units are {', '.join(UNITS)}"
"""What to say where none is near."""

_SPELLINGS = {unit: unit for unit in UNITS} | {
    "um": "µm",
    "\N{GREEK SMALL LETTER MU}m": "µm",  # the other code point: UNITS has the micro sign
    "mm²": "mm2",
    "mm³": "mm3",
    "°": "deg",
}

_NUMBER = re.compile(
    r"""
      (?P<whole>    [-+]? (?: 0 | [1-9][0-9]* ) | 0o [0-7]+ | 0x [0-9a-fA-F]+ )
    | (?P<fraction> [-+]? (?: \.[0-9]+ | [0-9]+\.[0-9]* ) (?: [eE][-+]?[0-9]+ )? | [-+]? [0-9]+ [eE][-+]?[0-9]+ )
    | (?P<special>  [-+]? \. (?: inf | Inf | INF ) | \. (?: nan | NaN | NAN ) )
    """,
    re.VERBOSE,
)
_QUANTITY = re.compile(
    r"""
    (?P<number> (?> [-+]? [0-9.]+ (?: [eE][-+]?[0-9]+ )? ) )
    [ ]?
    (?P<unit>   ° | % | [^\W\d_]+ (?: / [^\W\d_]+ )? [23]? )
    """,
    re.VERBOSE,
)
_LONGEST = 300  # characters: longer ones overflow a double, and beyond 4300 digits int() refuses


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number and its unit, which is one of `UNITS`.

    >>> Quantity(250, "µm").value_in(Unit("mm")), Quantity(3, "px").value_in(Unit("mm"))
    (0.25, None)
    """

    value: int | float
    unit: str

    def value_in(self, unit: Unit) -> int | float | None:
        """The number in another unit; None where there is no such number."""
        factor = Unit(self.unit).factor_to(unit)
        if factor is None:
            return None
        number: int | float = self.value if factor == 1.0 else converted(self.value, factor)
        return number


class UnknownUnitError(ValueError):
    """A number was followed by a word that is no unit."""

    def __init__(self, unit: str) -> None:
        super().__init__(f"no unit is called {unit!r}")
        self.unit = unit


def parse_quantity(text: str) -> Quantity | None:
    """Read a number with its unit: a decimal number, at most one space, one word, and nothing else.

    The word is `°`, `%` or made of letters, perhaps with a `/` within and a 2 or 3 at its end. All else is no quantity.

    Raises:
        UnknownUnitError: the text has that shape, but its word is no unit.

    >>> parse_quantity("2.5e-3 mm")
    Quantity(value=0.0025, unit='mm')
    >>> parse_quantity("5um")
    Quantity(value=5, unit='µm')
    >>> parse_quantity("3 blind mice")
    >>> parse_quantity("3 mice")
    Traceback (most recent call last):
    foveola.recipes.quantities.UnknownUnitError: no unit is called 'mice'
    """
    match = _QUANTITY.fullmatch(text)
    value = match and parse_number(match["number"])
    if match is None or value is None:
        return None
    unit = match["unit"]
    if unit not in _SPELLINGS:
        raise UnknownUnitError(unit)
    return Quantity(value, _SPELLINGS[unit])


def quantity_of(value: object) -> Quantity | None:
    """A value that is written with a unit; None if it is not.

    >>> quantity_of("6 mm"), quantity_of(6), quantity_of("6 mice")
    (Quantity(value=6, unit='mm'), None, None)
    """
    try:
        return parse_quantity(value) if isinstance(value, str) else None
    except UnknownUnitError:
        return None


def parse_number(text: str) -> int | float | None:
    """Read a number of the YAML 1.2 core schema, of at most 300 characters.

    A whole number with leading zeros is none: some take it for octal.

    >>> [parse_number(text) for text in ("6", "1e-3", ".5", "0x1F", "-.inf", "010", "1:30", "1_000")]
    [6, 0.001, 0.5, 31, -inf, None, None, None]
    """
    match = _NUMBER.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        return None
    if match.lastgroup == "whole":
        return int(text, base=0)
    return float(text.replace(".", "") if match.lastgroup == "special" else text)
