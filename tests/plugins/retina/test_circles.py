"""Circles laid on maps: where the fovea is, what counts, what is reported."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foveola import InputError
from foveola_oct.retina import (
    ETDRS_RINGS,
    GCC_RINGS,
    ORIENTATIONS,
    CircleGrid,
    LayerThicknessMaps,
    Ring,
    ScanGeometry,
    SectorStatistics,
    ThicknessMap,
    halves,
    lay,
    measure_layers,
    nested_by_ring,
    number,
    quarters,
    sector_names,
    sector_places,
)

SHAPE, PITCH = (40, 60), (0.2, 0.1)


def geometry_of(orientation, pitch=PITCH):
    """Make a geometry of the given canonical pitch."""
    across, along = reversed(pitch) if orientation.is_vertical else pitch
    return ScanGeometry(
        **orientation.model_dump(), pixel_spacing_column=along, slice_thickness=across, pixel_spacing_row=0.004
    )


def acquired(orientation, canonical, **place):
    """Make a map of canonical samples."""
    return ThicknessMap(values=orientation.to_acquisition(np.asarray(canonical, float)), **place)


@pytest.fixture
def marked(orientation):
    """A map with one sample of its own, where that sample is in acquisition indices, and in canonical cell edges."""
    canonical = np.zeros(SHAPE)
    canonical[11, 42] = 1
    row, column = np.argwhere(orientation.to_acquisition(canonical))[0]
    return canonical, (float(column), float(row)), (11.5, 42.5)


def test_fovea_is_the_middle_unless_somebody_knows(orientation):
    """The geometric centre of the map, in cell edges."""
    laid = lay(acquired(orientation, np.ones(SHAPE)), geometry_of(orientation), CircleGrid())
    assert laid.center == (20, 30)
    assert laid.pitch == PITCH
    assert laid.values.shape == SHAPE


def test_fovea_that_the_map_knows(orientation, marked):
    """A map's own centre is turned as its samples are."""
    canonical, center, expected = marked
    laid = lay(acquired(orientation, canonical, center=center), geometry_of(orientation), CircleGrid())
    assert laid.center == pytest.approx(expected)
    assert laid.values[int(laid.center[0]), int(laid.center[1])] == 1


def test_caller_knows_better_than_the_map(orientation, marked):
    """`map_center` and `center_offset_mm` take the place of what the map says."""
    canonical, center, expected = marked
    geometry = geometry_of(orientation)
    thickness = acquired(orientation, canonical, center=(0.0, 0.0))
    assert lay(thickness, geometry, CircleGrid(map_center=center)).center == pytest.approx(expected)
    rows, columns = thickness.values.shape
    offset = (
        (center[0] + 0.5 - columns / 2) * geometry.pixel_spacing_column,
        (center[1] + 0.5 - rows / 2) * geometry.slice_thickness,
    )
    assert lay(thickness, geometry, CircleGrid(center_offset_mm=offset)).center == pytest.approx(expected)
    both = CircleGrid(center_offset_mm=(1.0, 1.0), map_center=center)
    assert lay(thickness, geometry, both).center == pytest.approx(expected)


@pytest.mark.parametrize("who", ["caller", "map"])
def test_only_the_scanned_part_counts(orientation, who):
    """Outside the valid window samples are NaN, whatever they are padded with."""
    values = np.zeros(SHAPE)
    values[5:, 10:] = 7.0
    inside = orientation.to_acquisition(values > 0)
    rows, columns = (np.flatnonzero(inside.any(axis=axis)) for axis in (1, 0))
    window = (int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1)
    place, grid = ({}, CircleGrid(valid_window=window)) if who == "caller" else ({"valid_window": window}, CircleGrid())
    laid = lay(acquired(orientation, values, **place), geometry_of(orientation), grid)
    np.testing.assert_array_equal(laid.values, np.where(values > 0, values, np.nan))
    np.testing.assert_array_equal(laid.scanned, values > 0)


