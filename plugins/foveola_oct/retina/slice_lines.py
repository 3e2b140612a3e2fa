"""One line or one layer on each of some B-scans, in any of the forms in which models give it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

import numpy as np

from foveola import Array, InputError, Record
from foveola_oct.retina.arrays import Floats
from foveola_oct.retina.instances import Instance, read_at
from foveola_oct.retina.intervals import runs, spread
from foveola_oct.retina.outlines import clean_outline, parse_points

RNFL = "rnfl"
"""The class of instances that name none."""


class SliceLines(Record, bare="lines"):
    """One line, the ILM say, on each of some slices."""

    lines: tuple[tuple[Instance, ...], ...]
    """The instances whose upper envelope the line is, slice by slice; none where it is missing.

    An instance whose x never turns back is an open line, its own envelope.
    """

    @classmethod
    def read(cls, value: Any) -> Self:
        """From a list over slices: of nothing, a polyline [[x, y], ...], instances, or y per column with nulls.

        Raises:
            ValueError: it is no list over slices.
            InputError: naming the slice.
        """
        if isinstance(value, cls):
            return value
        if not _is_list(value):
            raise ValueError("takes a list over slices of lines")
        return cls(lines=tuple(read_at(str(place), _read_line, line) for place, line in enumerate(value)))


class NerveLayers(Record, bare="lines"):
    """The nerve fibre layer's outlines on the slices of an exam, or on the nerve's slices only."""

    lines: tuple[tuple[Instance, ...], ...]
    """The outlines, slice by slice."""
    scan_indices: tuple[int, ...] | None = None
    """The slice of each item of `lines`; None where their places say it."""

    @classmethod
    def read(cls, value: Any) -> Self:
        """From a list over slices, of instances or of {"instances": [...]}, or from instances with a `scan_index` each.

        Raises:
            ValueError: it is no list.
            InputError: naming the item.
        """
        if isinstance(value, cls):
            return value
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise ValueError("takes a list of instances with scan_index, or over slices")
        is_flat = all(isinstance(item, Mapping) and "instances" not in item for item in value)
        read = _read_flat if is_flat else _read_instances
        items = [read_at(str(place), read, item) for place, item in enumerate(value)]
        if not is_flat:
            return cls(lines=tuple(items))
        return cls(lines=tuple(lines for lines, _ in items), scan_indices=tuple(index for _, index in items))

    def by_slice(self, num_slices: int, nerve_slices: Sequence[int]) -> list[list[Instance]]:
        """The outlines of every slice of the exam.

        Raises:
            InputError: there are neither as many items as slices nor as many as nerve slices, or a slice is outside.
        """
        slices = self.scan_indices
        if slices is None:
            count = len(self.lines)
            if count not in {num_slices, len(nerve_slices)}:
                raise InputError(
                    "nerve_rnfl_layers",
                    f"speaks of {count} slices; it takes all {num_slices}, or the {len(nerve_slices)} of the nerve",
                )
            slices = tuple(range(num_slices)) if count == num_slices else tuple(nerve_slices)
        by_slice: list[list[Instance]] = [[] for _ in range(num_slices)]
        for place, (index, instances) in enumerate(zip(slices, self.lines, strict=True)):
            if not 0 <= index < num_slices:
                raise InputError(
                    f"nerve_rnfl_layers.{place}.scan_index", f"is {index}; the exam has slices 0 to {num_slices - 1}"
                )
            by_slice[index].extend(instances)
        return by_slice


def upper_envelope(instances: Sequence[Instance]) -> Floats:
    """Join outlines and open lines to what is seen from above, straight from one vertex's column to the next's.

    Returns:
        [pieces, 2 ends, xy], px, from left to right: the parts that some instance covers.

    >>> roof = Instance(points=np.array([(0.0, 9), (4, 5), (8, 9)]), class_name="ilm")
    >>> upper_envelope([roof]).tolist()
    [[[0.0, 9.0], [4.0, 5.0]], [[4.0, 5.0], [8.0, 9.0]]]
    """
    edges = np.concatenate([np.empty((0, 2, 2)), *(_edges(instance.points) for instance in instances)])
    edges = np.take_along_axis(edges, np.argsort(edges[..., :1], axis=1), axis=1)
    columns = np.unique(edges[..., 0])
    edge, piece = spread(*np.searchsorted(columns, edges[..., 0]).T)
    (x0, y0), (x1, y1) = edges[edge, 0].T, edges[edge, 1].T
    rows = np.full((2, max(len(columns) - 1, 0)), np.inf)
    for end, row in enumerate(rows):
        np.minimum.at(row, piece, y0 + (columns[piece + end] - x0) / (x1 - x0) * (y1 - y0))
    covered = np.isfinite(rows[0])
    ends = np.stack([columns[:-1], columns[1:]])
    single = [instance.points[[0, 0]] for instance in instances if len(instance.points) == 1]
    pieces = np.concatenate(
        [np.stack([ends, rows], axis=-1).swapaxes(0, 1)[covered], *np.array(single).reshape(-1, 1, 2, 2)]
    )
    return pieces[np.argsort(pieces[:, 0, 0], kind="stable")]


def open_lines(rows: Floats, class_name: str) -> Iterator[Instance]:
    """The lines from left to right along rows [columns], px, one for each stretch of columns that has one.

    >>> [line.points.tolist() for line in open_lines(np.array([7.0, 8.0, np.nan, 9.0]), "ilm")]
    [[[0.0, 7.0], [1.0, 8.0]], [[3.0, 9.0]]]
    """
    for run in runs(np.isfinite(rows)):
        yield Instance(points=np.column_stack([np.arange(run.start, run.stop), rows[run]]), class_name=class_name)


def _is_list(value: Any) -> bool:
    return (
        np.ndim(value) > 0
        if isinstance(value, np.ndarray)
        else isinstance(value, Sequence) and not isinstance(value, str)
    )


def _read_line(value: Any) -> tuple[Instance, ...]:
    if isinstance(value, Mapping):
        return (Instance.read(value),)
    if value is None or (_is_list(value) and len(value) == 0):
        return ()
    if not _is_list(value):
        raise ValueError("takes a polyline [[x, y], ...], instances, or y per column; [] where there is none")
    if isinstance(value[0], Instance) or (isinstance(value[0], Mapping) and "points" in value[0]):
        return tuple(Instance.read(instance) for instance in value)
    if isinstance(value[0], Mapping | Sequence | np.ndarray):
        polyline = clean_outline(np.vstack([points := parse_points(value), points[-2:0:-1]]))
        return (Instance(points=polyline, class_name="line"),)  # there and back: closed, and no wall is bridged
    rows = Array("columns").read(value)
    if np.isinf(rows).any():
        raise ValueError("holds an infinite row; say null where there is none")
    return tuple(open_lines(rows, "line"))


def _read_instances(value: Any) -> tuple[Instance, ...]:
    if isinstance(value, Mapping):
        value = value.get("instances")
    if value is None:
        return ()
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise ValueError('takes {"instances": [...]} or a list of instances')
    return tuple(
        Instance.read({"className": RNFL, **instance} if isinstance(instance, Mapping) else instance)
        for instance in value
    )


def _read_flat(item: Mapping[str, Any]) -> tuple[tuple[Instance, ...], int]:
    instances, index = _read_instances([item]), item.get("scan_index")
    if not isinstance(index, int | np.integer) or isinstance(index, bool):
        raise InputError("scan_index", "must say, as a whole number, which slice the outline is on")
    return instances, int(index)


def _edges(points: Floats) -> Floats:
    """The edges [n, 2 ends, xy] of an instance: closed, unless its x never turns back."""
    steps = np.diff(points[:, 0])
    if (steps > 0).all() or (steps < 0).all():
        return np.stack([points[:-1], points[1:]], axis=1)
    return np.stack([points, np.roll(points, -1, axis=0)], axis=1)
