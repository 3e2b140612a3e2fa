"""Sectors of circles on an anisotropic grid."""

from __future__ import annotations

from math import atan2, degrees, hypot, pi

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from foveola_oct.retina.rings import ETDRS_RINGS, GCC_RINGS, Ring, halves, quarters
from foveola_oct.retina.sectors import cell_overlaps, sector_weights, weighted_statistics, weighted_totals

SHAPE, PITCH, CENTER = (30, 640), (0.24, 0.0117), (14.7, 321.3)
"""A sparse exam that holds the 6 mm circle about a fovea off the grid."""

FINE = ((310, 310), (0.02, 0.02), (155.0, 155.0))

RING_SETS = pytest.mark.parametrize(
    "rings",
    [
        pytest.param(ETDRS_RINGS, id="etdrs"),
        pytest.param(GCC_RINGS, id="gcc"),
        pytest.param((halves(6.0, 1.0),), id="halves"),
        pytest.param((quarters(6.0),), id="quarters"),
        pytest.param((quarters(6.0, 0.0),), id="raphe_quarters"),
        pytest.param((Ring(1.0, 2.5, 36, -180.0),), id="graph"),
    ],
)


def millimetres(shape, pitch, center):
    """Give y down and x right of every cell's center."""
    y, x = ((np.arange(n) + 0.5 - c) * d for n, d, c in zip(shape, pitch, center, strict=True))
    return np.broadcast_arrays(y[:, None], x)


def shares_of(shape, pitch, center, rings, **options):
    """Give the weights as dense maps, [sectors, rows, cols]."""
    return sector_weights(shape, pitch, center, rings, **options).matrix.toarray().reshape(-1, *shape)


@pytest.mark.parametrize(
    ("rings", "areas"),
    [
        pytest.param((Ring(0.0, 0.5),), [pi / 4], id="disc"),
        pytest.param(ETDRS_RINGS, [pi / 4] + [pi / 2] * 4 + [27 * pi / 16] * 4, id="etdrs"),
        pytest.param(GCC_RINGS, [pi / 4] + [35 * pi / 24] * 6, id="gcc"),
        pytest.param((halves(6.0),), [9 * pi / 2] * 2, id="halves"),
        pytest.param((halves(6.0, 1.0),), [35 * pi / 8] * 2, id="pierced_halves"),
        pytest.param((quarters(6.0),), [9 * pi / 4] * 4, id="quarters"),
    ],
)
@pytest.mark.parametrize(
    ("shape", "pitch", "center"),
    [
        pytest.param((25, 512), (0.24, 6 / 512), (12.5, 256.0), id="sparse"),
        pytest.param(SHAPE, PITCH, CENTER, id="off_grid"),
        pytest.param((640, 30), PITCH[::-1], CENTER[::-1], id="vertical"),
        pytest.param((3, 3), (2.5, 3.0), (1.4, 1.6), id="coarse"),
    ],
)
def test_sectors_have_their_closed_areas(shape, pitch, center, rings, areas):
    """A fully scanned sector has exactly the area of the textbook."""
    weights = sector_weights(shape, pitch, center, rings)
    np.testing.assert_allclose(weights.sector_areas, areas, rtol=1e-12)
    np.testing.assert_allclose(weighted_totals(weights, np.ones(shape)), areas, rtol=1e-11)


@RING_SETS
def test_sectors_add_up_to_their_ring(rings):
    """In every cell the shares of the sectors add up to the share of the uncut ring."""
    first = 0
    for ring in rings:
        (whole,) = shares_of(SHAPE, PITCH, CENTER, (Ring(ring.inner_mm, ring.outer_mm),))
        sectors = shares_of(SHAPE, PITCH, CENTER, rings)[first : first + ring.sectors]
        np.testing.assert_allclose(sectors.sum(axis=0), whole, atol=1e-11)
        first += ring.sectors


