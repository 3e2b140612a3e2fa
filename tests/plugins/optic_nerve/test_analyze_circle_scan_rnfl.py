"""Nerve fibre layer on a circular B-scan: where sectors lie, what is not measured, and real scans of a device."""

from __future__ import annotations

from collections.abc import Mapping
from math import pi
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foveola import InputError
from foveola_oct.optic_nerve.analyze_circle_scan_rnfl import analyze_circle_scan_rnfl as operation
from foveola_oct.optic_nerve.compare_odn_rnfl_graphs import compare_odn_rnfl_graphs
from foveola_oct.readers.heidelberg_vol import read
from foveola_oct.retina.tsnit import ANALYSES, CircularProfile, Sectors

DATA = Path(__file__).parents[3] / "../shared/data"
ROW_MM = 0.004
NASAL, INFERIOR, TEMPORAL, SUPERIOR = "0123"

Flat = dict[str, Any]


def scan(thickness_mm: Any, analysis_type: str = "quadrant", **values: Any) -> Flat:
    """A circular B-scan whose only layer has a thickness by A-scan; NaN is none."""
    thickness = np.asarray(thickness_mm, dtype=np.float64)
    top = np.full(thickness.size, 100.0)
    return {
        "segmentation_instances": {"borders": np.stack([top, top + thickness / ROW_MM])[:, None], "layers": ["rnfl"]},
        "analysis_type": analysis_type,
        "pixel_spacing_row": ROW_MM,
        "pixel_spacing_column": 0.0147,
        "pixel_image_width": thickness.size,
        "laterality": "R",
        **values,
    }


def statistics(request: Mapping[str, Any]) -> Flat:
    """The documented answer's only field."""
    found = operation.call(request)
    assert set(found) == {"rnfl_thickness_statistics"}
    return found["rnfl_thickness_statistics"]  # type: ignore[no-any-return]


