"""Thickness is exact: against numbers on paper, against geometry, against shapely and against brute force."""

from math import hypot, nan, pi

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from foveola_oct.retina import Outlines
from foveola_oct.retina.columns import resample_columns, sampling_columns
from foveola_oct.retina.outlines import clean_outline, even_odd_region
from foveola_oct.retina.thickness import (
    apply_layer_absence,
    axial_thickness,
    border_min_dist,
    border_thickness,
    min_dist_thickness,
    traced_thickness,
)

METHODS = pytest.mark.parametrize("method", [axial_thickness, min_dist_thickness])
SQUARE = [(1, 5), (3, 5), (3, 9), (1, 9)]
RESOLUTIONS = pytest.mark.parametrize("run_resolution", [None, 512, 333, 16])


def measure(method, instances, *, width, num_slices=1, num_classes=1, columns=None, **aspect):
    """Measure instances given as (points, slice, class)."""
    vertices = [np.array(points, dtype=float).reshape(-1, 2) for points, _, _ in instances]
    outlines = Outlines(
        points=np.concatenate([np.empty((0, 2)), *vertices]),
        offsets=np.cumsum([0, *map(len, vertices)]),
        slices=np.array([instance[1] for instance in instances], dtype=int),
        classes=np.array([instance[2] for instance in instances], dtype=int),
        class_names=tuple(map(str, range(num_classes))),
        num_slices=num_slices,
    )
    return method(outlines, np.arange(float(width)) if columns is None else columns, width, **aspect)


def layers(method):
    """A method whose thickness says of layers where they vanish and where nobody has segmented them."""
    return lambda outlines, *given: apply_layer_absence(*method(outlines, *given), outlines)


def traced(outlines, _columns, width):
    """Outlines through the centres of pixels, which are measured at all of them."""
    return traced_thickness(outlines, width)


def one(method, points, **given):
    """Thickness of a single outline on a single slice."""
    return measure(method, [(points, 0, 0)], **given)[0][0, 0]


def drawn(top, bottom):
    """An outline with a vertex per column, there along the top and back along the bottom."""
    x = np.arange(len(top))
    return np.concatenate([np.column_stack([x, top]), np.column_stack([x, bottom])[::-1]])


def box(left, right, top, bottom):
    """A rectangle."""
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def circle(column, row, a, b, corners=2000):
    """An ellipse with semi-axes a along the columns and b along the rows."""
    angle = np.arange(corners) * 2 * pi / corners
    return np.column_stack([column + a * np.cos(angle), row + b * np.sin(angle)])


# --- layers -----------------------------------------------------------------------------------------------------------


@METHODS
@RESOLUTIONS
@pytest.mark.parametrize("vertices", ["corners", "every column"])
def test_a_slab_is_equally_thick_everywhere(method, run_resolution, vertices):
    """Neither method nor resolution changes a slab from row 100 to row 130."""
    slab = box(0, 1023, 100, 130) if vertices == "corners" else drawn(np.full(1024, 100), np.full(1024, 130))
    columns = sampling_columns(1024, run_resolution)
    thickness, present = measure(method, [(slab, 0, 0)], width=1024, columns=columns)
    assert present.all()
    assert resample_columns(thickness, columns, 1024, nearest=False) == pytest.approx(np.full((1, 1, 1024), 30))


@pytest.mark.parametrize(
    ("run_resolution", "exact"), [(None, slice(None)), (512, slice(1, -1)), (256, slice(2, -2)), (333, slice(2, -2))]
)
def test_a_wedge_is_sampled_without_rounding(run_resolution, exact):
    """A border on a slope is exact inside, and held for at most half a sample at the ends."""
    x = np.arange(1024)
    columns = sampling_columns(1024, run_resolution)
    wedge = [(0, 100), (1023, 100 + 0.05 * 1023), (1023, 160), (0, 160)]
    thickness = resample_columns(one(axial_thickness, wedge, width=1024, columns=columns), columns, 1024, nearest=False)
    expected = 60 - 0.05 * x
    assert thickness[exact] == pytest.approx(expected[exact], abs=1e-9)
    assert thickness == pytest.approx(expected, abs=0.05 * columns[0] + 1e-9)