@pytest.mark.parametrize(
    ("center", "ring", "shares"),
    [
        pytest.param((0.5, 1.5), halves(40.0), [0.5, 0.5], id="straddles_the_raphe"),
        pytest.param((0.25, 1.5), halves(40.0), [0.25, 0.75], id="a_quarter_above_the_raphe"),
        pytest.param((0.0, 1.5), halves(40.0), [0.0, 1.0], id="below_the_raphe"),
        pytest.param((0.5, 0.5), quarters(40.0, 0.0), [0.25] * 4, id="cut_into_quarters_at_the_center"),
        pytest.param((1.0, 0.0), quarters(40.0), [0.75, 0.0, 0.0, 0.25], id="slanting_ray"),
        pytest.param((0.5, 0.5), Ring(0.0, 0.5), [pi / 8], id="disc_inside_the_cell"),
        pytest.param((0.5, 0.5), Ring(0.0, 0.5, 2, -180.0), [pi / 16] * 2, id="half_discs_inside_the_cell"),
        pytest.param((0.0, 0.0), Ring(0.0, 0.5), [pi / 32], id="disc_about_a_corner"),
        pytest.param((0.5, -1.0), Ring(0.0, 0.5), [0.0], id="disc_beside_the_grid"),
        pytest.param((0.5, 0.5), Ring(0.5, 20.0), [1 - pi / 8], id="hole_inside_the_cell"),
    ],
)
def test_shares_by_hand(center, ring, shares):
    """A first cell of 1 x 2 mm has the shares that one can work out on paper."""
    np.testing.assert_allclose(shares_of((1, 3), (1.0, 2.0), center, (ring,))[:, 0, 0], shares, atol=1e-15)


def test_border_on_a_cell_edge_touches_no_neighbour():
    """A raphe on a cell edge leaves no rounding of one half in the other."""
    superior, inferior = shares_of((24, 512), (0.25, 6 / 512), (12.0, 256.0), (halves(6.0),))
    assert not superior[12:].any()
    assert not inferior[:12].any()


def thousandths(low, high):
    """Draw numbers of three decimals: shapely's overlay loses area over coordinates such as 1e-308."""
    return st.integers(round(low * 1000), round(high * 1000)).map(lambda number: number / 1000)


PITCHES = st.tuples(thousandths(0.05, 0.9), thousandths(0.05, 0.9))
CENTERS = st.tuples(thousandths(-1, 7), thousandths(-1, 9))
CUT_RINGS = st.builds(
    lambda inner, width, sectors, start: Ring(inner, inner + width, sectors, start),
    thousandths(0.1, 1),
    thousandths(0.1, 1.5),
    st.integers(2, 6),
    thousandths(-180, 180),
)


@given(pitch=PITCHES, center=CENTERS, ring=CUT_RINGS)
@settings(max_examples=30, deadline=None)
def test_areas_agree_with_polygons(pitch, center, ring):
    """Exact shares are those of polygons with so many corners that they pass for circles."""
    shape = (6, 8)
    top, left = ((np.arange(n) - c) * d for n, d, c in zip(shape, pitch, center, strict=True))
    cells = shapely.box(left, top[:, None], left + pitch[1], top[:, None] + pitch[0])

    def wedge(radius, sector):
        """Draw a slice of a disc."""
        begin, end = (ring.start_deg + k * 360 / ring.sectors for k in (sector, sector + 1))
        angles = np.radians(np.linspace(begin, end, 2000))
        arc = radius * np.column_stack([np.cos(angles), np.sin(angles)])
        return shapely.Polygon([(0.0, 0.0), *arc])

    shares = shares_of(shape, pitch, center, (ring,))
    for sector in range(ring.sectors):
        polygon = wedge(ring.outer_mm, sector) - wedge(ring.inner_mm, sector)
        drawn = shapely.area(shapely.intersection(cells, polygon))
        np.testing.assert_allclose(shares[sector] * pitch[0] * pitch[1], drawn, atol=1e-5)


@given(pitch=PITCHES, center=CENTERS, ring=CUT_RINGS, zone=st.none() | thousandths(0.5, 4))
@settings(max_examples=30, deadline=None)
def test_areas_agree_with_sub_sampling(pitch, center, ring, zone):
    """Exact shares are what ever finer sub-samples tend to."""
    shape, fine = (6, 8), 100
    options = {"zone_mm": zone}
    by_area = shares_of(shape, pitch, center, (ring,), **options)
    samples = shares_of(
        (shape[0] * fine, shape[1] * fine),
        (pitch[0] / fine, pitch[1] / fine),
        (center[0] * fine, center[1] * fine),
        (ring,),
        coverage="center",
        **options,
    )
    by_sample = samples.reshape(ring.sectors, shape[0], fine, shape[1], fine).mean(axis=(2, 4))
    np.testing.assert_allclose(by_area, by_sample, atol=0.03)
    assert abs(by_area - by_sample).mean() < 2e-3


