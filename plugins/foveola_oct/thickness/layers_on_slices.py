"""What was drawn of a layer on some slices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import numpy as np
from pydantic import Field

from foveola import InputError, Output, operation
from foveola_oct.retina import Borders, Instance, LayerSegmentation, Outlines
from foveola_oct.retina.arrays import Floats
from foveola_oct.retina.outlines import outlines_between
from foveola_oct.retina.slice_lines import open_lines
from foveola_oct.retina.thickness import outermost

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
        return LayerLines(lines=tuple(tuple(open_lines(first[index], ILM)) for index in picked))
    if layer not in known:
        missing = f"no slice has {layer} (there are {', '.join(known) or 'no layers at all'})"
        return LayerLines(lines=((),) * len(picked), warnings=(missing,))
    if isinstance(form, Outlines):
        outlines = form.only([layer])
        return LayerLines(lines=tuple(outlines.on_slice(index) for index in picked))
    upper = known.index(layer)
    sides = form.borders[upper : upper + 2]
    drawn = (outlines_between(*sides[:, index]) for index in picked)
    return LayerLines(
        lines=tuple(tuple(Instance(points=points, class_name=layer) for points in on_slice) for on_slice in drawn)
    )


def _upper_ends(outlines: Outlines, picked: Sequence[int]) -> Floats:
    """The y of the uppermost outline [slices, columns], of the slices that are picked; NaN where there is none."""
    outlines = outlines.kept(np.isin(outlines.slices, picked))
    width = max(0, int(np.floor(outlines.points[:, 0].max(initial=-1))) + 1)
    top, _ = outermost(outlines, width)
    return top