def test_min_dist_of_a_tilted_slab_is_its_width():
    """On a slope of 3/4 in mm a slab is 4/5 as wide as it is high, away from its ends."""
    aspect = 0.012 / 0.004
    rise = 0.75 * aspect
    slab = [(0, 0), (199, 199 * rise), (199, 199 * rise + 30), (0, 30)]
    assert one(axial_thickness, slab, width=200) == pytest.approx(30)
    assert one(min_dist_thickness, slab, width=200, aspect=aspect)[20:] == pytest.approx(24)
    half = sampling_columns(200, 100)
    assert one(min_dist_thickness, slab, width=200, columns=half, aspect=aspect)[10:] == pytest.approx(24)


def test_without_pitches_min_dist_is_a_distance_in_pixels():
    """Pixels are then taken for squares."""
    x = np.arange(100)
    thickness = one(min_dist_thickness, drawn(x, x + 10), width=100)
    assert thickness[10:] == pytest.approx(10 / hypot(1, 1))


@METHODS
def test_instances_of_a_class_that_overlap_are_united(method):
    """Rows 100 to 110 and 105 to 120 are 20 rows, not 25, and another class has no part in it."""
    instances = [(box(0, 9, 100, 110), 0, 0), (box(0, 9, 105, 120), 0, 0), (box(0, 9, 100, 103), 0, 1)]
    thickness, present = measure(method, instances, width=10, num_classes=2)
    assert thickness[:, 0] == pytest.approx(np.repeat([[20], [3]], 10, axis=1))
    assert present.all()


@METHODS
def test_a_slice_without_outlines_is_missing(method):
    """Slice 3 of five is a row of NaN, the others are not touched."""
    instances = [(box(0, 9, 100, 130), index, 0) for index in (0, 1, 2, 4)]
    maps = measure(layers(method), instances, width=10, num_slices=5)
    assert np.isnan(maps[0, 3]).all()
    assert (maps[0, [0, 1, 2, 4]] == 30).all()


def test_absence_has_three_meanings():
    """A vanished layer is 0; a layer not on the slice and a column without any layer are missing."""
    instances = [(box(0, 3, 0, 4), 0, 0), (box(0, 5, 4, 9), 0, 1), (box(0, 7, 4, 9), 1, 1)]
    maps = measure(layers(axial_thickness), instances, width=8, num_slices=3, num_classes=2)
    expected = [
        [[4, 4, 4, 0, 0, nan, nan, nan], [nan] * 8, [nan] * 8],
        [[5, 5, 5, 5, 5, nan, nan, nan], [5] * 8, [nan] * 8],
    ]
    np.testing.assert_array_equal(maps, expected)


def test_a_layer_between_two_samples_has_vanished_at_both():
    """The slice has it, though no sampled column crosses it; slices that lack it are missing."""
    instances = [(box(2.2, 2.8, 0, 4), 0, 0), (box(0, 5, 4, 9), 0, 1), (box(0, 5, 4, 9), 1, 1)]
    maps = measure(layers(axial_thickness), instances, width=5, num_slices=2, num_classes=2)
    np.testing.assert_array_equal(maps[0], [[0.0] * 5, [nan] * 5])


