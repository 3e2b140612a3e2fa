"""Real circular scans: two of one eye at one visit, and one that went wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

import foveola

DATA = Path(__file__).parents[2] / "../shared/data"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real scans are not beside this checkout")


def rnfl_um(path: str) -> dict[str, float | None]:
    """The quadrants' thickness, µm."""
    quadrants = foveola.run("circle_scan", DATA / path).outputs["rnfl"]["quadrant"]
    return {index: None if value is None else value * 1000 for index, value in quadrants.items()}


def test_two_scans_of_one_eye_agree(capsys: pytest.CaptureFixture[str]) -> None:
    """Test and retest differ by 1.2 µm at most in a quadrant."""
    first, second = rnfl_um("spectralis_circle_pair/circle_a.vol"), rnfl_um("spectralis_circle_pair/circle_b.vol")
    differences = {index: second[index] - first[index] for index in first}
    with capsys.disabled():
        print("\ntest-retest, µm:", {index: round(value, 2) for index, value in differences.items()})  # noqa: T201
    assert list(first.values()) == pytest.approx([75.90, 143.19, 85.57, 139.08], abs=0.01)
    assert max(map(abs, differences.values())) < 1.25


def test_a_failed_scan_reports_what_it_saw_and_no_more() -> None:
    """The quadrant whose segmentation is lost is null, and the answer says how much was seen."""
    result = foveola.run("circle_scan", DATA / "spectralis_circle_poor" / "circle_poor.vol")
    assert result.outputs["rnfl"]["quadrant"]["2"] is None
    assert result.outputs["rnfl_coverage"]["single_segment"]["0"] == pytest.approx(0.725, abs=0.001)
    assert any("quadrant" in warning for warning in result.warnings)
