"""A real macular raster, from a device's surfaces to ETDRS, halves and stage."""

from __future__ import annotations

from pathlib import Path

import pytest

import foveola

RASTER = Path(__file__).parents[2] / "../shared/data/spectralis_raster_iowa/TEST_T_566581_Surfaces_Iowa.xml"

pytestmark = pytest.mark.skipif(not RASTER.is_file(), reason="the real scans are not beside this checkout")


@pytest.fixture(scope="module")
def result():
    """The recipe for device files on the raster."""
    return foveola.run("macula_from_layers", RASTER)


def test_nothing_is_skipped(result) -> None:
    """A device's layers are enough for everything that the recipe says."""
    assert {step.state for step in result.steps.values()} <= {"computed", "remembered"}


def test_the_fovea_is_where_its_description_says(result) -> None:
    """Row 9, column 253, within 0.1 mm."""
    x, z = result.outputs["fovea"]["exam_center_coordinate"]
    assert (((x - 253) * 0.01168) ** 2 + ((z - 9) * 0.249175) ** 2) ** 0.5 < 0.1


def test_outer_superior_and_inferior_fields_are_said_to_be_seventy_per_cent_covered(result) -> None:
    """The scan is 4.73 mm high: the rest is fully covered, and nothing is filled in."""
    coverage = result.outputs["etdrs_coverage"]
    below, above = coverage["2"]["1"], coverage["2"]["3"]
    assert (below + above) / 2 == pytest.approx(0.70, abs=0.01)
    assert abs(below - above) < 0.1  # the fovea does not lie in the very middle of the scan
    assert all(share == pytest.approx(1.0) for level in ("0", "1") for share in coverage[level].values())
    assert coverage["2"]["2"] == pytest.approx(1.0)
    assert result.outputs["thickness_status"] == "ZONE_OF_INTEREST_NOT_REACHED"


def test_means_of_each_layer_are_these(result) -> None:
    """The figures, so that nobody changes them unawares; layers sum to the whole retina."""
    etdrs, retina = result.outputs["etdrs"], result.outputs["retina"]
    assert retina["0"]["0"]["mean"] == pytest.approx(288.9, abs=0.05)
    assert etdrs["rnfl"]["2"]["0"]["mean"] == pytest.approx(47.3, abs=0.05)
    assert etdrs["onl"]["0"]["0"]["mean"] == pytest.approx(108.3, abs=0.05)
    for level, sectors in retina.items():
        for sector, of_retina in sectors.items():
            layers = sum(etdrs[layer][level][sector]["mean"] for layer in etdrs)
            assert layers == pytest.approx(of_retina["mean"], rel=1e-9)


def test_halves_and_stage_are_these(result) -> None:
    """Both halves are within normal limits."""
    assert result.outputs["halves"] == pytest.approx({"superior": 103.14, "inferior": 105.72}, abs=0.01)
    assert result.outputs["glaucoma_stage"] == {"glaucoma_stage": "NORMAL", "borderline": False}
