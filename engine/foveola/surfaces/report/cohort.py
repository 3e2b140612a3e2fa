"""Many exams on one page: how each measure is spread, who lies apart, what failed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median, stdev
from typing import Any
from urllib.parse import quote

import orjson

from foveola.errors import ExamError
from foveola.running.table import Row
from foveola.surfaces.report.measures import measures_of
from foveola.surfaces.report.page import render
from foveola.surfaces.report.results import Reported
from foveola.surfaces.report.svg import INK, LINE, drawing, group, tag

ROBUST = 1.4826
"""Median absolute deviations in a standard deviation of normal data."""
FAR = 3.5
"""Robust deviations from the median that make an outlier (Iglewicz and Hoaglin 1993)."""
FEWEST = 5
"""Exams, of one eye's side, of which an outlier can be told."""
MOST_MEASURES = 300

_WIDE, _HIGH = 240.0, 26.0
_COLOURS = ("#1f4fb8", "#b3261e", "#1b7f3b", "#7a4fbf")


@dataclass(frozen=True)
class Outlier:
    """An exam that lies apart: its name, its report, its value."""

    exam: str
    link: str
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
        outliers: exams that lie apart from others of the same side.
        picture: every value as a mark on a line.
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


def cohort_page(reports: Mapping[Path, Reported], failures: Sequence[Mapping[str, Any]], folder: Path) -> str:
    """The page of many exams.

    Args:
        reports: each result under the path of its report.
        failures: what `errors.jsonl` says.
        folder: where the page lies; links begin there.

    Raises:
        FoveolaError: Jinja is not installed.
    """
    links = {reported.name: _link(path, folder) for path, reported in reports.items()}
    rows = [row for reported in reports.values() for row in measures_of(reported)]
    spreads, left_out = spreads_of(rows, links)
    sides = sorted({row.laterality for row in rows if row.laterality})
    words = _counted(rows)
    return render(
        "cohort.html",
        reports=reports.values(),
        links=links,
        spreads=spreads,
        left_out=left_out,
        words=words,
        failures=_failures(reports.values(), failures),
        colours=dict(zip(sides, _COLOURS, strict=False)),
        outliers=sum(len(spread.outliers) for spread in spreads),
    )


def read_failures(folders: Iterable[Path]) -> list[dict[str, Any]]:
    """What `errors.jsonl` of some folders says.

    Raises:
        ExamError: a line is no JSON.
    """
    found = []
    for folder in dict.fromkeys(folders):
        path = folder / "errors.jsonl"
        if not path.is_file():
            continue
        for number, line in enumerate(path.read_bytes().splitlines(), start=1):
            try:
                found.append(dict(orjson.loads(line)))
            except (orjson.JSONDecodeError, TypeError, ValueError) as error:
                raise ExamError(path, f"line {number} is no record: {error}") from None
    return found


def spreads_of(rows: Sequence[Row], links: Mapping[str, str]) -> tuple[list[Spread], int]:
    """How each measure that at least two exams have is spread, and how many measures are left out."""
    by_measure: dict[str, list[Row]] = {}
    for row in rows:
        if row.value is None or (isinstance(row.value, int | float) and not isinstance(row.value, bool)):
            by_measure.setdefault(f"{row.output}.{row.measure}".rstrip("."), []).append(row)
    common = {
        name: of_measure
        for name, of_measure in by_measure.items()
        if sum(row.value is not None for row in of_measure) > 1
    }
    shown = list(common.items())[:MOST_MEASURES]
    return [_spread(name, of_measure, links) for name, of_measure in shown], len(common) - len(shown)


def _spread(name: str, rows: Sequence[Row], links: Mapping[str, str]) -> Spread:
    known = [(row, float(row.value)) for row in rows if isinstance(row.value, int | float)]
    values = [value for _, value in known]
    outliers = [
        Outlier(row.exam, links.get(row.exam, ""), value)
        for side in {row.laterality for row, _ in known}
        for row, value in _far([one for one in known if one[0].laterality == side])
    ]
    return Spread(
        name=name,
        unit=next((row.unit for row in rows if row.unit), ""),
        count=len(values),
        missing=len(rows) - len(values),
        mean=fmean(values),
        deviation=stdev(values) if len(values) > 1 else None,
        middle=median(values),
        least=min(values),
        most=max(values),
        outliers=sorted(outliers, key=lambda one: one.value),
        picture=_strip(name, known, {one.exam for one in outliers}),
    )


def _far(known: Sequence[tuple[Row, float]]) -> list[tuple[Row, float]]:
    if len(known) < FEWEST:
        return []
    middle = median(value for _, value in known)
    deviation = ROBUST * median(abs(value - middle) for _, value in known)
    return [(row, value) for row, value in known if deviation and abs(value - middle) > FAR * deviation]


def _strip(name: str, known: Sequence[tuple[Row, float]], far: set[str]) -> str:
    """Every value as a mark, the median as a line; sides above one another, outliers ringed."""
    values = [value for _, value in known]
    least, most = min(values), max(values)
    sides = sorted({row.laterality or "" for row, _ in known})

    def x(value: float) -> float:
        return 8 + (_WIDE - 16) * ((value - least) / (most - least) if most > least else 0.5)

    marks: dict[str, list[str]] = {side: [] for side in sides}
    for row, value in known:
        side = row.laterality or ""
        y = _HIGH * (sides.index(side) + 1) / (len(sides) + 1)
        is_far = row.exam in far
        marks[side].append(
            tag(
                "circle",
                cx=x(value),
                cy=y,
                r=4 if is_far else 2.6,
                fill="none" if is_far else None,
                stroke_width=1.6 if is_far else 0,
            )
        )
    middle = x(median(values))
    return drawing(
        _WIDE,
        _HIGH,
        f"Spread of {name}",
        tag("line", x1=8, x2=_WIDE - 8, y1=_HIGH - 2, y2=_HIGH - 2, stroke=LINE),
        tag("line", x1=middle, x2=middle, y1=2, y2=_HIGH - 2, stroke=INK, stroke_width=1),
        *(
            group(*marks[side], fill=colour, stroke=colour, fill_opacity=0.6)
            for side, colour in zip(sides, _COLOURS * len(sides), strict=False)
        ),
    )


def _counted(rows: Iterable[Row]) -> dict[str, dict[str, int]]:
    """How often each word was answered, by measure; what has many words, or stands in a list, is a name, no finding."""
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        if isinstance(row.value, str | bool) and not any(part.isdigit() for part in row.measure.split(".")):
            name = f"{row.output}.{row.measure}".rstrip(".")
            counts = found.setdefault(name, {})
            word = row.value if isinstance(row.value, str) else "yes" if row.value else "no"
            counts[word] = counts.get(word, 0) + 1
    few = {name: counts for name, counts in found.items() if len(counts) <= 12 and max(map(len, counts)) < 60}  # noqa: PLR2004  words of a list
    return {name: dict(sorted(counts.items(), key=lambda one: -one[1])) for name, counts in few.items()}


def _failures(reports: Iterable[Reported], told: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """Each failure once: exam, step, message."""
    found = [(str(one.get("exam")), str(one.get("step") or "\N{EN DASH}"), str(one.get("message"))) for one in told]
    found += [(reported.name, step, reason) for reported in reports for step, reason in reported.failed.items()]
    seen = {(exam, step): message for exam, step, message in reversed(found)}
    return [(exam, step, message) for (exam, step), message in reversed(seen.items())]


def _link(path: Path, folder: Path) -> str:
    """A link that works wherever both files are taken together."""
    return quote(path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.as_posix())
