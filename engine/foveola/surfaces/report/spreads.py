"""One measure of many exams: how it is spread, and who lies apart."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median, stdev
from typing import NamedTuple

from foveola.surfaces.report.measures import is_noise
from foveola.surfaces.report.svg import INK, LINE, drawing, group, tag

ROBUST = 1.4826
"""Median absolute deviations in a standard deviation of normal data."""
FAR = 3.5
"""Robust deviations from the median that make an outlier (Iglewicz and Hoaglin 1993)."""
FEWEST = 5
"""Exams, of one eye's side, of which an outlier can be told."""
MOST_MARKS = 200
"""Values that are drawn one by one; of more the picture is a histogram, outliers apart."""
COLOURS = ("#1f4fb8", "#b3261e", "#1b7f3b", "#7a4fbf")
"""Of sides, in the order of their names."""

_WIDE, _HIGH, _MARGIN = 240.0, 26.0, 8.0
_BINS = 56


class Outlier(NamedTuple):
    """An exam that lies apart: its number in the cohort, its value."""

    exam: int
    value: float


@dataclass(frozen=True)
class Spread:
    """A measure over all exams.

    Attributes:
        name: output and place.
        unit: of its numbers.
        count: exams that have it.
        missing: exams in which it is null.
        mean: of them.
        deviation: standard deviation of a sample; None of one.
        middle: the median.
        least: the smallest.
        most: the greatest.
        outliers: exams that lie apart from others of the same side, in the order of their values.
        picture: every value as a mark on a line, or how many there are along it.
    """

    name: str
    unit: str
    count: int
    missing: int
    mean: float
    deviation: float | None
    middle: float
    least: float
    most: float
    outliers: list[Outlier]
    picture: str


class Sample:
    """The values of a measure, collected exam by exam: two numbers each, whatever the number of exams."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.unit = ""
        self._missing = 0
        self._values: dict[str, array[float]] = {}
        self._exams: dict[str, array[int]] = {}

    def add(self, exam: int, side: str, value: float | None, unit: str) -> None:
        """Note the value of an exam, by its number; null is counted apart."""
        self.unit = self.unit or unit
        if value is None:
            self._missing += 1
            return
        self._values.setdefault(side, array("d")).append(value)
        self._exams.setdefault(side, array("L")).append(exam)

    @property
    def count(self) -> int:
        """How many exams have it."""
        return sum(map(len, self._values.values()))

    def spread(self) -> Spread:
        """What is known when all exams have been seen; there must be one that has it."""
        values = sorted(value for of_side in self._values.values() for value in of_side)
        far = {side: _far(self._exams[side], of_side) for side, of_side in sorted(self._values.items())}
        return Spread(
            name=self.name,
            unit=self.unit,
            count=len(values),
            missing=self._missing,
            mean=fmean(values),
            deviation=stdev(values) if len(values) > 1 else None,
            middle=median(values),
            least=values[0],
            most=values[-1],
            outliers=sorted((one for of_side in far.values() for one in of_side), key=lambda one: one.value),
            picture=_picture(self.name, self._values, far, median(values)),
        )


def _far(exams: Sequence[int], values: Sequence[float]) -> list[Outlier]:
    if len(values) < FEWEST:
        return []
    middle = median(values)
    limit = FAR * ROBUST * median(abs(value - middle) for value in values)
    return [
        Outlier(exam, value)
        for exam, value in zip(exams, values, strict=True)
        if limit and abs(value - middle) > limit and not is_noise(value - middle, middle)
    ]


def _picture(
    name: str, values: Mapping[str, Sequence[float]], far: Mapping[str, Sequence[Outlier]], middle: float
) -> str:
    """The values along a line, the median across it; sides above one another, outliers ringed."""
    least, most = (end(end(of_side) for of_side in values.values()) for end in (min, max))

    def x(value: float) -> float:
        return _MARGIN + (_WIDE - 2 * _MARGIN) * ((value - least) / (most - least) if most > least else 0.5)

    high = _HIGH / len(far)
    shapes = [
        tag("line", x1=_MARGIN, x2=_WIDE - _MARGIN, y1=_HIGH - 2, y2=_HIGH - 2, stroke=LINE),
        tag("line", x1=x(middle), x2=x(middle), y1=2, y2=_HIGH - 2, stroke=INK, stroke_width=1),
    ]
    for place, (side, apart) in enumerate(far.items()):
        rings = {one.value for one in apart}
        near = [x(value) for value in values[side] if value not in rings]
        draw = _marks if sum(map(len, values.values())) <= MOST_MARKS else _bars
        ringed = (
            tag("circle", cx=x(value), cy=high * (place + 0.5), r=4, fill="none", stroke_width=1.6) for value in rings
        )
        colour = COLOURS[place % len(COLOURS)]
        shapes.append(group(*draw(near, high * place, high), *ringed, fill=colour, stroke=colour, fill_opacity=0.6))
    return drawing(_WIDE, _HIGH, f"Spread of {name}", *shapes)


def _marks(places: Sequence[float], top: float, high: float) -> list[str]:
    return [tag("circle", cx=x, cy=top + high / 2, r=2.6, stroke_width=0) for x in places]


def _bars(places: Sequence[float], top: float, high: float) -> list[str]:
    """How many lie in each part of the line; the highest bar is as high as there is room."""
    wide = (_WIDE - 2 * _MARGIN) / _BINS
    counts = [0] * _BINS
    for x in places:
        counts[min(_BINS - 1, int((x - _MARGIN) / wide))] += 1
    room = (high - 2) / max(counts)
    return [
        tag("rect", x=_MARGIN + k * wide, y=top + high - count * room, width=wide, height=count * room, stroke_width=0)
        for k, count in enumerate(counts)
        if count
    ]