@RING_SETS
@pytest.mark.parametrize("coverage", ["area", "center"])
def test_constant_map_has_its_mean_and_no_spread(rings, coverage):
    """A constant thickness is returned exactly, without deviation."""
    weights = sector_weights(SHAPE, PITCH, CENTER, rings, coverage=coverage)
    statistics = weighted_statistics(weights, np.full(SHAPE, 311.7))
    np.testing.assert_allclose(statistics.mean, 311.7, rtol=0, atol=1e-9)
    np.testing.assert_allclose(statistics.std, 0.0, atol=1e-9)


def test_constant_sectors_of_a_varied_map_have_no_spread():
    """A flat sector has no deviation however far the rest of the map lies from it."""
    y, x = millimetres(*FINE)
    steps = np.where(np.hypot(y, x) < 1.0, 1e6, 0.1)
    statistics = weighted_statistics(sector_weights(*FINE, ETDRS_RINGS), steps)
    np.testing.assert_allclose(statistics.std[5:], 0.0, atol=1e-9)


@pytest.mark.parametrize(
    ("rings", "means"),
    [
        pytest.param(
            ETDRS_RINGS,
            [300.0, 300.0, 202.466, 300.0, 397.534, 300.0, 89.926, 300.0, 510.074],
            id="etdrs",
        ),
        pytest.param(
            GCC_RINGS,
            [300.0, 397.767, 495.533, 397.767, 202.233, 104.467, 202.233],
            id="gcc",
        ),
        pytest.param((halves(6.0),), [427.324, 172.676], id="halves"),
        pytest.param((quarters(6.0),), [300.0, 119.937, 300.0, 480.063], id="quarters"),
        pytest.param((quarters(6.0, 0.0),), [172.676, 172.676, 427.324, 427.324], id="raphe_quarters"),
    ],
)
def test_ramp_has_its_closed_means(rings, means):
    """A thickness rising by 100 a millimetre upwards has the closed means, on 25 slices too, within 0.1 %."""
    shape, pitch, center = (25, 512), (0.24, 6 / 512), (12.5, 256.0)
    y, _ = millimetres(shape, pitch, center)
    statistics = weighted_statistics(sector_weights(shape, pitch, center, rings), 300 - 100 * y)
    np.testing.assert_allclose(statistics.mean, means, atol=0.3)


def test_ramp_has_its_closed_deviations():
    """A ramp spreads within each ETDRS field as its second moment says."""
    y, _ = millimetres(*FINE)
    std = weighted_statistics(sector_weights(*FINE, ETDRS_RINGS), 300 - 100 * y).std
    inner, outer = [47.6564, 26.7571] * 2, [101.0946, 43.5768] * 2
    np.testing.assert_allclose(std, [25.0, *inner, *outer], rtol=1e-3)


@pytest.mark.parametrize(
    ("rings", "sector", "angle"),
    [
        pytest.param(ETDRS_RINGS, 1, 0, id="etdrs_right"),
        pytest.param(ETDRS_RINGS, 2, 90, id="etdrs_inferior"),
        pytest.param(ETDRS_RINGS, 3, 180, id="etdrs_left"),
        pytest.param(ETDRS_RINGS, 4, -90, id="etdrs_superior"),
        pytest.param(GCC_RINGS, 1, -150, id="gcc_superior_left"),
        pytest.param(GCC_RINGS, 2, -90, id="gcc_superior"),
        pytest.param(GCC_RINGS, 3, -30, id="gcc_superior_right"),
        pytest.param(GCC_RINGS, 4, 30, id="gcc_inferior_right"),
        pytest.param(GCC_RINGS, 5, 90, id="gcc_inferior"),
        pytest.param(GCC_RINGS, 6, 150, id="gcc_inferior_left"),
        pytest.param((halves(6.0),), 0, -80, id="superior_half"),
        pytest.param((halves(6.0),), 1, 80, id="inferior_half"),
        pytest.param((quarters(6.0),), 3, -90, id="superior_quarter"),
    ],
)
@pytest.mark.parametrize("coverage", ["area", "center"])
def test_sectors_lie_where_their_names_say(rings, sector, angle, coverage):
    """A spot 1 mm from the fovea is counted in the one sector that bears its place's name."""
    shape, pitch, center = FINE
    spot = np.zeros(shape)
    spot[
        int(center[0] + np.sin(np.radians(angle)) / pitch[0]), int(center[1] + np.cos(np.radians(angle)) / pitch[1])
    ] = 1
    totals = weighted_totals(sector_weights(*FINE, rings, coverage=coverage), spot)
    assert np.flatnonzero(totals).tolist() == [sector]