# --- outlines through the centres of pixels ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        pytest.param(box(2, 4, 3, 9), [0, 0, 7, 7, 7, 0], id="both_ends_are_whole_pixels"),
        pytest.param([(1, 0), (5, 0), (1, 4)], [0, 5, 4, 3, 2, 1], id="the_tip_is_a_pixel"),
        pytest.param(
            [*box(-4, 9, 0, 8), (-4, 0), (1, 2), (1, 6), (4, 6), (4, 2), (1, 2)], [9, 9, 6, 6, 9, 9], id="hole"
        ),
        pytest.param([(0, 0), (4, 4), (4, 0), (0, 4)], [5, 3, 1, 3, 5, 0], id="bow_tie"),
        pytest.param(box(-3, 9, 3, 9), [7] * 6, id="over_both_ends_of_the_image"),
        pytest.param(box(1.5, 3.5, 3, 9), [0, 0, 7, 7, 0, 0], id="between_pixels"),
    ],
)
def test_traced_outlines_are_a_pixel_thicker_and_wider(points, expected):
    """What was traced through pixels 3 to 9 is 7 pixels high, and ends behind its last column."""
    assert one(traced, points, width=6) == pytest.approx(expected)


corners = st.tuples(st.integers(-3, 12), st.integers(1, 9), st.integers(0, 20), st.integers(1, 9))


@given(st.lists(corners, min_size=1, max_size=4))
def test_traced_boxes_have_the_pixels_that_they_were_traced_from(boxes):
    """However they lie over one another, and over the ends of the image."""
    mask = np.zeros((40, 30), dtype=bool)
    for left, width, top, height in boxes:
        mask[top : top + height + 1, left + 5 : left + 5 + width + 1] = True
    instances = [(box(left, left + width, top, top + height), 0, 0) for left, width, top, height in boxes]
    thickness, present = measure(traced, instances, width=16)
    assert thickness[0, 0].tolist() == mask.sum(axis=0)[5:21].tolist()
    assert present[0, 0].tolist() == mask.any(axis=0)[5:21].tolist()


# --- lesions ----------------------------------------------------------------------------------------------------------


def test_an_ellipse_has_its_chords():
    """The chord at x is 2 b sqrt(1 - (x - c)^2 / a^2), and the chords add up to the area."""
    x = np.arange(512)
    thickness = one(axial_thickness, circle(256, 100, 50, 10), width=512)
    assert thickness == pytest.approx(20 * np.sqrt(np.clip(1 - (x - 256) ** 2 / 2500, 0, None)), abs=1e-3)
    assert thickness.sum() == pytest.approx(pi * 500, rel=0.005)


@METHODS
def test_lesions_one_below_the_other_add_up(method):
    """Two lesions in one column are as thick as both."""
    instances = [(box(2, 6, 10, 14), 0, 0), (box(2, 6, 20, 27), 0, 0)]
    assert measure(method, instances, width=8)[0].tolist() == [[[0, 0, 11, 11, 11, 11, 0, 0]]]


def test_a_ball_has_its_volume():
    """Chords of a ball's slices times pitch, width and distance between slices are 4/3 pi r^3."""
    row, column, between, radius = 0.004, 0.012, 0.05, 0.3
    heights = (np.arange(20) - 9.5) * between
    instances = [
        (circle(50, 150, rim / column, rim / row), index, 0)
        for index, height in enumerate(heights)
        if (rim := np.sqrt(max(radius**2 - height**2, 0))) > 0
    ]
    thickness, _ = measure(axial_thickness, instances, width=100, num_slices=20)
    assert thickness.sum() * row * column * between == pytest.approx(4 / 3 * pi * radius**3, rel=0.02)


