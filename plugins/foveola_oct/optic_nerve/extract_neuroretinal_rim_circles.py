"""Disc and cup of the optic nerve head, from Bruch's membrane opening and the inner surface of the retina."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import hypot, isnan
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from foveola import EXTRA, Array, Millimetres, Output, Record, Unit, operation
from foveola_oct.retina import AS_ACQUIRED, ScanGeometry
from foveola_oct.retina.arrays import Floats
from foveola_oct.retina.disc import (
    Edges,
    NerveLandmarks,
    Traced,
    check_nerve_slices,
    membrane_openings,
    trace,
)
from foveola_oct.retina.fundus_outlines import clip_to, corners, largest_region
from foveola_oct.retina.geometry import NumSlices, PixelImageWidth
from foveola_oct.retina.projection import ScalingFactor
from foveola_oct.retina.slice_lines import SliceLines, upper_envelope

OFFSET_MM = 0.15
"""Height of the line that cuts off the cup over the opening: user guide; Cirrus takes 0.2 (PMC4145027, fig. 1)."""
MOST_UNSEEN = 0.5
"""Share of the opening, in one stretch; where more is unseen the ILM does not tell of a cup (our choice)."""
TOUCHING_MM = 1e-9
"""An ILM that sinks no deeper below the line only touches it."""


class Circle(Record):
    """An outline on the fundus, as a clinician sees it."""

    mm: Annotated[np.ndarray, Array("points", "xy"), Unit("mm")]
    """x and y from the upper left corner of the scanned zone [points][2]."""
    px: Annotated[np.ndarray, Array("points", "xy"), Unit("px")]
    """The same, scaled for a picture."""


class RimCircles(Output):
    """Disc and cup, between which the neuroretinal rim lies."""

    disc: Circle
    """The edge of Bruch's membrane opening; empty where fewer than two slices show it."""
    cup: Circle
    """The edge of the excavation within the disc; empty where there is none."""
    status: Annotated[Literal["found", "no_excavation", "not_found"], EXTRA]
    """Whether disc and cup, only the disc, or neither has an outline."""
    filled_slices: Annotated[Mapping[str, tuple[int, ...]], EXTRA, AS_ACQUIRED]
    """The slices on which the edges of disc and of cup were interpolated."""


@operation("extract_neuroretinal_rim_circles")
def extract_neuroretinal_rim_circles(
    nerve_landmarks_list: NerveLandmarks,
    nerve_slices: tuple[int, ...],
    ilm_list: SliceLines,
    num_slices: NumSlices,
    pixel_image_width: PixelImageWidth,
    geometry: ScanGeometry,
    ellipse_preprocessing: bool = True,
    fill_absent_slices: bool = True,
    smooth_circles: bool = True,
    d_mm: Annotated[Millimetres, Field(gt=0, le=1)] = OFFSET_MM,
    scaling_factor_visualization: ScalingFactor = 100.0,
) -> RimCircles:
    """Outline the optic disc and its cup on the fundus.

    On each slice the disc lies between the ends of Bruch's membrane opening, and the cup where the ILM sinks below the
    line that joins them, raised towards the vitreous. What rises from the cup, as a vessel trunk does, is bridged.

    Args:
        nerve_landmarks_list: ends of Bruch's membrane opening on each nerve slice.
        nerve_slices: the slices that cross the nerve head, in the order of nerve_landmarks_list.
        ilm_list: the inner limiting membrane of each nerve slice: a polyline [[x, y], ...], instances, or y per column
            with nulls; [] where it is missing.
        num_slices: B-scans of the exam.
        pixel_image_width: columns of a B-scan.
        geometry: pitches and orientation of the scan.
        ellipse_preprocessing: whether to fit ellipses; else the outlines run from edge to edge.
        fill_absent_slices: whether to interpolate the edges on slices between measured ones.
        smooth_circles: whether to smooth outlines that are no ellipses.
        d_mm: how far above the opening the line lies that cuts off the cup.
        scaling_factor_visualization: pixels of the picture per mm.

    Raises:
        InputError: unequal lengths, a slice twice or outside the exam; naming the field.

    Sources:
        Offset of 150 µm: user guide; 200 µm in Cirrus: PMC4145027, fig. 1.
        Direct least-squares ellipse: Halir and Flusser 1998.

    >>> scan = dict(scan_protocol="HORIZONTAL_3D", slice_direction="TOP_BOTTOM", pixel_direction="LEFT_RIGHT")
    >>> scan |= dict(pixel_spacing_column=0.01, pixel_spacing_row=0.004, slice_thickness=0.5)
    >>> ilm = [[0, 90], [170, 90], [170, 190], [230, 190], [230, 90], [399, 90]]
    >>> found = extract_neuroretinal_rim_circles.call({
    ...     "nerve_slices": [1, 2], "nerve_landmarks_list": [[[120, 200], [280, 200]]] * 2, "ilm_list": [ilm] * 2,
    ...     "num_slices": 4, "pixel_image_width": 400, "smooth_circles": False, **scan})
    >>> np.round(found["disc"]["mm"], 3).tolist()
    [[2.805, 0.75], [2.805, 1.25], [1.205, 1.25], [1.205, 0.75]]
    >>> np.round(found["cup"]["px"], 3).tolist()
    [[230.5, 75.0], [230.5, 125.0], [170.5, 125.0], [170.5, 75.0]]
    """
    check_nerve_slices(
        "nerve_slices", nerve_slices, num_slices, nerve_landmarks_list=nerve_landmarks_list, ilm_list=ilm_list.lines
    )
    openings = membrane_openings(nerve_landmarks_list, geometry)
    pitch = (geometry.pixel_spacing_column, geometry.pixel_spacing_row)
    cuts = {
        index: _excavation(upper_envelope(line) * pitch, opening, d_mm)
        for index, line, opening in zip(nerve_slices, ilm_list.lines, openings, strict=True)
    }
    seen = [index for index, cut in cuts.items() if cut is not None]
    disc = Edges.of(nerve_slices, openings[:, :, 0])
    cup = Edges.of(seen, np.array([cuts[index] for index in seen], dtype=np.float64).reshape(-1, 2))
    if fill_absent_slices:
        disc, cup = disc.filled(), cup.filled(without=seen)
    shape = (num_slices, pixel_image_width)
    traced = [
        trace(edges, geometry, shape, as_ellipse=ellipse_preprocessing, is_smoothed=smooth_circles)
        for edges in (disc, cup)
    ]
    outlines = [traced[0].outline, _clipped(traced[1].outline, traced[0].outline)]
    has_disc, has_cup = (len(outline) > 0 for outline in outlines)
    return RimCircles(
        disc=Circle(mm=outlines[0], px=outlines[0] * scaling_factor_visualization),
        cup=Circle(mm=outlines[1], px=outlines[1] * scaling_factor_visualization),
        status="found" if has_cup else "no_excavation" if has_disc else "not_found",
        filled_slices={
            name: tuple(edges.slices[edges.is_filled].tolist()) for name, edges in (("disc", disc), ("cup", cup))
        },
        warnings=tuple(
            _warnings(traced, nerve_slices, seen, has_disc=has_disc, has_lost_cup=bool(len(cup.slices)) > has_cup)
        ),
    )


