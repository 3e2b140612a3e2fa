"""Results as a tidy table: one row for each exam, eye and measure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Any, NamedTuple, Self

from foveola.operations import Output
from foveola.planning.plan import Plan, PlannedStep
from foveola.planning.types import Each, NoSuchPartError, bare_type, is_record, part_type, stripped, unit_in
from foveola.recipes.model import Constant, Expression, Reference
from foveola.units import Unit, UnitBy

LONGEST_LIST = 100
"""A list of more is a picture (an outline, a map), not a set of measures."""

Value = float | str | bool | None


class Row(NamedTuple):
    """One measure of one exam; `measure` is its place in the output, keys joined by dots."""

    exam: str
    laterality: str | None
    output: str
    measure: str
    value: Value
    unit: str | None
    coverage: float | None


class Measures:
    """The measures that results of one recipe have.

    Args:
        plan: of the recipe; knows the outputs' types, and by them the units. None: no unit is known.
    """

    def __init__(self, plan: Plan | None) -> None:
        self._plan = plan
        self._units: dict[tuple[str, ...], str | None] = {}  # exams have the same measures
        self._exams: dict[tuple[str, ...], tuple[str, ...]] = {}  # likewise

    def rows_of(self, content: Mapping[str, Any]) -> Iterator[Row]:
        """The measures of a result.

        Args:
            content: the result as its file holds it.
        """
        coverages, words = content["provenance"]["coverage"], content["provenance"]["exam"]
        for output, value in content["outputs"].items():
            for path, leaf in _leaves(value):
                laterality = words_of_exam(words, self._exam_of(output, path)).get("laterality")
                measure, coverage = ".".join(path), _coverage_at(coverages.get(output), path)
                yield Row(
                    content["exam"]["name"], laterality, output, measure, leaf, self._unit_of(output, path), coverage
                )

    def _exam_of(self, output: str, path: tuple[str, ...]) -> tuple[str, ...]:
        """The way to the exam that a measure is of."""
        if self._plan is None:
            return ()
        place = (output, *path)
        if place not in self._exams:
            self._exams[place] = _exam_path(self._plan, self._plan.outputs.get(output), path)
        return self._exams[place]

    def _unit_of(self, output: str, path: tuple[str, ...]) -> str | None:
        if self._plan is None:
            return None
        place = (output, *path)
        if place not in self._units:
            unit = _unit_at(self._plan.output_types.get(output, Any), path)
            if isinstance(unit, UnitBy):
                unit = _decided(unit, self._plan.outputs.get(output), path, self._plan)
            self._units[place] = None if unit is None else unit.symbol
        return self._units[place]


def words_of_exam(words: Mapping[str, Any], way: Iterable[str]) -> Mapping[str, Any]:
    """What a result says of an exam that lies within its own; nothing if there is none.

    >>> words_of_exam({"left": {"laterality": "L"}}, ["left"])
    {'laterality': 'L'}
    """
    for name in way:
        inner = words.get(name)
        words = inner if isinstance(inner, Mapping) else {}
    return words


def _exam_path(plan: Plan, expression: Expression | None, path: tuple[str, ...]) -> tuple[str, ...]:
    """The way to the exam that the step ran on which answered what lies at a path in an output."""
    step = plan.steps.get(expression.name) if isinstance(expression, Reference) else None
    if step is None or step.plan is None or not isinstance(expression, Reference):
        return ()
    inner = (*expression.path, *(path if step.foreach is None else path[1:]))
    further = _exam_path(step.plan, step.plan.outputs.get(inner[0]), inner[1:]) if inner else ()
    return (*step.exam_path, *further)


def _leaves(value: Any) -> Iterator[tuple[tuple[str, ...], Value]]:
    """Numbers and words in a plain value, each with its path; null too, since not measured is a result."""
    if isinstance(value, Mapping):
        items: Iterable[tuple[Any, Any]] = value.items()
    elif isinstance(value, list):
        items = enumerate(value) if _count(value) <= LONGEST_LIST else ()
    else:
        yield (), value
        return
    for key, item in items:
        yield from (((str(key), *path), leaf) for path, leaf in _leaves(item))


def _count(value: Any) -> int:
    """How many items an array has, written as lists in lists; a map among them is one."""
    return sum(map(_count, value)) if isinstance(value, list) else 1


# Units


def _unit_at(annotation: Any, path: Iterable[str]) -> Unit | UnitBy | None:
    """The unit of what lies at a path in a value of a type; of parts that say none, that of the whole."""
    unit = unit_in(annotation)
    for part in path:
        core = stripped(annotation)
        if isinstance(core, Each):  # the part is the key of an item
            annotation = core.item
            continue
        try:
            annotation = part_type(_shown(annotation), part)
        except NoSuchPartError:
            break
        unit = unit_in(annotation) or unit
    return unit


def _shown(annotation: Any) -> Any:
    """The type as which a value is shown: that of the bare field of a record that has one."""
    core = stripped(annotation)
    return bare_type(core) or annotation if is_record(core) and issubclass(core, Output) else annotation


def _decided(unit: UnitBy, expression: Expression | None, path: tuple[str, ...], plan: Plan) -> Unit | None:
    """The unit that a parameter of the output's step decides, where the recipe says that parameter."""
    step = plan.steps.get(expression.name) if isinstance(expression, Reference) else None
    if step is None or not isinstance(expression, Reference):
        return None
    if step.plan is not None:
        inner = (*expression.path, *(path if step.foreach is None else path[1:]))
        return _decided(unit, step.plan.outputs.get(inner[0]), inner[1:], step.plan) if inner else None
    return _decided_by(unit, step)


