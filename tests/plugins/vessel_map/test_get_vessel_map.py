"""The fundus-like picture: its size, where vessels lie in it, artifacts, and images that are none."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from foveola import InputError
from foveola_oct.retina import ORIENTATIONS, BScanImages, Orientation
from foveola_oct.retina.phantoms import disc_phantom
from foveola_oct.retina.projection import (
    find_artifacts,
    fundus_picture,
    grey_values,
    project_band,
    project_mean,
    resample,
    stretch,
)
from foveola_oct.vessel_map.get_vessel_map import get_vessel_map as operation

RIGHT = ORIENTATIONS[0]
ROWS = 40
METRE = {"slice_thickness": 3, "pixel_spacing_column": 1}

Flat = dict[str, Any]


def images_of(canonical: np.ndarray, orientation: Orientation = RIGHT) -> np.ndarray:
    """B-scans that are uniform in depth and show a picture [rows, columns] when projected."""
    acquired = orientation.to_acquisition(canonical)
    return np.repeat(acquired[:, None, :], ROWS, axis=1).astype(np.uint8)


def scan(images: np.ndarray, orientation: Orientation = RIGHT, dy: float = 0.1, dx: float = 0.1, **values: Any) -> Flat:
    """A request whose picture's pixels are dy x dx mm."""
    across, along = (dx, dy) if orientation.is_vertical else (dy, dx)
    geometry = {**orientation.model_dump(), "slice_thickness": across, "pixel_spacing_column": along}
    return {"bscan_images": images, **geometry, "scaling_factor_visualization": 10, **values}


def picture(request: Flat) -> np.ndarray:
    """The decoded picture of the documented answer."""
    answer = operation.call(request)
    assert set(answer) == {"vessel_map"}
    return decoded(answer)


def decoded(answer: Flat) -> np.ndarray:
    """The picture of an answer."""
    content = np.frombuffer(b64decode(answer["vessel_map"], validate=True), np.uint8)
    assert content[:4].tobytes() == b"\x89PNG"
    return np.asarray(cv2.imdecode(content, cv2.IMREAD_UNCHANGED))


@pytest.mark.parametrize(
    ("shape", "extent_mm", "size"),
    [((25, 512), (6, 6), (600, 600)), ((128, 512), (9, 12), (900, 1200)), ((20, 50), (0.004, 0.01), (1, 1))],
)
def test_size_is_the_scanned_zone(
    shape: tuple[int, int], extent_mm: tuple[float, float], size: tuple[int, int]
) -> None:
    """6 x 6 mm at 100 px/mm are 600 x 600 pixels, 12 x 9 mm are 1200 wide and 900 high."""
    images = np.full((shape[0], 8, shape[1]), 90, dtype=np.uint8)
    dy, dx = (extent / count for extent, count in zip(extent_mm, shape, strict=True))
    assert picture(scan(images, dy=dy, dx=dx, scaling_factor_visualization=100)).shape == size


def test_vertical_scans_swap_the_sides(orientation: Orientation) -> None:
    """Slices are columns of a vertical scan's picture."""
    images = np.full((20, 8, 60), 90, dtype=np.uint8)
    request = {"bscan_images": images, **orientation.model_dump(), "slice_thickness": 0.1, "pixel_spacing_column": 0.05}
    size = picture(request).shape
    assert size == ((300, 200) if orientation.is_vertical else (200, 300))


@pytest.mark.parametrize("projection", ["rpe_band", "mean"])
def test_constant_volume_is_middle_grey(projection: str) -> None:
    """Without contrast nothing is stretched: 128 everywhere, and no warning."""
    answer = operation.call(
        scan(np.full((9, ROWS, 30), 77, dtype=np.uint8), projection=projection, include_extras=True)
    )
    assert set(np.unique(decoded(answer))) == {128}
    assert (answer["warnings"], answer["inpainted_slices"]) == ([], [])


def test_black_volume_is_middle_grey_with_a_warning() -> None:
    """All images black: 128, nothing painted."""
    answer = operation.call(scan(np.zeros((9, ROWS, 30), dtype=np.uint8), include_extras=True))
    assert set(np.unique(decoded(answer))) == {128}
    assert answer["warnings"] == ["all images are black"]


def test_shadow_becomes_a_dark_band(orientation: Orientation) -> None:
    """Five dark columns of a hundred in every slice are a dark band of that width, across if the scan is vertical."""
    images = np.full((60, ROWS, 100), 200, dtype=np.uint8)
    images[:, :, 40:45] = 40
    shown = picture(scan(images, orientation))
    dark = shown < 64
    lines = dark.all(axis=1) if orientation.is_vertical else dark.all(axis=0)
    assert dark.sum() == 5 * 60
    assert lines.sum() == 5
    is_reversed = orientation.pixel_direction in {"RIGHT_LEFT", "BOTTOM_TOP"}
    assert np.flatnonzero(lines)[0] == (55 if is_reversed else 40)


