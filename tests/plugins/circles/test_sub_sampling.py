"""Every operation that lays sectors about the fovea, against a plain count of sub-samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import foveola
from foveola_oct.retina import ORIENTATIONS

SHAPE, PITCH, PIXEL_MM = (21, 34), (0.27, 0.19), 0.0039  # [slices, columns], mm
REVERSED = {"BOTTOM_TOP", "RIGHT_LEFT"}
PER_SIDE = 20
SIDE, TURN = 5.2 / 4, np.radians(-7)  # of a cell of the grid, and of the grid

GRID = {"zone_of_interest": 5.2, "min_coverage": 0.4}
OPERATIONS = {
    "get_etdrs": {"statistics": ["mean", "std"]},
    "get_gcc_circle": {"statistics": ["mean", "std"]},
    "get_two_segment_circle": {"inner_diameter_mm": 0.8},
    "get_four_segment_circle": {"statistics_to_get": ["mean", "std"], "start_angle_deg": 20},
    "get_mmzone_glaucoma_ppaa_matrix": {"use_real_units": True, "fovea_disc_angle_deg": -7, "grid_size": 4},
}


@dataclass
class Points:
    """Sub-samples of a map: where they lie about the fovea, mm, and what is measured there, µm."""

    down: np.ndarray
    right: np.ndarray
    thickness: np.ndarray
    area: float

    def within(self, inner, outer, begin=0.0, end=360.0):
        """Choose a ring's sector, clockwise from the right."""
        radius = np.hypot(self.down, self.right)
        angle = np.degrees(np.arctan2(self.down, self.right))
        in_zone = (np.abs(self.down) <= 2.6) & (np.abs(self.right) <= 2.6)
        return in_zone & (inner <= radius) & (radius < outer) & ((angle - begin) % 360 < end - begin)

    def in_cell(self, row, column):
        """Choose a cell of the turned grid."""
        along = self.right * np.cos(TURN) + self.down * np.sin(TURN)
        across = self.down * np.cos(TURN) - self.right * np.sin(TURN)
        return (np.floor(across / SIDE + 2) == row) & (np.floor(along / SIDE + 2) == column)

    def moments(self, chosen, area):
        """Tell mean, deviation and measured share of a sector of some area; numbers only if enough was measured."""
        samples = self.thickness[chosen]
        samples = samples[np.isfinite(samples)]
        share = len(samples) * self.area / area
        return (samples.mean(), samples.std(), share) if share >= 0.4 else (None, None, share)


def sub_sampled(pixels, orientation, fovea, window, per_side):
    """Cut each sample into `per_side` by `per_side`."""
    across, along = ((np.arange(n * per_side) + 0.5) / per_side for n in SHAPE)
    row0, row1, col0, col1 = window
    scanned = ((across >= row0) & (across < row1))[:, None] & (along >= col0) & (along < col1)
    thickness = np.where(scanned, np.kron(pixels, np.ones((per_side, per_side))), np.nan) * PIXEL_MM * 1000
    slices = (across - fovea[1] - 0.5) * PITCH[0] * (-1 if orientation.slice_direction in REVERSED else 1)
    columns = (along - fovea[0] - 0.5) * PITCH[1] * (-1 if orientation.pixel_direction in REVERSED else 1)
    down, right = np.meshgrid(slices, columns, indexing="ij")
    if orientation.scan_protocol == "VERTICAL_3D":
        down, right = right, down
    return Points(down, right, thickness, PITCH[0] * PITCH[1] / per_side**2)


def expected(operation, points):
    """Tell what each place of an answer should say: mean, deviation and share."""
    if operation == "get_mmzone_glaucoma_ppaa_matrix":
        return {(row, column): points.moments(points.in_cell(row, column), SIDE**2) for row, column in np.ndindex(4, 4)}
    ring = {
        "get_etdrs": [(0, 0.5, 1, 0), (0.5, 1.5, 4, -45), (1.5, 3, 4, -45)],
        "get_gcc_circle": [(0, 0.5, 1, 0), (0.5, 3, 6, -180)],
        "get_two_segment_circle": [(0.4, 2.6, 2, -180)],
        "get_four_segment_circle": [(0, 2.6, 4, 20)],
    }[operation]
    return {
        (level, sector): points.moments(
            points.within(inner, outer, start + sector * 360 / n, start + (sector + 1) * 360 / n),
            np.pi * (outer**2 - inner**2) / n,
        )
        for level, (inner, outer, n, start) in enumerate(ring)
        for sector in range(n)
    }


def answered(operation, answer, place):
    """Find what an answer says of a place: mean, deviation if it has one, share."""
    level, sector = place
    half = ("superior", "inferior")[sector % 2 if operation == "get_two_segment_circle" else level // 2]
    match operation:
        case "get_two_segment_circle":
            return answer[half], None, answer["coverage"][half]
        case "get_four_segment_circle":
            return *answer[str(sector)].values(), answer["coverage"][str(sector)]
        case "get_mmzone_glaucoma_ppaa_matrix":
            return answer[f"{half}_thickness"][level % 2][sector], None, answer["coverage"][half][level % 2][sector]
        case _:
            return *answer[str(level)][str(sector)].values(), answer["coverage"][str(level)][str(sector)]


@pytest.mark.parametrize("coverage", ["area", "center"])
@pytest.mark.parametrize("operation", OPERATIONS)
@settings(max_examples=8)
@given(
    which=st.integers(0, 7),
    fovea=st.tuples(st.integers(12, 20), st.integers(7, 13)).map(lambda at: (at[0] + 0.137, at[1] + 0.291)),
    window=st.tuples(st.integers(0, 6), st.integers(15, 21), st.integers(0, 8), st.integers(26, 34)),
    hole=st.tuples(st.integers(0, 20), st.integers(0, 33)),
    seed=st.integers(0, 99),
)
def test_sectors_are_what_their_samples_say(operation, coverage, which, fovea, window, hole, seed):
    """A smooth retina with a hole, scanned in part and off its fovea, in any orientation: the same numbers."""
    orientation = ORIENTATIONS[which]
    y, x = np.ogrid[: SHAPE[0], : SHAPE[1]]
    pixels = np.random.default_rng(seed).normal(60, 0.5, SHAPE) + 5 * np.sin(x / 9) + 5 * np.cos(y / 7)
    pixels[hole[0] : hole[0] + 4, hole[1] : hole[1] + 5] = np.nan
    scan = {
        **orientation.model_dump(),
        "slice_thickness": PITCH[0],
        "pixel_spacing_column": PITCH[1],
        "pixel_spacing_row": PIXEL_MM,
    }
    answer = foveola.call(
        operation,
        layers_thickness_maps={"rnfl": pixels},
        used_layers=["rnfl"],
        coverage=coverage,
        map_center=list(fovea),
        valid_window=list(window),
        include_extras=True,
        **scan,
        **GRID,
        **OPERATIONS[operation],
    )
    points = sub_sampled(pixels, orientation, fovea, window, PER_SIDE if coverage == "area" else 1)
    near, alike = (0.02, 0.4) if coverage == "area" else (1e-9, 1e-7)
    for place, (mean, std, share) in expected(operation, points).items():
        told_mean, told_std, told_share = answered(operation, answer, place)
        assert told_share == pytest.approx(min(share, 1), abs=near)
        if abs(share - GRID["min_coverage"]) > near:
            assert told_mean == (mean and pytest.approx(mean, abs=alike))
            assert told_std is None or told_std == pytest.approx(std, abs=alike)