def middle_of(index: int, count: int = 720) -> np.ndarray:
    """A profile that is 0.1 mm, but 0.2 in 4 degrees of the circle, those after 4 degrees times `index`."""
    return np.where(np.arange(count) * 90 // count == index, 0.2, 0.1)


@pytest.mark.parametrize(
    ("index", "quadrant", "hour", "sector"),
    [
        (0, TEMPORAL, "6", "0"),
        (22, SUPERIOR, "9", "8"),
        (45, NASAL, "0", "18"),
        (67, INFERIOR, "3", "26"),
        (89, TEMPORAL, "6", "35"),
    ],
)
def test_defaults_run_from_temporal_over_superior(index: int, quadrant: str, hour: str, sector: str) -> None:
    """The first A-scan is temporal; a quarter on is superior, half way nasal, then inferior, and temporal again."""
    found = statistics(scan(middle_of(index), "all"))
    for name, expected in (("quadrant", quadrant), ("twelve_segments", hour), ("graph", sector)):
        assert max(found[name], key=found[name].get) == expected
    assert found["single_segment"]["0"] == pytest.approx(0.1 + 0.1 / 90)


@pytest.mark.parametrize(
    ("start", "direction", "quadrant"),
    [
        (-180, "TSNIT", SUPERIOR),
        (180, "TSNIT", SUPERIOR),
        (-180, "TINST", INFERIOR),
        (0, "TSNIT", INFERIOR),
        (0, "TINST", SUPERIOR),
        (-90, "TSNIT", NASAL),
        (90, "TINST", NASAL),
    ],
)
def test_start_and_direction(start: float, direction: str, quadrant: str) -> None:
    """What lies a quarter along the B-scan, by where it begins and which way it runs."""
    found = statistics(scan(middle_of(22), scan_start_angle_deg=start, scan_direction=direction))
    assert max(found, key=found.get) == quadrant


def test_start_is_the_edge_of_the_first_a_scan() -> None:
    """A profile that is constant within the graph's sectors comes back exactly, in both directions."""
    steps = np.repeat(0.05 + 0.002 * np.arange(36), 20)
    assert list(statistics(scan(steps, "graph")).values()) == pytest.approx(0.05 + 0.002 * np.arange(36))
    backwards = statistics(scan(steps, "graph", scan_direction="TINST"))
    assert list(backwards.values()) == pytest.approx((0.05 + 0.002 * np.arange(36))[::-1])


@pytest.mark.parametrize("width", [7, 48, 500, 768])
def test_a_scan_on_a_border_is_shared(width: int) -> None:
    """Any number of A-scans: constants stay exact, and the means of equal sectors average to the whole."""
    profile = 0.1 + 0.03 * np.random.default_rng(width).random(width)
    found = statistics(scan(profile, "all"))
    for name in ("quadrant", "twelve_segments", "graph"):
        assert np.mean(list(found[name].values())) == pytest.approx(profile.mean(), rel=1e-12)
    assert found["single_segment"]["0"] == pytest.approx(profile.mean(), rel=1e-12)
    assert set(map("{:.12f}".format, statistics(scan(np.full(width, 0.1), "graph")).values())) == {"0.100000000000"}


def test_what_was_not_measured_is_left_out() -> None:
    """Missing and crossed borders are no thickness; under half a sector it is null, and a warning names it."""
    profile = np.full(720, 0.1)
    profile[90:120] = np.nan
    profile[120:180] = -0.02
    profile[300:340] = np.nan
    found = operation.call(scan(profile, include_extras=True))
    assert found["rnfl_thickness_statistics"] == pytest.approx(dict.fromkeys("0123", 0.1))
    assert found["coverage"] == pytest.approx({NASAL: 140 / 180, INFERIOR: 1, TEMPORAL: 1, SUPERIOR: 0.5})
    profile[181] = np.nan
    found = operation.call(scan(profile, include_extras=True))
    assert found["rnfl_thickness_statistics"][SUPERIOR] is None
    assert found["warnings"] == ["quadrant: not reported, under 50% measured: 3"]


def test_extras() -> None:
    """The circle's radius follows from its length; a left eye's hours are those that are seen."""
    found = operation.call(scan(np.full(768, 0.1), "twelve_segments", laterality="L", include_extras=True))
    assert found["circle_radius_mm"] == pytest.approx(768 * 0.0147 / (2 * pi))
    assert found["labels"]["0"] == "nasal (9 h)"
    assert set(found["coverage"]) == set(found["rnfl_thickness_statistics"])


def test_outlines_are_measured_as_borders_are() -> None:
    """Polygons give what borders give; a layer that is not there has vanished among others, alone it is missing."""
    columns = [0, 719.5]
    rnfl = [[columns[0], 100], [columns[1], 100], [columns[1], 125], [columns[0], 125]]
    gcl = [[180, 125], [540, 125], [540, 140], [180, 140]]
    request = scan(np.full(720, 0.1))
    outlines = [[{"points": rnfl, "className": "rnfl"}, {"points": gcl, "className": "gcl"}]]
    assert statistics(request | {"segmentation_instances": outlines}) == pytest.approx(statistics(request))
    inner = statistics(request | {"segmentation_instances": outlines, "layer": "gcl"})
    assert inner == {
        NASAL: pytest.approx(0.06),
        SUPERIOR: pytest.approx(0.03),
        INFERIOR: pytest.approx(0.03),
        TEMPORAL: 0,
    }
    alone = statistics(request | {"segmentation_instances": [outlines[0][1:]], "layer": "gcl"})
    assert alone == {
        NASAL: pytest.approx(0.06),
        SUPERIOR: pytest.approx(0.06),
        INFERIOR: pytest.approx(0.06),
        TEMPORAL: None,
    }


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("segmentation_instances", {"segmentation_instances": [[], []]}),
        ("segmentation_instances", {"segmentation_instances": 7}),
        ("layer", {"layer": "gcl"}),
        ("layer", {"segmentation_instances": [[]]}),
        ("pixel_image_width", {"pixel_image_width": 512}),
        ("analysis_type", {"analysis_type": "octants"}),
        ("laterality", {"laterality": "OD"}),
        ("scan_start_angle_deg", {"scan_start_angle_deg": 720}),
        ("scan_direction", {"scan_direction": "clockwise"}),
        ("pixel_spacing_row", {"pixel_spacing_row": 3.87}),
        ("pixel_spacing_column", {"pixel_spacing_column": 14.7}),
    ],
)
def test_wrong_input_is_refused_by_name(field: str, change: Flat) -> None:
    """Several B-scans, another width, a layer that nobody segmented: the error names the field."""
    with pytest.raises(InputError) as error:
        operation.call(scan(np.full(720, 0.1)) | change)
    assert error.value.field == field


@given(
    values=st.lists(st.floats(0, 0.3), min_size=1, max_size=99), start=st.integers(-720, 720), count=st.integers(1, 40)
)
def test_sectors_share_the_circle(values: list[float], start: int, count: int) -> None:
    """Whatever the numbers of samples and of sectors, nothing is lost or counted twice."""
    mean, covered = CircularProfile(np.array(values)).sectors(Sectors(count, start))
    assert mean.mean() == pytest.approx(np.mean(values), rel=1e-6, abs=1e-9)
    assert covered == pytest.approx(np.ones(count), abs=1e-7)


