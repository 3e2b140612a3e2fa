"""Results as a tidy table: one row for each exam, eye and measure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from foveola.operations import Output
from foveola.planning.plan import Plan
from foveola.planning.types import Each, NoSuchPartError, part_type, stripped
from foveola.recipes.model import Constant, Expression, Reference
from foveola.units import Unit, UnitBy, unit_of
from foveola.values import Record

LONGEST_LIST = 100
"""A longer list is a picture (an outline, a map), not a set of measures."""


class Row(NamedTuple):
    """One measure of one exam; `measure` is its place in the output, keys joined by dots."""

    exam: str
    laterality: str | None
    output: str
    measure: str
    value: float | str | bool | None
    unit: str | None
    coverage: float | None


def rows_of(content: Mapping[str, Any], plan: Plan) -> Iterator[Row]:
    """The measures of a result.

    Args:
        content: the result as its file holds it.
        plan: of its recipe; knows the outputs' types, and by them the units.
    """
    coverages = content["provenance"]["coverage"]
    laterality = content["provenance"]["exam"].get("laterality")
    for output, value in content["outputs"].items():
        for path, leaf in _leaves(value):
            yield Row(
                content["exam"]["name"],
                laterality,
                output,
                ".".join(path),
                leaf,
                _unit_at(plan.output_types.get(output, Any), path, plan.outputs.get(output), plan),
                _coverage_at(coverages.get(output), path),
            )


def as_csv(rows: Iterable[Row]) -> bytes:
    """The rows as CSV with a header, numbers in full."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(Row._fields)
    writer.writerows(rows)
    return text.getvalue().encode()


def _leaves(value: Any) -> Iterator[tuple[list[str], Any]]:
    """Numbers and words in a plain value, each with its path; null too, since not measured is a result."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from (([str(key), *path], leaf) for path, leaf in _leaves(item))
    elif isinstance(value, list):
        if len(value) <= LONGEST_LIST:
            for place, item in enumerate(value):
                yield from (([str(place), *path], leaf) for path, leaf in _leaves(item))
    else:
        yield [], value


def _unit_at(annotation: Any, path: Iterable[str], expression: Expression | None, plan: Plan) -> str | None:
    unit = unit_of(annotation)
    for part in path:
        annotation = _shown(annotation)
        try:
            annotation = part_type(annotation, part)
        except NoSuchPartError:
            break
        unit = unit_of(annotation.item if isinstance(annotation, Each) else annotation) or unit
    if isinstance(unit, UnitBy):
        unit = _decided(unit, expression, plan)
    return None if unit is None else unit.symbol


def _decided(unit: UnitBy, expression: Expression | None, plan: Plan) -> Unit | None:
    """The unit that a parameter of the output's step decides, where the recipe says that parameter."""
    step = plan.steps.get(expression.name) if isinstance(expression, Reference) else None
    binding = None if step is None else step.bindings.get(unit.parameter)
    if binding is None:
        return None
    if binding.expression is None:
        return unit.choose(binding.parameter.default)
    return unit.choose(binding.expression.value) if isinstance(binding.expression, Constant) else None


def _shown(annotation: Any) -> Any:
    """The type as which a value is shown: that of the bare field of a record that has one."""
    core = stripped(annotation)
    if isinstance(core, type) and issubclass(core, Record) and core.bare is not None and issubclass(core, Output):
        return core.model_fields[core.bare].annotation
    return annotation.item if isinstance(core, Each) else annotation


def _coverage_at(coverage: Any, path: Iterable[str]) -> float | None:
    for part in path:
        if not isinstance(coverage, Mapping):
            break
        coverage = coverage.get(part)
    return coverage if isinstance(coverage, int | float) else None


def as_parquet(rows: Iterable[Row]) -> bytes | None:
    """The rows as Parquet, numbers and words in columns of their own; None without the extra `parquet`."""
    try:
        import pyarrow as pa  # noqa: PLC0415  the extra `parquet`
        from pyarrow import parquet  # noqa: PLC0415  likewise
    except ImportError:
        return None
    columns: dict[str, list[Any]] = {name: [] for name in (*Row._fields, "text")}
    for row in rows:
        is_number = isinstance(row.value, int | float) and not isinstance(row.value, bool)
        cells = row._replace(value=row.value if is_number else None)._asdict()
        cells["text"] = None if is_number or row.value is None else str(row.value)
        for name, cell in cells.items():
            columns[name].append(cell)
    kinds = {name: pa.float64() if name in {"value", "coverage"} else pa.string() for name in columns}
    buffer = io.BytesIO()
    parquet.write_table(pa.table(columns, schema=pa.schema(kinds)), buffer)
    return buffer.getvalue()
