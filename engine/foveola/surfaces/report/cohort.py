"""Many exams on one page: how each measure is spread, who lies apart, what failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson

from foveola.errors import InputError
from foveola.running.cohort import ERRORS
from foveola.running.table import Row
from foveola.surfaces.report.measures import measures_of
from foveola.surfaces.report.page import render
from foveola.surfaces.report.results import Reported
from foveola.surfaces.report.spreads import COLOURS, Sample

MOST_MEASURES = 300
MOST_OUTLIERS = 12
"""Of a measure, named; the rest are counted."""
MOST_WORDS = 12
"""What answers more words names things, and finds none."""


@dataclass(frozen=True)
class Member:
    """An exam of a cohort.

    Attributes:
        name: of the exam.
        link: to its report.
        laterality: whose eye; may be empty.
        recipe: that it was run with.
        warnings: how many there are.
        skipped: how many steps were.
        failed: why each step that failed did.
    """

    name: str
    link: str
    laterality: str
    recipe: str
    warnings: int
    skipped: int
    failed: Mapping[str, str]


class Cohort:
    """Many exams, seen one after the other; of each only its numbers are kept.

    Args:
        folder: where the page lies; links begin there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._members: list[Member] = []
        self._samples: dict[str, Sample] = {}
        self._words: dict[str, Counter[str]] = {}

    def add(self, reported: Reported, page: Path) -> None:
        """See an exam.

        Args:
            reported: its result.
            page: its report.
        """
        for row in measures_of(reported):
            self._note(len(self._members), row)
        self._members.append(
            Member(
                reported.name,
                _link(page, self._folder),
                str(reported.exam.get("laterality") or ""),
                str(reported.content["recipe"]),
                len(reported.content["warnings"]),
                len(reported.skipped),
                reported.failed,
            )
        )

    def _note(self, exam: int, row: Row) -> None:
        name = f"{row.output}.{row.measure}".rstrip(".")
        if isinstance(row.value, str | bool):
            if not any(part.isdigit() for part in row.measure.split(".")):  # items of lists are named, not found
                word = row.value if isinstance(row.value, str) else "yes" if row.value else "no"
                self._words.setdefault(name, Counter())[word] += 1
            return
        self._samples.setdefault(name, Sample(name)).add(exam, row.laterality or "", row.value, row.unit or "")

    def page(self, failures: Sequence[Mapping[str, Any]]) -> str:
        """The page about all of them.

        Args:
            failures: what `errors.jsonl` says.

        Raises:
            FoveolaError: Jinja is not installed.
        """
        common = [sample for sample in self._samples.values() if sample.count > 1]
        spreads = [sample.spread() for sample in common[:MOST_MEASURES]]
        sides = sorted({member.laterality for member in self._members if member.laterality})
        return render(
            "cohort.html",
            members=self._members,
            links={member.name: member.link for member in self._members},
            spreads=spreads,
            left_out=len(common) - len(spreads),
            most_outliers=MOST_OUTLIERS,
            words={name: counts.most_common() for name, counts in self._words.items() if _is_finding(counts)},
            failures=self._failures(failures),
            colours=dict(zip(sides, COLOURS, strict=False)),
            apart=Counter(far.exam for spread in spreads for far in spread.outliers),
        )

    def _failures(self, told: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
        """Each failure once: exam, step, message."""
        found = [(str(one.get("exam")), str(one.get("step") or "\N{EN DASH}"), str(one.get("message"))) for one in told]
        found += [(member.name, step, reason) for member in self._members for step, reason in member.failed.items()]
        seen = {(exam, step): message for exam, step, message in reversed(found)}
        return [(exam, step, message) for (exam, step), message in reversed(seen.items())]


def read_failures(folders: Iterable[Path]) -> list[dict[str, Any]]:
    """What `errors.jsonl` of some folders says.

    Raises:
        InputError: a line is no record.
    """
    found = []
    for folder in dict.fromkeys(folders):
        path = folder / ERRORS
        if not path.is_file():
            continue
        for number, line in enumerate(path.read_bytes().splitlines(), start=1):
            try:
                found.append(dict(orjson.loads(line)))
            except (orjson.JSONDecodeError, TypeError, ValueError) as error:
                raise InputError(str(path), f"line {number} is no record: {error}") from None
    return found


def _is_finding(counts: Counter[str]) -> bool:
    return len(counts) <= MOST_WORDS and max(map(len, counts)) < 60  # noqa: PLR2004  longer than that is a text


def _link(path: Path, folder: Path) -> str:
    """A link that works wherever both files are taken together."""
    return quote(path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.as_posix())