@pytest.mark.parametrize("orientation_", [ORIENTATIONS[0], ORIENTATIONS[7]], ids=["horizontal", "vertical"])
def test_corners_lie_where_they_were_scanned(orientation_: Orientation) -> None:
    """A bright corner of the fundus is in that corner of the picture."""
    fundus = np.full((30, 40), 60.0)
    fundus[:6, :6] = 200
    shown = picture(scan(images_of(fundus, orientation_), orientation_))
    assert (shown[:6, :6] == 255).all()
    assert shown[8:, 8:].max() == 0


def test_gradient_stays_monotone_and_is_mirrored(orientation: Orientation) -> None:
    """Brightness that grows to the right does so however it was scanned."""
    fundus = np.tile(np.linspace(40, 200, 80), (30, 1))
    shown = picture(scan(images_of(fundus, orientation), orientation)).astype(int)
    assert (np.diff(shown, axis=1) >= 0).all()
    assert shown[:, 0].max() == 0
    assert shown[:, -1].min() == 255
    unturned = picture(scan(images_of(fundus), dy=0.1, dx=0.1))
    np.testing.assert_array_equal(shown, unturned)


def test_black_slice_is_painted_from_its_neighbours() -> None:
    """A black slice is reported and within 5 grey levels of its neighbours' mean; unpainted it stays black."""
    fundus = np.tile(np.linspace(80, 160, 60), (25, 1))
    images = images_of(fundus)
    images[11] = 0
    answer = operation.call(scan(images, include_extras=True))
    shown = decoded(answer).astype(int)
    assert answer["inpainted_slices"] == [11]
    assert np.abs(shown[11] - (shown[10] + shown[12]) / 2).max() <= 5
    left = operation.call(scan(images, inpaint_artifacts=False, include_extras=True))
    assert decoded(left)[11].max() == 0
    assert left["inpainted_slices"] == []
    assert left["warnings"] == ["slices 11 look like artifacts"]


def test_black_slice_of_a_constant_volume() -> None:
    """Even where there is no contrast to stretch a black slice is black unless it is painted."""
    images = np.full((25, ROWS, 30), 90, dtype=np.uint8)
    images[11] = 0
    assert np.ptp(np.append(picture(scan(images)), 128)) <= 2
    left = picture(scan(images, inpaint_artifacts=False))
    assert (set(np.unique(left[11])), set(np.unique(np.delete(left, 11, axis=0)))) == ({0}, {128})


def test_vertical_stripe_is_not_painted() -> None:
    """A dark column in every slice is a vessel, not an artifact."""
    images = np.full((25, ROWS, 100), 200, dtype=np.uint8)
    images[:, :, 40:45] = 40
    assert operation.call(scan(images, include_extras=True))["inpainted_slices"] == []


def test_too_many_artifacts_are_left() -> None:
    """With more than 30 % bad slices there is too little to paint from: a warning, no invention."""
    images = images_of(np.tile(np.linspace(80, 160, 60), (20, 1)))
    images[3:10] = 0
    answer = operation.call(scan(images, include_extras=True))
    assert answer["inpainted_slices"] == []
    assert decoded(answer)[3:10].max() == 0
    assert "too many to paint" in answer["warnings"][0]
    images[9] = images[10]
    assert operation.call(scan(images, include_extras=True))["inpainted_slices"] == [3, 4, 5, 6, 7, 8]


def test_bright_slice_is_an_artifact() -> None:
    """A slice that strays by more than five robust deviations is painted; a higher limit lets it be."""
    fundus = np.tile(np.linspace(80, 160, 60), (25, 1)) + np.random.default_rng(0).normal(0, 1, (25, 1))
    fundus[7] += 40
    request = scan(images_of(fundus), include_extras=True)
    assert operation.call(request)["inpainted_slices"] == [7]
    assert operation.call(request | {"artifact_k": 1000.0})["inpainted_slices"] == []


def test_mean_projection_is_the_mean() -> None:
    """Before it is stretched it is numpy's mean over the rows."""
    images = np.random.default_rng(0).integers(0, 256, (4, 50, 30), dtype=np.uint8)
    np.testing.assert_allclose(project_mean(images), (images / 255.0).mean(axis=1), rtol=1e-12)