# --- the even-odd rule ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        pytest.param(SQUARE, [0, 4, 4, 0, 0, 0], id="right end exclusive"),
        pytest.param(box(3, 5, 5, 9), [0, 0, 0, 4, 4, 4], id="but not at the last column"),
        pytest.param(box(3, 9, 5, 9), [0, 0, 0, 4, 4, 4], id="beyond the last column"),
        pytest.param(box(5, 9, 5, 9), [0, 0, 0, 0, 0, 0], id="begins at the last column"),
        pytest.param(box(-4, 1, 5, 9), [4, 0, 0, 0, 0, 0], id="before the first column"),
        pytest.param([(0, 0), (5, 0), (5, 10)], [0, 2, 4, 6, 8, 10], id="triangle: the limit from the left"),
        pytest.param([(0, 0), (4, 4), (4, 0), (0, 4)], [4, 2, 0, 2, 0, 0], id="bow-tie"),
        pytest.param([(0, 0), (5, 0), (5, 9), (0, 9), (0, 6), (3, 6), (3, 3), (0, 3)], [6, 6, 6, 9, 9, 9], id="notch"),
        pytest.param([(2.2, 0), (2.8, 0), (2.8, 5), (2.2, 5)], [0, 0, 0, 0, 0, 0], id="between two columns"),
        pytest.param([(0, 0), (4, 0)], [0, 0, 0, 0, 0, 0], id="two points"),
        pytest.param([(2, 2)], [0, 0, 0, 0, 0, 0], id="one point"),
        pytest.param([], [0, 0, 0, 0, 0, 0], id="no points"),
    ],
)
@METHODS
def test_columns_are_cut_by_the_even_odd_rule(method, points, expected):
    """A corner counts once: the left end of an edge belongs to it, the right one does not but at the last column."""
    thickness = one(method, points, width=6)
    if method is axial_thickness:
        assert thickness == pytest.approx(expected, abs=1e-12)
    else:
        assert (thickness <= expected).all()


@METHODS
def test_two_points_enclose_nothing_even_where_there_is_one_column(method):
    """In an image of one column they are not a layer with a vertex per column."""
    assert one(method, [(0, 5), (0, 9)], width=1) == 0


def test_no_instances_have_no_thickness():
    """Nothing in, zeros out, present nowhere."""
    thickness, present = measure(axial_thickness, [], width=6, num_slices=2, num_classes=3)
    assert thickness.shape == present.shape == (3, 2, 6)
    assert not thickness.any()
    assert not present.any()


def is_retraced(points):
    """Whether an outline runs along some edge twice: there shapely and the even-odd rule differ."""
    ring = shapely.LinearRing(points)
    return shapely.unary_union(ring).length < ring.length - 1e-9


corners = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=3, max_size=9)
untraced = corners.filter(lambda points: not is_retraced(points))


@given(st.lists(untraced, min_size=1, max_size=3))
def test_any_outlines_cover_what_shapely_says(outlines):
    """Simple, self-crossing, overlapping: the union of the even-odd regions, cut by vertical lines."""
    columns = np.arange(13) + 0.5
    region = shapely.union_all([even_odd_region(clean_outline(points)) for points in outlines])
    lines = shapely.linestrings([[(x, -1), (x, 13)] for x in columns])
    thickness, _ = measure(axial_thickness, [(points, 0, 0) for points in outlines], width=14, columns=columns)
    assert thickness[0, 0] == pytest.approx(shapely.length(shapely.intersection(region, lines)), abs=1e-9)


rows = st.floats(0, 100, allow_subnormal=False)


def borders_of(number):
    """Borders [number, 2, width], in no order."""
    return st.integers(2, 24).flatmap(lambda width: arrays(np.float64, (number, 2, width), elements=rows))


@METHODS
@given(borders=borders_of(4), turned=st.sets(st.integers(0, 3)), run_resolution=st.none() | st.integers(1, 24))
def test_how_an_outline_begins_does_not_matter(method, borders, turned, run_resolution):
    """Outlines drawn column by column are read off, others intersected, each for itself: the maps are the same."""
    width = borders.shape[-1]
    layers = [(drawn(*borders[[k, k + 2], index]), index, k) for k in (0, 1) for index in (0, 1)]
    mixed = [(np.roll(points, 3 * (n in turned), axis=0), index, k) for n, (points, index, k) in enumerate(layers)]
    shape = {"width": width, "num_slices": 2, "num_classes": 2, "columns": sampling_columns(width, run_resolution)}
    read, intersected = (measure(method, instances, **shape) for instances in (layers, mixed))
    assert read[0] == pytest.approx(intersected[0], abs=1e-9)
    assert (read[1] == intersected[1]).all()