def test_missing_samples_lower_the_coverage_alone():
    """NaN in half of a sector leaves a constant mean alone and halves what is covered."""
    _, x = millimetres(*FINE)
    values = np.where(x < 0, np.nan, 250.0)
    statistics = weighted_statistics(sector_weights(*FINE, (halves(6.0), quarters(6.0))), values)
    np.testing.assert_allclose(statistics.mean, [250.0] * 3 + [250.0, np.nan, 250.0], atol=1e-9)
    np.testing.assert_allclose(statistics.std, [0.0] * 3 + [0.0, np.nan, 0.0], atol=1e-9)
    np.testing.assert_allclose(statistics.covered, [0.5, 0.5, 1.0, 0.5, 0.0, 0.5], atol=1e-11)


def test_infinite_samples_are_not_measured():
    """An infinite sample counts no more than a missing one."""
    weights = sector_weights((1, 2), (1.0, 1.0), (0.5, 1.0), (Ring(0.0, 3.0),))
    assert weighted_statistics(weights, [[4.0, np.inf]]).mean.tolist() == [4.0]


@RING_SETS
@pytest.mark.parametrize("zone", [None, 2.0])
def test_center_rule_is_the_plain_loop(rings, zone):
    """The center rule gives a cell to the sector that a loop over cells and sectors finds."""
    shape, pitch, center = (12, 20), (0.5, 0.3), (6.0, 10.5)
    outermost = max(ring.outer_mm for ring in rings)
    expected = np.zeros((sum(ring.sectors for ring in rings), *shape))
    for row, col in np.ndindex(shape):
        y, x = (row + 0.5 - center[0]) * pitch[0], (col + 0.5 - center[1]) * pitch[1]
        r, first = hypot(x, y), 0
        for ring in rings:
            closed = ring.outer_mm == outermost and r == outermost
            if (ring.inner_mm <= r < ring.outer_mm or closed) and (zone is None or max(abs(x), abs(y)) <= zone / 2):
                turn = (degrees(atan2(y, x)) - ring.start_deg) % 360
                expected[first + int(turn / (360 / ring.sectors)), row, col] = 1
            first += ring.sectors
    np.testing.assert_array_equal(shares_of(shape, pitch, center, rings, zone_mm=zone, coverage="center"), expected)


def test_center_rule_is_half_open():
    """A center on an inner circle belongs outwards, one on the outermost circle still inwards."""
    inner, outer = shares_of((1, 7), (1.0, 1.0), (0.5, 3.5), (Ring(0.0, 1.0), Ring(1.0, 3.0)), coverage="center")
    assert inner.tolist() == [[0, 0, 0, 1, 0, 0, 0]]
    assert outer.tolist() == [[1, 1, 1, 0, 1, 1, 1]]


def test_center_rule_keeps_angles_just_short_of_a_turn():
    """A center a rounding before the first ray belongs to the last sector."""
    shares = shares_of((1, 1), (1.0, 1.0), (0.5 + 1e-16, -1.5), (quarters(6.0, 0.0),), coverage="center")
    assert shares.sum() == 1


@pytest.mark.parametrize(
    ("zone", "areas"),
    [
        pytest.param(3.0, [pi / 4] + [pi / 2] * 4 + [(9 - 9 * pi / 4) / 4] * 4, id="cuts_the_outer_ring"),
        pytest.param(2 * 2**0.5, None, id="cuts_on_the_diagonal"),
        pytest.param(0.5, [0.25] + [0.0] * 8, id="inside_the_centre"),
        pytest.param(6.0, [pi / 4] + [pi / 2] * 4 + [27 * pi / 16] * 4, id="holds_the_circles"),
    ],
)
def test_zone_is_cut_exactly(zone, areas):
    """Of every sector only what lies in the square counts, while the sector's own area stays whole."""
    weights = sector_weights(SHAPE, PITCH, CENTER, ETDRS_RINGS, zone_mm=zone)
    totals = weighted_totals(weights, np.ones(SHAPE))
    assert weights.sector_areas.sum() == pytest.approx(9 * pi)
    if areas is None:
        assert totals.sum() == pytest.approx(zone**2, rel=1e-11)
    else:
        np.testing.assert_allclose(totals, areas, atol=1e-11)


