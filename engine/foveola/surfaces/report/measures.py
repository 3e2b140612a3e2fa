"""The measures of results: as rows, as a file, and what changed from one to another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from foveola.archives import LARGE
from foveola.errors import FoveolaError, InputError
from foveola.running.files import write_atomically
from foveola.running.table import Measures, Row, as_csv, as_parquet
from foveola.surfaces.report.results import Reported

NOISE = 1e-9
"""Of a number, or of 1: what sums differ by when they are added up otherwise; nothing to draw or to lie apart by."""

_PRINTED = {"mm2": "mm²", "mm3": "mm³", "px2": "px²", "px3": "px³", "deg": "°"}


def measures_of(reported: Reported) -> list[Row]:
    """A row for each measure of a result; maps and outlines are no measures."""
    content = {**reported.content, "outputs": {k: _listed(v) for k, v in reported.content["outputs"].items()}}
    return list(Measures(reported.plan).rows_of(content))


def said_unit(unit: str | None) -> str:
    """A unit as it is printed.

    >>> said_unit("mm2"), said_unit("deg"), said_unit(None)
    ('mm²', '°', '')
    """
    return _PRINTED.get(unit or "", unit or "")


def _listed(value: Any) -> Any:
    """Small arrays as lists, large ones as nothing to measure."""
    if isinstance(value, np.ndarray):
        return [] if value.size > LARGE else value.tolist()
    if isinstance(value, Mapping):
        return {key: _listed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_listed(item) for item in value]
    return value


def write_table(rows: Iterable[Row], path: Path) -> None:
    """Write measures as CSV or as Parquet, as the file's ending says.

    Raises:
        InputError: another ending.
        FoveolaError: Parquet, and nothing here writes it.
    """
    if path.suffix == ".csv":
        write_atomically(path, as_csv(rows))
    elif path.suffix == ".parquet":
        content = as_parquet(rows)
        if content is None:
            raise FoveolaError("a .parquet file needs pyarrow: pip install 'foveola[parquet]'")
        write_atomically(path, content)
    else:
        raise InputError(str(path), "ends neither in .csv nor in .parquet")


@dataclass(frozen=True)
class Change:
    """What became of a measure from one result to another.

    Attributes:
        output: the recipe's output.
        measure: its place in it.
        unit: of its numbers.
        before: its value in the one.
        after: its value in the other.
    """

    output: str
    measure: str
    unit: str | None
    before: Any
    after: Any

    @property
    def name(self) -> str:
        """Output and place."""
        return f"{self.output}.{self.measure}" if self.measure else self.output

    @property
    def difference(self) -> float | None:
        """After less before; None if one of them is no number."""
        if not (_is_number(self.before) and _is_number(self.after)):
            return None
        return float(self.after) - float(self.before)

    @property
    def percent(self) -> float | None:
        """The difference as a share of what was before, %."""
        return None if self.difference is None or not self.before else 100 * self.difference / abs(float(self.before))

    @property
    def is_noise(self) -> bool:
        """Whether the numbers differ by no more than sums do."""
        return self.difference is not None and is_noise(self.difference, self.before)

    @property
    def is_change(self) -> bool:
        """Whether they differ."""
        return bool(self.difference) if self.difference is not None else bool(self.before != self.after)


def changes_between(before: Reported, after: Reported) -> list[Change]:
    """Every measure that either result has."""
    ones, others = ({(row.output, row.measure): row for row in measures_of(one)} for one in (before, after))
    found = []
    for output, measure in dict.fromkeys([*ones, *others]):
        one, other = ones.get((output, measure)), others.get((output, measure))
        unit = (one.unit if one else None) or (other.unit if other else None)
        found.append(Change(output, measure, unit, one.value if one else None, other.value if other else None))
    return found


def is_noise(difference: float, of: float) -> bool:
    """Whether a difference is no more than `NOISE`."""
    return abs(difference) <= NOISE * max(1.0, abs(of))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