@pytest.mark.parametrize(
    ("grid", "field"),
    [
        (CircleGrid(valid_window=(0, 41, 0, 60)), "valid_window"),
        (CircleGrid(valid_window=(5, 4, 0, 60)), "valid_window"),
        (CircleGrid(valid_window=(-1, 4, 0, 60)), "valid_window"),
        (CircleGrid(map_center=(60.0, 20.0)), "map_center"),
        (CircleGrid(map_center=(30.0, -0.6)), "map_center"),
        (CircleGrid(center_offset_mm=(4.0, 0.0)), "center_offset_mm"),
    ],
)
def test_what_does_not_fit_the_map_is_refused(grid, field):
    """A window or a fovea outside the map."""
    with pytest.raises(InputError) as refused:
        lay(acquired(ORIENTATIONS[0], np.ones(SHAPE)), geometry_of(ORIENTATIONS[0]), grid)
    assert refused.value.field == field


def measured(values, grid=None, rings=ETDRS_RINGS, pitch=PITCH, **place):
    """Measure one layer of a map in px."""
    maps = LayerThicknessMaps(maps={"rnfl": acquired(ORIENTATIONS[0], values, **place)})
    return measure_layers(maps, ["rnfl"], geometry_of(ORIENTATIONS[0], pitch), grid or CircleGrid(), rings)


def test_numbers_are_in_micrometres():
    """25 px of 4 µm are 100 µm."""
    found = measured(np.full(SHAPE, 25.0))
    np.testing.assert_allclose(found.mean, 100)
    np.testing.assert_allclose(found.std, 0, atol=1e-12)
    np.testing.assert_allclose(found.covered, 1)
    assert found.warnings == ()


@pytest.mark.parametrize(("share", "reported"), [(0.5, True), (0.51, False), (0.0, True)])
def test_least_share_of_a_sector(share, reported):
    """A half disc of which half was measured is reported up to a share of one half."""
    values = np.full(SHAPE, 25.0)
    values[:20, :30] = np.nan
    found = measured(values, CircleGrid(min_coverage=share), rings=(halves(6.0),))
    assert found.covered == pytest.approx([0.5, 1])
    assert np.isfinite(found.mean).tolist() == [reported, True]
    assert len(found.warnings) == (not reported)


def test_sector_without_samples_is_never_reported():
    """Not even if no share is asked for."""
    values = np.full(SHAPE, 25.0)
    values[:20] = np.nan
    found = measured(values, CircleGrid(min_coverage=0.0), rings=(halves(6.0),))
    assert np.isnan(found.mean[0])
    assert found.mean[1] == pytest.approx(100)


@pytest.mark.parametrize(
    ("values", "more", "words"),
    [
        pytest.param(np.full(SHAPE, np.nan), {}, ["0.0 (0%)", "nothing was measured"], id="empty"),
        pytest.param(np.ones(SHAPE), {"valid_window": (5, 5, 0, 9)}, ["0.0 (0%)"], id="nothing_was_scanned"),
        pytest.param(np.zeros(SHAPE), {}, ["padding"], id="zeros"),
        pytest.param(np.zeros(SHAPE), {"valid_window": (0, 40, 0, 60)}, [], id="zeros_that_were_scanned"),
        pytest.param(np.pad(np.ones((40, 59)), ((0, 0), (0, 1))), {}, ["padding"], id="a_column_of_zeros"),
        pytest.param(np.ones((13, 60)), {"pitch": (0.5, 0.1)}, ["fewer than 16"], id="few_slices"),
        pytest.param(np.ones((16, 60)), {"pitch": (0.375, 0.1)}, [], id="sixteen_slices"),
    ],
)
def test_warnings(values, more, words):
    """What a reader of the numbers should know."""
    warnings = measured(values, **more).warnings
    assert len(warnings) == len(words)
    assert all(word in warning for word, warning in zip(words, warnings, strict=True))


