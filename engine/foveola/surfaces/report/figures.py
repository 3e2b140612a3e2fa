"""What a report shows of a result: pictures where a plugin draws one, tables where nobody does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from foveola.errors import sentence
from foveola.hookspecs import Picture, Subject, Table
from foveola.registry import Registry
from foveola.running.table import Row
from foveola.surfaces.report.measures import measures_of, said_unit
from foveola.surfaces.report.results import Reported, Shown

LONGEST_TABLE = 30
"""Rows of a table that is open; a longer one is folded, and ends after `LONGEST_FOLDED`."""
LONGEST_FOLDED = 400
FEW = 4
"""Items of a list that are told in one line."""


@dataclass
class Section:
    """A heading with pictures, their numbers beside them.

    Attributes:
        title: what it shows.
        names: what the recipe calls it.
        pictures: at least one, or none and a table.
        table: of a section without pictures.
        left_out: rows that its table does not show.
    """

    title: str
    names: list[str]
    pictures: list[Picture] = field(default_factory=list)
    table: Table | None = None
    left_out: int = 0

    @property
    def is_long(self) -> bool:
        """Whether its table is folded."""
        return self.table is not None and len(self.table.rows) > LONGEST_TABLE


@dataclass
class Fact:
    """One word or number.

    Attributes:
        label: what it is.
        value: it.
        unit: of a number; may be empty.
        names: what the recipe calls it; more than one where several steps were given, and so answered, the same.
    """

    label: str
    value: Any
    unit: str
    names: list[str] = field(default_factory=list)


@dataclass
class Figures:
    """Everything that is shown of a result.

    Attributes:
        heading: the exam, as a plugin says it; None: as the engine can.
        glance: the outputs that are one word or number each.
        sections: the rest, in the order of the recipe.
        problems: renderers that did not get to the end.
    """

    heading: Picture | None = None
    glance: list[Fact] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def figures_of(reported: Reported, registry: Registry, before: Reported | None = None) -> Figures:
    """Ask for every picture of a result.

    Args:
        reported: the result.
        registry: who is asked.
        before: an earlier result that it is compared with: then only pictures of changes are asked for.
    """
    return _Asking(reported, registry, before).figures()


class _Asking:
    def __init__(self, reported: Reported, registry: Registry, before: Reported | None) -> None:
        self._reported = reported
        self._registry = registry
        self._before = before
        self._found = Figures()
        self._drawn: dict[str, Section] = {}
        self._steps: set[str] = set()

    def figures(self) -> Figures:
        found, reported = self._found, self._reported
        found.heading = self._ask(Subject("exam", None, (), reported.exam, exam=reported.exam))
        placed: list[tuple[int, Section]] = []
        undrawn: list[Shown] = []
        for shown in self._shown():
            picture = None if shown.subject.operation is None else self._ask(shown.subject)
            if picture is None:
                undrawn.append(shown)
                continue
            self._steps.add(shown.step)
            section = self._place(picture, shown)
            if section is not None:
                placed.append((self._order(shown.step), section))
        if self._before is None:
            for shown in reported.intermediates(frozenset(self._steps)):
                picture = self._ask(shown.subject)
                section = None if picture is None else self._place(picture, shown)
                if section is not None:
                    placed.append((self._order(shown.step), section))
        found.sections = [section for _, section in sorted(placed, key=lambda one: one[0])]
        if self._before is None:
            found.sections += self._tables(undrawn)
        return found

    def _shown(self) -> Iterator[Shown]:
        for shown in self._reported.outputs():
            if shown.subject.value is None:
                continue
            if self._before is None:
                yield shown
                continue
            changed = self._reported.before(shown, self._before)
            if changed.subject.before is not None:
                yield changed

    def _ask(self, subject: Subject) -> Picture | None:
        try:
            found = self._registry.hooks.hook.foveola_picture(subject=subject)
        except Exception as error:  # noqa: BLE001  a plugin may raise anything: its numbers are shown as a table
            self._found.problems.append(f"no picture of {subject.name}: {sentence(error)}")
            return None
        return found if isinstance(found, Picture) else None

    def _place(self, picture: Picture, shown: Shown) -> Section | None:
        """A new section for a picture; None if it joins one, or is there already."""
        name = shown.subject.name
        same = self._drawn.get(picture.markup)
        if same is not None:
            same.names.append(name)
            return None
        base, bracket, _ = name.partition("[")
        group = self._drawn.get(f"{base}[") if bracket else None
        if group is not None:
            group.pictures.append(picture)
            self._drawn[picture.markup] = group
            return None
        title = picture.title.partition(",")[0]
        section = Section(f"{title}, one by one" if bracket else picture.title, [base], [picture])
        self._drawn[picture.markup] = section
        if bracket:
            self._drawn[f"{base}["] = section
        return section

    def _order(self, step: str) -> int:
        names = [name.partition("[")[0] for name in self._reported.states]
        base = step.partition("[")[0]
        return names.index(base) if base in names else len(names)

    def _tables(self, undrawn: list[Shown]) -> Iterator[Section]:
        """What nobody drew: one word or number at a glance, more as a table; of a `foreach` one table for all."""
        rows: dict[str, list[Row]] = {}
        for row in measures_of(self._reported):
            rows.setdefault(row.output, []).append(row)
        done: set[tuple[str, str]] = set()
        glance: dict[tuple[str, tuple[str, ...], str], Fact] = {}
        for shown in undrawn:
            if shown.output is None:
                continue
            if shown.subject.part == ("coverage",) and shown.step in self._steps:
                continue  # it stands beside the picture
            output, path = shown.output
            name = shown.subject.name.partition("[")[0]
            depth = len(path) - ("[" in shown.subject.name)
            if (output, name) in done:
                continue
            done.add((output, name))
            prefix = "".join(f"{key}." for key in path[:depth])
            own = [row for row in rows.get(output, []) if row.measure.startswith(prefix) or row.measure == prefix[:-1]]
            if own and len(own) <= FEW:
                for place, value, unit in _at_a_glance(own, len(prefix)):
                    key = self._reported.key_of(shown.step) or name
                    fact = glance.setdefault((key, shown.subject.part, place), Fact(_label(name, place), value, unit))
                    fact.names.append(f"{name}.{place}" if place else name)
            elif own:
                yield _table_section(name, own, len(prefix))
        self._found.glance = list(glance.values())


def _label(name: str, place: str) -> str:
    """A name without the words that its parts share.

    >>> _label("amd.amd_stage", "amd_stage"), _label("amd.center", "status"), _label("fovea", "")
    ('amd stage', 'amd, center, status', 'fovea')
    """
    parts = [part.replace("_", " ") for part in f"{name}.{place}".split(".") if part]
    kept = [part for part, following in zip_longest(parts, parts[1:]) if not (following or "").startswith(part)]
    return ", ".join(kept)


def _at_a_glance(rows: list[Row], cut: int) -> Iterator[tuple[str, Any, str]]:
    """A few measures, one line each; the items of a list in one line."""
    lines: dict[str, list[Row]] = {}
    for row in rows:
        place, _, last = row.measure[cut:].rpartition(".")
        lines.setdefault(place if last.isdigit() else row.measure[cut:], []).append(row)
    for place, line in lines.items():
        value = line[0].value if len(line) == 1 else ", ".join(_in_words(row.value) for row in line)
        yield place, value, said_unit(line[0].unit)


def _in_words(value: Any) -> str:
    return "\N{EN DASH}" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


def _table_section(name: str, rows: list[Row], cut: int) -> Section:
    table = as_table([(row.measure[cut:], row) for row in rows])
    left_out = max(0, len(table.rows) - LONGEST_FOLDED)
    title = name.replace("_", " ")
    return Section(
        title[:1].upper() + title[1:], [name], table=Table(table.heads, table.rows[:LONGEST_FOLDED]), left_out=left_out
    )


def as_table(measures: list[tuple[str, Row]]) -> Table:
    """Measures as a table: the last of their keys across if all have the same ones, else each in a row."""
    by_place: dict[str, dict[str, Row]] = {}
    for measure, row in measures:
        place, _, last = measure.rpartition(".")
        by_place.setdefault(place, {})[last] = row
    keys = [tuple(one) for one in by_place.values()]
    if len(by_place) > 1 and len(set(keys)) == 1 and 1 < len(keys[0]) <= 7:  # noqa: PLR2004  what a page is wide
        heads = [_with_unit(key, next(iter(by_place.values()))[key].unit) for key in keys[0]]
        return Table(
            ["", *heads], [[place, *(_cell(one[key].value) for key in keys[0])] for place, one in by_place.items()]
        )
    units = [said_unit(row.unit) for _, row in measures]
    return Table(
        ["", "value", "unit"] if any(units) else ["", "value"],
        [
            [measure or "value", _cell(row.value), *([unit] if any(units) else [])]
            for (measure, row), unit in zip(measures, units, strict=True)
        ],
    )


def _with_unit(name: str, unit: str | None) -> str:
    return f"{name}, {said_unit(unit)}" if unit else name


def _cell(value: Any) -> str | float | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if value is None or isinstance(value, str | int | float) else str(value)


def flat(facts: Mapping[str, Any]) -> Table:
    """Words and numbers by name as a table."""
    return Table(("", "value"), [(name.replace("_", " "), _cell(value)) for name, value in facts.items()])