def test_graph_sectors_bear_the_names_of_their_quadrants() -> None:
    """Temporal at both ends of the graph, superior and inferior in its halves."""
    names = [name.partition(" ")[0] for name in ANALYSES["graph"].names]
    assert [names[k] for k in (0, 3, 5, 8, 12, 14, 17, 21, 23, 26, 30, 32, 35)] == [
        "temporal", "temporal", "superior", "superior", "superior", "nasal", "nasal", "nasal", "inferior",
        "inferior", "inferior", "temporal", "temporal",
    ]  # fmt: skip


def real(name: str) -> Path:
    """A folder of real scans; the test is skipped where it is absent."""
    folder = DATA / name
    if not folder.exists():
        pytest.skip(f"no real scans here: {folder} is absent")
    return folder


def of_file(path: Path, analysis_type: str = "all") -> Flat:
    """What the operation says of a `.vol` file, extras included."""
    exam = read(path)
    names = ("pixel_spacing_row", "pixel_spacing_column", "pixel_image_width", "laterality")
    found: Flat = operation.call(
        {
            "segmentation_instances": exam["layer_segmentation"],
            "analysis_type": analysis_type,
            "include_extras": True,
            **{name: exam[name] for name in names},
        }
    )
    assert found["circle_radius_mm"] == pytest.approx(exam["circle_radius_mm"], rel=2e-3)
    return found


def test_repeated_scans_of_an_eye_agree() -> None:
    """Test and retest: fully measured, a double hump, quadrants within 5 µm and graphs alike."""
    folder = real("spectralis_circle_pair")
    one, other = (of_file(folder / f"circle_{name}.vol") for name in "ab")
    for found in (one, other):
        quadrants = found["rnfl_thickness_statistics"]["quadrant"]
        assert min(quadrants[SUPERIOR], quadrants[INFERIOR]) > max(quadrants[NASAL], quadrants[TEMPORAL])
        assert found["coverage"]["quadrant"] == pytest.approx(dict.fromkeys("0123", 1.0))
        assert found["warnings"] == []
    first, second = (found["rnfl_thickness_statistics"] for found in (one, other))
    assert list(first["quadrant"].values()) == pytest.approx(list(second["quadrant"].values()), abs=0.005)
    compared = compare_odn_rnfl_graphs.call(
        {
            "graph_a": first["graph"],
            "graph_b": second["graph"],
            "equality_tolerance_mm": 0.009,
            "interpolation_points": 360,
        }
    )
    assert compared["similarity_score"] > 0.98


@pytest.mark.parametrize(
    ("borders", "expected_um"),
    [("boundaries_manual_px", (69.5, 92.3, 80.0, 141.9)), ("device_seg_px", (69.9, 87.0, 77.1, 140.9))],
    ids=["manual", "device"],
)
def test_quadrants_of_a_manually_segmented_scan(borders: str, expected_um: tuple[float, ...]) -> None:
    """Temporal, superior, nasal and inferior means as its source gives them, within 0.5 µm."""
    with np.load(real("spectralis_circle_manual9") / "circle_manual9.npz") as data:
        rows, (column_mm, row_mm) = data[borders].astype(np.float64), data["scale_mm"]
    rows = rows[[0, 1]] if borders == "boundaries_manual_px" else rows[[0, 2]]  # the device's order is ILM, BM, RNFL
    found = operation.call(
        {
            "segmentation_instances": {"borders": rows[:, None], "layers": ["rnfl"]},
            "analysis_type": "quadrant",
            "pixel_spacing_row": row_mm,
            "pixel_spacing_column": column_mm,
            "pixel_image_width": rows.shape[1],
            "laterality": "R",
        }
    )["rnfl_thickness_statistics"]
    order = (TEMPORAL, SUPERIOR, NASAL, INFERIOR)
    assert [found[index] * 1000 for index in order] == pytest.approx(expected_um, abs=0.5)


def test_failed_scan_is_reported_as_such() -> None:
    """A quarter of it was not segmented, some borders have crossed: coverage says so, and sectors are refused."""
    found = of_file(real("spectralis_circle_poor") / "circle_poor.vol")
    whole = found["coverage"]["single_segment"]["0"]
    assert 0.70 < whole < 0.757
    refused = [index for index, share in found["coverage"]["graph"].items() if share < 0.5]
    assert refused
    assert [index for index, mean in found["rnfl_thickness_statistics"]["graph"].items() if mean is None] == refused
    assert any(
        f"graph: not reported, under 50% measured: {', '.join(refused)}" in warning for warning in found["warnings"]
    )
    assert all(mean is None or mean >= 0 for mean in found["rnfl_thickness_statistics"]["graph"].values())