def test_center_rule_takes_samples_whole():
    """A row that the raphe cuts is shared by area; by centres it is below the raphe altogether."""
    values = np.full(SHAPE, 25.0)
    values[20] = 50.0
    grid = CircleGrid(center_offset_mm=(0.0, 0.05))
    by_area, by_center = (
        measured(values, grid.model_copy(update={"coverage": rule}), rings=(halves(6.0),)).mean
        for rule in ("area", "center")
    )
    assert by_area[0] > 100.1
    assert by_center[0] == pytest.approx(100)
    assert by_center[1] > by_area[1]


def test_answer_of_a_measurement():
    """Nested by level and index, with the statistics that were asked for."""
    answer = SectorStatistics.of(measured(np.full(SHAPE, 25.0), rings=(Ring(0, 0.5), Ring(0.5, 1.5, 4))), ["std"], "R")
    assert answer.plain()["1"].keys() == {"0", "1", "2", "3"}
    assert answer.plain()["0"] == {"0": {"std": pytest.approx(0, abs=1e-12)}}
    assert answer.plain(extras=True)["labels"]["1"] == {
        "0": "nasal",
        "1": "inferior",
        "2": "temporal",
        "3": "superior",
    }
    assert answer.plain(extras=True)["coverage"]["1"]["3"] == pytest.approx(1)


def test_places_and_nesting():
    """Sectors are numbered ring by ring."""
    assert sector_places(ETDRS_RINGS) == ["0.0", "1.0", "1.1", "1.2", "1.3", "2.0", "2.1", "2.2", "2.3"]
    assert nested_by_ring(ETDRS_RINGS[:2], "abcde") == {"0": {"0": "a"}, "1": {"0": "b", "1": "c", "2": "d", "3": "e"}}


@pytest.mark.parametrize(
    ("rings", "laterality", "names"),
    [
        (ETDRS_RINGS[1:2], "R", ["nasal", "inferior", "temporal", "superior"]),
        (ETDRS_RINGS[1:2], "L", ["temporal", "inferior", "nasal", "superior"]),
        (
            GCC_RINGS[1:],
            "R",
            ["superotemporal", "superior", "superonasal", "inferonasal", "inferior", "inferotemporal"],
        ),
        (
            GCC_RINGS[1:],
            "L",
            ["superonasal", "superior", "superotemporal", "inferotemporal", "inferior", "inferonasal"],
        ),
        ((quarters(6.0, 0.0),), "R", ["inferonasal", "inferotemporal", "superotemporal", "superonasal"]),
        ((halves(6.0),), "L", ["superior", "inferior"]),
        (GCC_RINGS, None, None),
    ],
)
def test_names_of_sectors(rings, laterality, names):
    """Nasal is the image's right in a right eye and its left in a left eye."""
    assert sector_names(rings, laterality) == names


@pytest.mark.parametrize(("value", "expected"), [(1.5, 1.5), (np.float64(2), 2.0), (np.nan, None)])
def test_number(value, expected):
    """A plain number, or None for NaN."""
    assert number(value) == expected
    assert type(number(value)) in {float, type(None)}


@settings(max_examples=20, deadline=None)
@given(
    low=st.floats(0, 100),
    spread=st.floats(0, 100),
    seed=st.integers(0, 99),
    holes=st.floats(0, 0.4),
)
def test_means_lie_among_what_was_measured(low, spread, seed, holes):
    """No mean leaves the range of the samples, and no spread exceeds half of it."""
    rng = np.random.default_rng(seed)
    values = low + spread * rng.random(SHAPE)
    values[rng.random(SHAPE) < holes] = np.nan
    found = measured(values, CircleGrid(min_coverage=0.0))
    least, most = 4 * np.nanmin(values) - 1e-9, 4 * np.nanmax(values) + 1e-9
    reported = np.isfinite(found.mean)
    assert ((found.mean[reported] >= least) & (found.mean[reported] <= most)).all()
    assert (found.std[reported] <= (most - least) / 2).all()
    assert ((found.covered >= 0) & (found.covered <= 1)).all()