def _decided_by(unit: UnitBy, step: PlannedStep) -> Unit | None:
    binding = step.bindings.get(unit.parameter)
    if binding is None:
        return None
    if binding.expression is None:
        return unit.choose(binding.parameter.default)
    return unit.choose(binding.expression.value) if isinstance(binding.expression, Constant) else None


# Coverage


def _coverage_at(coverage: Any, path: tuple[str, ...]) -> float | None:
    """The coverage of what a measure is about.

    An answer that has further fields beside its statistics says coverage by the keys within these.
    """
    for inner in (path, path[1:]):
        found = _number_on_the_way(coverage, inner)
        if found is not None:
            return found
    return None


def _number_on_the_way(coverage: Any, path: Iterable[str]) -> float | None:
    for part in path:
        if isinstance(coverage, Mapping):
            coverage = coverage.get(part)
        elif isinstance(coverage, list) and part.isdigit() and int(part) < len(coverage):
            coverage = coverage[int(part)]
        else:
            break
    return coverage if isinstance(coverage, int | float) else None


# Files


def as_csv(rows: Iterable[Row]) -> bytes:
    """The rows as CSV with a header, numbers in full."""
    return csv_lines([Row._fields]) + csv_lines(rows)


def csv_lines(rows: Iterable[Iterable[Any]]) -> bytes:
    """Rows as lines of CSV; truth is written as recipes write it."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(
        [str(cell).lower() if isinstance(cell, bool) else cell for cell in row] for row in rows
    )
    return text.getvalue().encode()


def as_parquet(rows: Iterable[Row]) -> bytes | None:
    """The rows as Parquet; None without the extra `parquet`."""
    if not can_write_parquet():
        return None
    buffer = io.BytesIO()
    with ParquetTable(buffer) as table:
        table.add(rows)
    return buffer.getvalue()


def can_write_parquet() -> bool:
    """Whether the extra `parquet` is installed."""
    try:
        import pyarrow.parquet  # noqa: F401, PLC0415  the extra `parquet`
    except ImportError:
        return False
    return True


class ParquetTable:
    """A Parquet file in the making: numbers are in the column `value`, words in `text`.

    Args:
        file: open for writing.
    """

    _GROUP = 100_000
    """So many rows are written at once."""

    def __init__(self, file: IO[bytes]) -> None:
        import pyarrow as pa  # noqa: PLC0415  the extra `parquet`
        from pyarrow import parquet  # noqa: PLC0415  likewise

        kinds = {name: pa.float64() if name in {"value", "coverage"} else pa.string() for name in Row._fields}
        self._schema = pa.schema(kinds | {"text": pa.string()})
        self._table_of = pa.table
        self._writer = parquet.ParquetWriter(file, self._schema)
        self._rows: list[tuple[Any, ...]] = []

    def add(self, rows: Iterable[Row]) -> None:
        """Add rows, some of which may wait for more."""
        for row in rows:
            is_number = isinstance(row.value, int | float) and not isinstance(row.value, bool)
            text = None if is_number or row.value is None else _as_text(row.value)
            self._rows.append((*row._replace(value=row.value if is_number else None), text))
        if len(self._rows) >= self._GROUP:
            self._write()

    def _write(self) -> None:
        columns = zip(*self._rows, strict=True) if self._rows else [()] * len(self._schema.names)
        cells = {name: list(column) for name, column in zip(self._schema.names, columns, strict=True)}
        self._writer.write_table(self._table_of(cells, schema=self._schema))
        self._rows.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._write()
        self._writer.close()


def _as_text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