def eye(depth: np.ndarray, band: float = 200.0, choroid: float = 90.0, height: int = 200) -> np.ndarray:
    """A B-scan with a bright band, 5 rows deep, at a depth by column, a bright inner layer 60 rows above it."""
    rows = np.arange(height)[:, None]
    image = np.where(rows > depth, choroid, 50.0)
    image = np.where(np.abs(rows - depth) <= 2, band, image)
    return np.where(np.abs(rows - depth + 60) <= 4, 230.0, image)


def test_band_follows_the_outer_retina() -> None:
    """The most posterior bright layer is taken, though an inner one is brighter, and a shadow on it is seen."""
    columns = np.arange(120)
    depth = 120 + 0.2 * columns
    image = eye(depth)
    shade = np.where((columns >= 50) & (columns < 56), 0.5, 1.0)
    rows = np.arange(200)[:, None]
    image = np.where(rows > depth - 20, image * shade, image).astype(np.uint8)
    projected = project_band(image[None])[0]
    about = (rows >= np.rint(depth) - 4) & (rows <= np.rint(depth) + 8)
    expected = np.array([image[inside, column].mean() for column, inside in enumerate(about.T)]) / 255
    np.testing.assert_allclose(projected, expected, rtol=0.1)
    assert projected[50:56].max() < 0.6 * np.delete(projected, np.s_[48:58]).min()
    mean = project_mean(image[None])[0]
    assert mean[50:56].mean() / np.median(mean) > projected[50:56].mean() / np.median(projected)


@pytest.mark.parametrize(("width", "is_bridged"), [(20, True), (60, False)])
def test_gap_in_the_band(width: int, is_bridged: bool) -> None:
    """Where a few columns have no band it is bridged; with more than a fifth the slice is projected by its mean."""
    whole = eye(np.full(100, 120.0)).astype(np.uint8)
    holed = whole.copy()
    holed[:, 50 - width // 2 : 50 + width // 2] = np.arange(200, 0, -1)[:, None]  # falls all the way: no local maximum
    projected = project_band(holed[None])[0]
    if is_bridged:
        np.testing.assert_allclose(projected[:30], project_band(whole[None])[0, :30], rtol=0.01)
        assert projected[50] == pytest.approx(np.arange(200, 0, -1)[116:129].mean() / 255, rel=0.03)
    else:
        np.testing.assert_allclose(projected, project_mean(holed[None])[0])


def test_slices_are_projected_one_by_one() -> None:
    """A slice's row does not depend on its neighbours."""
    volume = np.stack([eye(np.full(60, depth)) for depth in (90.0, 130.0, 190.0)]).astype(np.uint8)
    np.testing.assert_array_equal(project_band(volume), np.concatenate([project_band(one[None]) for one in volume]))


@pytest.mark.parametrize("orientation_", [ORIENTATIONS[1], ORIENTATIONS[6]], ids=["horizontal", "vertical"])
def test_vessels_of_the_phantom_are_dark(orientation_: Orientation) -> None:
    """The phantom's arcades are dark where they are in the eye, in whatever order it was scanned."""
    scan_of_disc = disc_phantom(num_slices=40, pixel_image_width=160, **orientation_.model_dump())
    names = ("bscan_images", "slice_thickness", "pixel_spacing_column")
    request = {name: scan_of_disc[name] for name in names} | orientation_.model_dump()
    shown = picture(request | {"scaling_factor_visualization": 20}).astype(float)
    side = np.arange(len(shown)) + 0.5
    x, y = side[None, :] / 20 - 3, side[:, None] / 20 - 3
    up_and_out = (np.hypot(x, y) > 1.2) & (np.hypot(x, y) < 2.2)
    angle = np.degrees(np.arctan2(y, x))
    sectors = [np.percentile(shown[up_and_out & (np.abs(angle - middle) < 20)], 5) for middle in (-130, 0, 130)]
    assert sectors[1] > sectors[0] + 30
    assert sectors[1] > sectors[2] + 30


def test_one_slice_is_allowed() -> None:
    """A single B-scan is one line of the picture."""
    images = images_of(np.linspace(40, 200, 80)[None])
    assert picture(scan(images)).shape == (1, 80)


@pytest.mark.parametrize(
    "convert",
    [
        lambda images: images,
        lambda images: images.astype(np.uint16) * 257,
        lambda images: images / 255,
        lambda images: images.astype(np.int64),
        lambda images: images.tolist(),
        lambda images: images > 100,
    ],
    ids=["8 bit", "16 bit", "0 to 1", "other integers", "lists", "black and white"],
)
def test_grey_values_of_any_kind(convert: Callable[[np.ndarray], Any]) -> None:
    """Images of 8 and 16 bit and from 0 to 1 give the same picture."""
    images = images_of(np.tile(np.where(np.arange(50) < 25, 40, 200), (12, 1)))
    np.testing.assert_array_equal(picture(scan(convert(images))), picture(scan(images)))


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("bscan_images", {"bscan_images": np.empty((0, 5, 5), np.uint8)}),
        ("bscan_images", {"bscan_images": []}),
        ("bscan_images", {"bscan_images": [[[1, 2], [3, 4]], [[1, 2]]]}),
        ("bscan_images", {"bscan_images": np.full((2, 3, 4), -1.0)}),
        ("bscan_images", {"bscan_images": np.full((2, 3, 4), np.nan)}),
        ("bscan_images", {"bscan_images": np.full((2, 3, 4), 70_000)}),
        ("bscan_images", {"bscan_images": np.full((2, 3), 7)}),
        ("bscan_images", {"bscan_images": [[["a"]]]}),
        ("scaling_factor_visualization", {"scaling_factor_visualization": 0}),
        ("scaling_factor_visualization", {"scaling_factor_visualization": 1000, **METRE}),
        ("scaling_factor_visualization", {"scaling_factor_visualization": 1000, "pixel_spacing_column": 1.0,
                                          "bscan_images": np.zeros((1, 4, 100), np.uint8), "slice_thickness": 1e-4}),
        ("projection", {"projection": "max"}),
        ("artifact_k", {"artifact_k": 0}),
        ("pixel_direction", {"pixel_direction": "TOP_BOTTOM"}),
    ],
)  # fmt: skip
def test_wrong_input_is_refused_by_name(field: str, change: Flat) -> None:
    """No images, unequal sizes, values that are no greys, a picture too large: the error names the field."""
    with pytest.raises(InputError) as error:
        operation.call(scan(np.full((20, 4, 20), 9, np.uint8)) | change)
    assert error.value.field == field