def test_part_outside_the_map_is_not_covered():
    """A circle about the map's corner is covered by a quarter."""
    weights = sector_weights((40, 300), (0.1, 0.02), (0.0, 0.0), ETDRS_RINGS)
    covered = weighted_statistics(weights, np.ones((40, 300))).covered
    np.testing.assert_allclose(covered, [0.25] + [0.5, 0.5, 0.0, 0.0] * 2, atol=1e-11)


def test_stack_equals_one_by_one():
    """A stack of maps gives what its maps give alone, missing samples included."""
    rng = np.random.default_rng(7)
    stack = rng.normal(300, 40, (2, 3, *SHAPE))
    stack[rng.random(stack.shape) < 0.1] = np.nan
    weights = sector_weights(SHAPE, PITCH, CENTER, ETDRS_RINGS)
    together = weighted_statistics(weights, stack)
    totals = weighted_totals(weights, np.nan_to_num(stack))
    for at in np.ndindex(2, 3):
        alone = weighted_statistics(weights, stack[at])
        for name in ("mean", "std", "covered"):
            np.testing.assert_allclose(getattr(together, name)[at], getattr(alone, name), rtol=1e-12)
        np.testing.assert_allclose(totals[at], weighted_totals(weights, np.nan_to_num(stack[at])), rtol=1e-12)


def test_totals_integrate():
    """Ten pixels of 4 µm over the grid have the volumes of three cylinders."""
    discs = tuple(Ring(0.0, radius) for radius in (0.5, 1.5, 3.0))
    volumes = weighted_totals(sector_weights(SHAPE, PITCH, CENTER, discs), np.full(SHAPE, 10 * 0.004))
    np.testing.assert_allclose(volumes, [0.01 * pi, 0.09 * pi, 0.36 * pi], rtol=1e-11)


def test_totals_show_what_is_missing():
    """NaN spoils the total of the sectors that it touches, and of no other."""
    values = np.ones((2, 2))
    values[0, 0] = np.nan
    totals = weighted_totals(sector_weights((2, 2), (1.0, 1.0), (1.0, 1.0), (halves(2.0),)), values)
    np.testing.assert_allclose(totals, [np.nan, pi / 2])


def test_map_of_another_size_is_refused():
    """Weights of one grid do not fit a map of another."""
    weights = sector_weights((2, 2), (1.0, 1.0), (1.0, 1.0), (halves(2.0),))
    with pytest.raises(ValueError, match="cannot reshape"):
        weighted_statistics(weights, np.ones((2, 2, 3)))


def test_weights_are_made_once_and_cannot_be_changed():
    """The same geometry gives the same object, whose arrays refuse to be written."""
    weights = sector_weights(SHAPE, PITCH, CENTER, ETDRS_RINGS)
    assert sector_weights(SHAPE, PITCH, CENTER, ETDRS_RINGS) is weights
    for array in (weights.matrix.data, weights.matrix.indices, weights.matrix.indptr, weights.sector_areas):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


@pytest.mark.parametrize(
    ("n", "edges", "lengths"),
    [
        pytest.param(4, [0, 2, 4], [2.0, 2.0], id="whole_cells"),
        pytest.param(25, np.linspace(0, 25, 9), [3.125] * 8, id="fractions"),
        pytest.param(3, np.linspace(0, 3, 9), [0.375] * 8, id="fewer_cells_than_intervals"),
        pytest.param(4, [-2.0, 1.0, 3.5, 6.0], [1.0, 2.5, 0.5], id="beyond_the_grid"),
        pytest.param(4, [5.0, 6.0], [0.0], id="beside_the_grid"),
    ],
)
def test_overlaps_have_the_lengths_of_their_intervals(n, edges, lengths):
    """An interval holds as much of the cells as of it lies on the grid."""
    overlaps = cell_overlaps(n, edges)
    assert overlaps.shape == (len(lengths), n)
    np.testing.assert_allclose(overlaps.sum(axis=1), lengths, atol=1e-12)


def test_overlaps_of_a_tiling_share_out_every_cell():
    """Intervals that tile the grid hold every cell exactly once."""
    np.testing.assert_allclose(cell_overlaps(61, np.linspace(0, 61, 9)).sum(axis=0), 1.0, atol=1e-12)