@METHODS
def test_outlines_in_parts_stand_beside_whole_ones(method):
    """One layer runs through all columns of a slice, another is broken, a third is drawn twice: all are 10 thick."""
    whole, left, right = (np.add(drawn([5] * n, [15] * n), [start, 0]) for start, n in ((0, 12), (0, 5), (7, 5)))
    instances = [(whole, 0, 0), (left, 0, 1), (right, 0, 1), (whole, 0, 2), (whole, 0, 2), (whole, 1, 0)]
    thickness, present = measure(method, instances, width=12, num_slices=2, num_classes=3)
    broken = [10] * 4 + [0] * 3 + [10] * 5
    assert thickness.tolist() == [[[10] * 12] * 2, [broken, [0] * 12], [[10] * 12, [0] * 12]]
    assert (present == (thickness > 0)).all()


# --- borders ----------------------------------------------------------------------------------------------------------


@RESOLUTIONS
def test_borders_and_outlines_are_equally_thick(run_resolution):
    """A layer is as thick between its borders as inside its outline."""
    rng = np.random.default_rng(7)
    borders = np.cumsum(rng.uniform(1, 9, (4, 3, 1024)), axis=0)
    columns = sampling_columns(1024, run_resolution)
    layers = [(drawn(*borders[k : k + 2, index]), index, k) for k in range(3) for index in range(3)]
    shape = {"width": 1024, "num_slices": 3, "num_classes": 3, "columns": columns}
    assert border_thickness(borders, columns) == pytest.approx(measure(axial_thickness, layers, **shape)[0])
    assert border_min_dist(borders, columns, 2.5) == pytest.approx(
        measure(min_dist_thickness, layers, **shape, aspect=2.5)[0]
    )


@pytest.mark.parametrize("method", [border_thickness, border_min_dist])
@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        pytest.param([0, 1, 2, 3, 4, 5], [10, nan, 10, nan, 10, 10], id="at the pixels"),
        pytest.param([0.5, 1.5, 2.5, 3.5, 4.5], [nan, nan, nan, nan, 10], id="between them"),
        pytest.param([0, 2, 4], [10, 10, 10], id="beside them"),
    ],
)
def test_missing_and_crossed_borders_are_missing_thickness(method, columns, expected):
    """Column 1 has no upper border, at column 3 the borders have changed places for more than their neighbours' sum."""
    borders = np.array([[[20, nan, 20, 70, 20, 20]], [[30, 30, 30, 40, 30, 30.0]]])
    np.testing.assert_array_equal(method(borders, np.array(columns, float))[0, 0], expected)


def test_borders_are_not_touched():
    """What is measured stays as it was, although results may be filled in place."""
    borders = np.array([[[5.0, 6]], [[4, 9]]])
    borders.setflags(write=False)
    assert border_thickness(borders, np.arange(2.0)).flags.writeable
    assert border_min_dist(borders, np.arange(2.0)).flags.writeable


# --- the shortest way -------------------------------------------------------------------------------------------------


@given(st.lists(corners, min_size=1, max_size=3), st.sampled_from([0.1, 1.0, 3.0]))
def test_min_dist_never_exceeds_the_axial_thickness(outlines, lateral):
    """The interval's own lower end is one of the ways, and overlaps do not count twice."""
    instances = [(points, 0, 0) for points in outlines]
    axial, present = measure(axial_thickness, instances, width=13)
    shortest, same = measure(min_dist_thickness, instances, width=13, aspect=lateral)
    assert (shortest <= axial).all()
    assert (shortest >= 0).all()
    assert (same == present).all()


def test_each_interval_has_its_own_boundary():
    """In a C the upper arm ends at its own lower side, the lower arm at the lower side of the C."""
    c = [(0, 0), (20, 0), (20, 4), (1, 4), (1, 20), (20, 20), (20, 30), (0, 30)]
    assert one(min_dist_thickness, c, width=30)[5:20] == pytest.approx(14)