@pytest.mark.parametrize(("count", "size"), [(7, 7), (7, 21), (7, 5), (100, 33), (1, 4), (4, 1)])
def test_resampling_keeps_constants_and_means(count: int, size: int) -> None:
    """Whether a picture grows or shrinks, a constant stays and a mean nearly does; shrinking is exact."""
    random = np.random.default_rng(size).integers(0, 256, (count, count), dtype=np.uint8)
    assert set(np.unique(resample(np.full((count, count), 93, np.uint8), (size, size)))) == {93}
    resampled = resample(random, (size, size))
    assert resampled.shape == (size, size)
    if size <= count:
        assert resampled.mean() == pytest.approx(random.mean(), abs=0.5)


def test_resampling_needs_no_more_memory_than_pictures() -> None:
    """The widest B-scan that there is, and a picture as wide: tens of kilobytes, not tens of gigabytes."""
    picture = np.tile(np.arange(65_535) % 256, (2, 1)).astype(np.uint8)
    assert resample(picture, (3, 65_530)).shape == (3, 65_530)
    assert resample(picture[:, :32_768], (1, 65_535)).shape == (1, 65_535)


def test_resampling_is_aligned_to_cells() -> None:
    """As cv2 does it where one way of resampling fits both axes."""
    random = np.random.default_rng(0).integers(0, 256, (12, 20), dtype=np.uint8)
    grown = cv2.resize(random, (50, 30), interpolation=cv2.INTER_LINEAR)
    assert np.abs(resample(random, (30, 50)).astype(int) - grown).max() <= 1
    shrunk = cv2.resize(random, (7, 5), interpolation=cv2.INTER_AREA)
    assert np.abs(resample(random, (5, 7)).astype(int) - shrunk).max() <= 1


@given(arrays(np.float64, (6, 9), elements=st.floats(0, 1)), st.lists(st.booleans(), min_size=6, max_size=6))
def test_stretching_keeps_the_order(projected: np.ndarray, good: list[bool]) -> None:
    """What is brighter stays no darker, and good rows use the whole range or are flat."""
    grey = stretch(projected, np.array(good)).astype(int)
    order = np.argsort(projected, axis=None)
    assert (np.diff(grey.ravel()[order]) >= 0).all()


def test_artifacts_and_pictures_do_not_change_their_input() -> None:
    """Images are shared between steps."""
    images = images_of(np.tile(np.linspace(80, 160, 60), (25, 1)))
    images[3] = 0
    images.flags.writeable = False
    fundus_picture(BScanImages(images=images), "rpe_band", 5.0, inpaint=True)
    assert grey_values(images) is images
    assert find_artifacts(project_mean(images), 5.0).tolist() == [index == 3 for index in range(25)]
