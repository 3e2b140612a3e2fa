"""One line, the inner limiting membrane say, on each of some B-scans, in any of the forms in which models give it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np

from foveola import Array, InputError, Record
from foveola_oct.retina.outlines import clean_outline, parse_points
from foveola_oct.retina.segmentation import Instance


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
        lines = []
        for place, line in enumerate(value):
            try:
                lines.append(_read_line(line))
            except InputError as error:
                raise error.below(str(place)) from None
            except ValueError as error:
                raise InputError(str(place), str(error)) from None
        return cls(lines=tuple(lines))


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
    columns = np.flatnonzero(np.isfinite(rows))
    pieces = np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1)
    return tuple(
        Instance(points=np.column_stack([piece, rows[piece]]), class_name="line") for piece in pieces if piece.size
    )