def _excavation(line: Floats, opening: Floats, offset: float) -> tuple[float, float] | None:
    """Find where a line sinks below the opening raised by an offset: from its first crossing to its last.

    Args:
        line: [pieces, 2 ends, xy], mm, from left to right; straight between the pieces.
        opening: the ends of Bruch's membrane opening [2, xy], mm; NaN where they are unknown.
        offset: mm, perpendicular to the opening.

    Returns:
        Left and right x, mm, NaN where it does not sink so deep; None where the slice does not tell.
    """
    left, right = opening
    length = hypot(*(right - left))
    if isnan(length):
        return None
    along = (right - left) / length
    points = line.reshape(-1, 2) - left
    place, depth = points @ along, offset - points @ (along[1], -along[0])
    unseen = np.diff(np.concatenate([[0], place.clip(0, length), [length]]))[::2]
    if unseen.max() > MOST_UNSEEN * length:
        return None
    begin, end = np.zeros(len(points) - 1), np.ones(len(points) - 1)
    for values in (place, length - place, depth):
        enters, leaves = _positive_share(values[:-1], values[1:])
        begin, end = np.maximum(begin, enters), np.minimum(end, leaves)
    ends = np.stack([begin, end])
    is_cup = (begin <= end) & ((depth[:-1] + ends * np.diff(depth)).max(axis=0) > TOUCHING_MM)
    if not is_cup.any():
        return np.nan, np.nan
    crossings = (place[:-1] + ends * np.diff(place))[:, is_cup]
    return float(left[0] + crossings.min() * along[0]), float(left[0] + crossings.max() * along[0])


def _positive_share(first: Floats, last: Floats) -> tuple[Floats, Floats]:
    """The part, 0 to 1, of each way from one number to another in which it is not negative; from 1 to 0 if nowhere."""
    with np.errstate(divide="ignore", invalid="ignore"):  # a level way has no crossing, and none is taken
        crossing = first / (first - last)
    never = (first < 0) & (last < 0)
    enters, leaves = np.where(first >= 0, 0.0, crossing), np.where(last >= 0, 1.0, crossing)
    return np.where(never, 1.0, enters), np.where(never, 0.0, leaves)


def _clipped(cup: Floats, disc: Floats) -> Floats:
    """The cup as far as it lies in the disc."""
    regions = [largest_region(outline) for outline in (cup, disc)]
    if None in regions:
        return np.empty((0, 2))
    region = clip_to(*regions)
    if region is regions[0]:
        return cup
    return np.empty((0, 2)) if region is None else corners(region)


def _warnings(
    traced: Sequence[Traced], slices: Sequence[int], seen: Sequence[int], *, has_disc: bool, has_lost_cup: bool
) -> Iterator[str]:
    if not has_disc:
        yield "the disc has no outline: fewer than two slices show both ends of Bruch's membrane opening"
    if has_lost_cup:
        yield "the cup has no outline: fewer than two slices show an excavation within the disc"
    yield from (f"{name}: {one.warning}" for name, one in zip(("disc", "cup"), traced, strict=True) if one.warning)
    if has_disc and (unseen := [str(index) for index in slices if index not in seen]):
        yield f"slices {', '.join(unseen)} do not tell of a cup: the ILM or the opening is missing"
