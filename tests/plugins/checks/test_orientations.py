"""The check of the eight orientations: it catches what depends on how a scan was acquired, and nothing else."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import pytest

from foveola import Array, Micrometres, Operation, Output, Unit, operation
from foveola_oct.checks import foveola_faults
from foveola_oct.checks.scans import SAMPLES, TurnedScan
from foveola_oct.retina import (
    AS_ACQUIRED,
    ORIENTATIONS,
    LayerThicknessMaps,
    PathologySegmentation,
    ScanGeometry,
    ThicknessMap,
)

EXAMPLE = {"used_layers": ["gcl"]}


class Thickness(Output):
    """A thickness."""

    thickness: Micrometres


class Place(Output):
    """Where a map is thickest."""

    place: Annotated[tuple[int, int], Unit("px")]


class PlaceAsAcquired(Output):
    """Where a map is thickest, in samples of the scan."""

    place: Annotated[tuple[int, int], Unit("px"), AS_ACQUIRED]


class Picture(Output):
    """A map, and itself in a frame."""

    map: ThicknessMap
    samples: Annotated[np.ndarray, Array("slices", "columns"), Unit("px")]
    picture: Annotated[np.ndarray, Array("rows", "columns"), Unit("px")]


class Points(Output):
    """An outline."""

    outline: Annotated[np.ndarray, Array("points", "xy"), Unit("mm")]


@operation("acme.upper_half")
def upper_half(layers_thickness_maps: LayerThicknessMaps, geometry: ScanGeometry) -> Thickness:
    """The upper half, as the fundus is seen."""
    seen = geometry.canonicalise(layers_thickness_maps.maps["gcl"].values)
    return Thickness(thickness=float(np.nanmean(seen[: len(seen) // 2])))


@operation("acme.first_half")
def first_half(layers_thickness_maps: LayerThicknessMaps, geometry: ScanGeometry) -> Thickness:
    """The first slices, whichever they are."""
    values = layers_thickness_maps.maps["gcl"].values
    return Thickness(thickness=float(np.nanmean(values[: len(values) // 2])), warnings=(geometry.slice_direction,))


@operation("acme.off_by_one")
def off_by_one(layers_thickness_maps: LayerThicknessMaps, geometry: ScanGeometry) -> Thickness:
    """The upper half, less one line where it is turned over."""
    seen = geometry.canonicalise(layers_thickness_maps.maps["gcl"].values)
    turned = geometry.slice_direction == "BOTTOM_TOP"
    return Thickness(thickness=float(np.nanmean(seen[: len(seen) // 2 - turned])))


def thickest(values: np.ndarray) -> tuple[int, int]:
    """Column and slice of the largest value."""
    row, column = np.unravel_index(np.nanargmax(values), values.shape)
    return int(column), int(row)


@operation("acme.place")
def place(pathology_map: ThicknessMap, geometry: ScanGeometry) -> Place:
    """In samples, and nobody says so."""
    return Place(place=thickest(pathology_map.values), warnings=(geometry.slice_direction,))


@operation("acme.place_as_acquired")
def place_as_acquired(pathology_map: ThicknessMap, geometry: ScanGeometry) -> PlaceAsAcquired:
    """In samples, and it is said."""
    return PlaceAsAcquired(place=thickest(pathology_map.values), warnings=(geometry.slice_direction,))


@operation("acme.picture")
def picture(pathology_map: ThicknessMap, geometry: ScanGeometry) -> Picture:
    """A map in both frames."""
    values = pathology_map.values
    return Picture(map=pathology_map, samples=values, picture=geometry.canonicalise(values))


@operation("acme.unturned_picture")
def unturned_picture(pathology_map: ThicknessMap, geometry: ScanGeometry) -> Picture:
    """A map whose picture is not turned."""
    values = pathology_map.values
    return Picture(map=pathology_map, samples=values, picture=values, warnings=(geometry.slice_direction,))


@operation("acme.outline")
def outline(pathology_map: ThicknessMap, geometry: ScanGeometry) -> Points:
    """The corners of what is seen, wherever one begins."""
    rows, columns = np.nonzero(geometry.canonicalise(pathology_map.values))
    points = np.array([[columns.min(), rows.min()], [columns.max(), rows.max()]], float)
    return Points(outline=np.roll(points, geometry.is_vertical, axis=0))


@operation("acme.drawn")
def drawn(segmentation_instances: PathologySegmentation, num_slices: int, geometry: ScanGeometry) -> Thickness:
    """The share of slices on which something is drawn, which is one along and another across."""
    count = len(segmentation_instances.plain())
    share = count / num_slices + 0.01 * geometry.is_vertical
    return Thickness(thickness=share)


@operation("acme.refuses")
def refuses(layers_thickness_maps: LayerThicknessMaps, geometry: ScanGeometry) -> Thickness:
    """Take no vertical scan."""
    if geometry.is_vertical:
        raise ValueError("lies on its side")
    return upper_half(layers_thickness_maps, geometry)


@operation("acme.anywhere")
def anywhere(layers_thickness_maps: LayerThicknessMaps) -> Thickness:
    """Nobody asks it for an orientation."""
    return Thickness(thickness=float(layers_thickness_maps.maps["gcl"].values[0, 0]))


FIRST = "HORIZONTAL_3D TOP_BOTTOM LEFT_RIGHT"


@pytest.mark.parametrize(
    ("checked", "said"),
    [
        pytest.param(
            first_half, f"`thickness` of its answer differs between one eye scanned {FIRST} and ", id="turned"
        ),
        pytest.param(off_by_one, f"`thickness` of its answer differs between one eye scanned {FIRST} and ", id="line"),
        pytest.param(place, f"`place` of its answer differs between one eye scanned {FIRST} and ", id="place"),
        pytest.param(unturned_picture, "`picture` of its answer differs between one eye scanned ", id="picture"),
        pytest.param(
            refuses, "a phantom scanned VERTICAL_3D LEFT_RIGHT TOP_BOTTOM raises ValueError: lies on its", id="refuses"
        ),
    ],
)
def test_what_depends_on_the_orientation_is_caught(checked: Operation, said: str) -> None:
    """Once for each field, with two orientations between which it differs and what to do."""
    (fault,) = foveola_faults(checked, [EXAMPLE])
    assert fault.check == "orientation"
    assert fault.message.startswith(said)
    assert "canonicalise" in fault.remedy


@pytest.mark.parametrize("checked", [upper_half, place_as_acquired, picture, outline, drawn, anywhere])
def test_what_does_not_depend_on_it_passes(checked: Operation) -> None:
    """Also what is marked as acquired, begins elsewhere, is drawn on other B-scans, or takes no orientation."""
    assert list(foveola_faults(checked, [EXAMPLE])) == []


def test_without_an_example_nothing_is_asked() -> None:
    """That there is none is told already."""
    assert list(foveola_faults(first_half, [])) == []


@pytest.mark.parametrize("orientation", ORIENTATIONS, ids=lambda one: "-".join(one.model_dump().values()))
def test_every_orientation_samples_the_same_places(orientation: Any) -> None:
    """So that answers may be compared to the last digit."""
    turned, first = TurnedScan(orientation), TurnedScan(ORIENTATIONS[0])
    for name in ("layers_thickness_maps", "pathology_map"):
        parameters = [one.parameters[name] for one in (upper_half, place) if name in one.parameters]
        (value,), (expected,) = (one.values(parameters, {}).values() for one in (turned, first))
        maps = (
            {"": (value, expected)}
            if name == "pathology_map"
            else {layer: (value.maps[layer], expected.maps[layer]) for layer in value.maps}
        )
        for here, there in maps.values():
            seen = orientation.canonicalise(here.values)
            assert seen.shape == (SAMPLES, SAMPLES)
            np.testing.assert_allclose(seen, ORIENTATIONS[0].canonicalise(there.values), atol=1e-9)
