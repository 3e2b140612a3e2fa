"""What was drawn of a layer on some slices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from foveola import InputError, Output, operation
from foveola_oct.retina import Borders, Instance, LayerSegmentation, Outlines
from foveola_oct.retina.thickness import axial_intervals, runs
from foveola_oct.retina.window import MOST_SAMPLES

Floats = NDArray[np.float64]

ILM = "ilm"
"""The inner limiting membrane, where the retina begins: a border, though a model may have a class for it."""


class LayerLines(Output):
    """A layer on some slices."""

    lines: tuple[tuple[Instance, ...], ...]
    """Its outlines on each of the slices, or the open lines of the ILM from left to right; none where it is missing."""


@operation("layers_on_slices")
def layers_on_slices(
    segmentation_instances: LayerSegmentation,
    layer: Annotated[str, Field(min_length=1)],
    slices: tuple[int, ...] | None = None,
) -> LayerLines:
    """Pick what was drawn of a layer: the ILM of the slices through the optic nerve head for one.

    Between borders a layer is outlined with a vertex per column, and the first border is the ILM. Of outlines the ILM,
    unless it has a class of its own, is the upper end of the uppermost one in each column. Outlines and lines end where
    a border is missing, and begin anew behind the gap.

    Args:
        segmentation_instances: layers on every slice, as outlines or as borders.
        layer: the layer, by its name.
        slices: indices of the slices, in the order of the answer; null is all.

    Raises:
        InputError: a slice outside the exam, or outlines beyond any image.

    Sources:
        Geometry alone: no number is taken from elsewhere.

    >>> layers_on_slices.call({
    ...     "segmentation_instances": {"borders": [[[7, 7, 8]], [[9, 9, None]]], "layers": ["rnfl"]}, "layer": "ilm"})
    {'lines': [[{'points': [[0.0, 7.0], [1.0, 7.0], [2.0, 8.0]], 'className': 'ilm'}]]}
    """
    count, known = segmentation_instances.num_slices, segmentation_instances.layer_names
    if outside := [index for index in slices or () if not 0 <= index < count]:
        raise InputError("slices", f"names slice {outside[0]}; the exam has slices 0 to {count - 1}")
    picked, form = range(count) if slices is None else slices, segmentation_instances.form
    if layer == ILM and ILM not in known:
        first = form.borders[0] if isinstance(form, Borders) else _upper_ends(form, picked)
        return LayerLines(lines=tuple(tuple(_open_lines(first[index])) for index in picked))
    if layer not in known:
        missing = f"no slice has {layer} (there are {', '.join(known) or 'no layers at all'})"
        return LayerLines(lines=((),) * len(picked), warnings=(missing,))
    if isinstance(form, Outlines):
        outlines = form.only([layer])
        return LayerLines(lines=tuple(outlines.on_slice(index) for index in picked))
    upper = known.index(layer)
    sides = form.borders[upper : upper + 2]
    return LayerLines(lines=tuple(tuple(_closed_outlines(layer, *sides[:, index])) for index in picked))


def _upper_ends(outlines: Outlines, picked: Sequence[int]) -> Floats:
    """The y of the uppermost outline [slices, columns], of the slices that are picked; NaN where there is none."""
    outlines = outlines.kept(np.isin(outlines.slices, picked))
    width = max(0, int(np.floor(outlines.points[:, 0].max(initial=-1))) + 1)
    if outlines.num_slices * width > MOST_SAMPLES:
        reach = f"reaches column {width - 1:,} on one of {outlines.num_slices:,} slices"
        raise InputError("segmentation_instances", f"{reach}: no scan has so many samples")
    found = axial_intervals(outlines.points, outlines.offsets, columns=np.arange(width, dtype=float), width=width)
    top = np.full((outlines.num_slices, width), np.nan)
    np.fmin.at(top, (outlines.slices[found.instance], found.column), found.top)
    return top


def _open_lines(rows: Floats) -> Iterator[Instance]:
    for run in runs(np.isfinite(rows)):
        yield Instance(points=np.column_stack([np.arange(run.start, run.stop), rows[run]]), class_name=ILM)


def _closed_outlines(layer: str, top: Floats, bottom: Floats) -> Iterator[Instance]:
    """There along the upper border and back along the lower one, wherever they are for more than one column."""
    for run in runs(bottom >= top):
        columns = np.arange(run.start, run.stop)
        if columns.size > 1:
            there, back = (np.column_stack([columns, rows[run]]) for rows in (top, bottom))
            yield Instance(points=np.concatenate([there, back[::-1]]), class_name=layer)
