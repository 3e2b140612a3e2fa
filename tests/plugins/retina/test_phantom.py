"""What a phantom promises: the truth that its eye declares is the truth that its exam shows."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from foveola_oct.retina import phantoms
from foveola_oct.retina.phantoms import (
    CUP_OFFSET_MM,
    HEALTHY,
    LAYERS,
    ORIENTATIONS,
    PATHOLOGICAL,
    Disc,
    Eye,
    Lesion,
    Scan,
)

CANONICALISE = {
    ("HORIZONTAL_3D", "TOP_BOTTOM", "LEFT_RIGHT"): lambda a: a,
    ("HORIZONTAL_3D", "TOP_BOTTOM", "RIGHT_LEFT"): lambda a: a[:, ::-1],
    ("HORIZONTAL_3D", "BOTTOM_TOP", "LEFT_RIGHT"): lambda a: a[::-1, :],
    ("HORIZONTAL_3D", "BOTTOM_TOP", "RIGHT_LEFT"): lambda a: a[::-1, ::-1],
    ("VERTICAL_3D", "LEFT_RIGHT", "TOP_BOTTOM"): lambda a: a.T,
    ("VERTICAL_3D", "LEFT_RIGHT", "BOTTOM_TOP"): lambda a: a[:, ::-1].T,
    ("VERTICAL_3D", "RIGHT_LEFT", "TOP_BOTTOM"): lambda a: a[::-1, :].T,
    ("VERTICAL_3D", "RIGHT_LEFT", "BOTTOM_TOP"): lambda a: a[::-1, ::-1].T,
}
every_orientation = pytest.mark.parametrize("orientation", ORIENTATIONS, ids=" ".join)


def scanned(eye: Eye, orientation=ORIENTATIONS[0], *, rows=36, columns=60, **scan):
    """An exam without images, of so many rows and columns in the canonical frame, and its scan."""
    num_slices, width = (columns, rows) if orientation[0] == "VERTICAL_3D" else (rows, columns)
    protocol, slices, pixels = orientation
    given = Scan(
        num_slices=num_slices,
        pixel_image_width=width,
        scan_protocol=protocol,
        slice_direction=slices,
        pixel_direction=pixels,
        **scan,
    )
    return phantoms.phantom_exam(eye, given, images=False), given


def borders_of(exam):
    """Rows of its borders in px."""
    return exam["layer_segmentation"]["borders"]


def thickness_um(eye, layer, x, y):
    """One layer at one place."""
    return 1000 * eye.thicknesses(np.array([float(x)]), np.array([float(y)]))[LAYERS.index(layer), 0]


def instances(exam, kind):
    """Slice and points of the outlines of one kind of lesion."""
    return [
        (index, np.array(instance["points"]))
        for index, slice_ in enumerate(exam["pathology_segmentation"])
        for instance in slice_
        if instance["className"] == kind
    ]


def area(points):
    """Area of a polygon, by the shoelace formula."""
    x, y = points.T
    return abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2


def edges_from_corner(points, index, scan):
    """Places of a B-scan as x, y in mm from the upper left corner of the canonical frame."""
    along = (points[:, 0] + 0.5) / scan.pixel_image_width
    across = np.full_like(along, (index + 0.5) / scan.num_slices)
    along = 1 - along if scan.pixel_direction in {"RIGHT_LEFT", "BOTTOM_TOP"} else along
    across = 1 - across if scan.slice_direction in {"RIGHT_LEFT", "BOTTOM_TOP"} else across
    x, y = (across, along) if scan.scan_protocol == "VERTICAL_3D" else (along, across)
    return np.column_stack([x * scan.width_mm, y * scan.height_mm])


@every_orientation
@pytest.mark.parametrize("laterality", ["L", "R"])
def test_an_eye_is_the_same_in_every_orientation(orientation, laterality):
    """Scanned any of the eight ways, an eye has the same borders once they are canonical."""
    eye = replace(PATHOLOGICAL, laterality=laterality)
    size = {"width_mm": 12.0, "height_mm": 9.0, "center_mm": eye.seen((2.0, -0.5))}
    reference, _ = scanned(eye, **size)
    exam, _ = scanned(eye, orientation, **size)
    for border, expected in zip(borders_of(exam), borders_of(reference), strict=True):
        np.testing.assert_array_equal(CANONICALISE[orientation](border), expected)


@every_orientation
def test_spacings_belong_to_their_axes(orientation):
    """The pitch times the number of samples is the extent, on the axis on which they lie."""
    exam, scan = scanned(HEALTHY, orientation, width_mm=12.0, height_mm=9.0)
    extents = {
        "along": exam["pixel_spacing_column"] * exam["pixel_image_width"],
        "across": exam["slice_thickness"] * exam["num_slices"],
    }
    horizontal = {"along": scan.width_mm, "across": scan.height_mm}
    vertical = {"along": scan.height_mm, "across": scan.width_mm}
    assert extents == pytest.approx(vertical if orientation[0] == "VERTICAL_3D" else horizontal)


def test_a_left_eye_is_the_mirror_of_a_right_one():
    """Left and right eyes show the same borders, mirrored from left to right, and their discs on opposite sides."""
    left = replace(PATHOLOGICAL, laterality="L")
    right_exam, left_exam = scanned(PATHOLOGICAL, width_mm=12.0)[0], scanned(left, width_mm=12.0)[0]
    np.testing.assert_array_equal(borders_of(left_exam), borders_of(right_exam)[:, :, ::-1])
    assert np.isnan(borders_of(right_exam)[1, :, 30:]).any()
    assert not np.isnan(borders_of(right_exam)[1, :, :30]).any()


@pytest.mark.parametrize("phantom", ["macula", "disc", "wide", "pathological", "glaucoma"])
def test_borders_are_ordered_and_inside_the_image(phantom):
    """No border lies above the one before it, the ILM is everywhere, and all are within the rows of the image."""
    exam = getattr(phantoms, f"{phantom}_phantom")(images=False)
    borders = borders_of(exam)
    assert borders.shape == (12, exam["num_slices"], exam["pixel_image_width"])
    assert np.isfinite(borders[0]).all()
    rises = np.diff(borders, axis=0)
    assert (rises[np.isfinite(rises)] >= 0).all()
    assert np.nanmin(borders) > 0
    assert np.nanmax(borders) < exam["pixel_image_height"]


@pytest.mark.parametrize(
    ("layer", "at_the_pit", "far_temporal"),
    [
        ("rnfl", 0.0, 1000 * (0.0935 - 0.0416 * 56 / 56.5) * 1.85 / 56.5**0.5),  # 7.5 mm and 0.5 mm from the disc
        ("gcl", 20 + 48 - 66, 20 + 48 * np.exp(-9 / 3.61)),
        ("inl", 28 + 16 - 34, 28 + 16 * np.exp(-9 / 3.61)),
        ("onl", 52 + 12 + 30, 52 + 12 * np.exp(-9 / 3.61)),
        ("os", 26 + 14, 26),
        ("rpe", 22, 22),
    ],
)
def test_layers_have_their_thickness(layer, at_the_pit, far_temporal):
    """At the pit and 3 mm temporal of it the formula of a layer can be checked on paper."""
    assert thickness_um(HEALTHY, layer, 0, 0) == pytest.approx(at_the_pit, abs=1e-9)
    assert thickness_um(HEALTHY, layer, -3, 0) == pytest.approx(far_temporal)


def test_borders_enclose_the_thickness():
    """What lies between two borders, in px, is the layer's thickness."""
    exam, scan = scanned(PATHOLOGICAL)
    thicknesses = np.diff(borders_of(exam), axis=0) * exam["pixel_spacing_row"]
    np.testing.assert_allclose(thicknesses, PATHOLOGICAL.thicknesses(*scan.grid), atol=1e-12)


def test_a_healthy_eye_has_healthy_means():
    """GCC over 6 mm and central subfield are those of the literature."""
    x, y = Scan(num_slices=300, pixel_image_width=300).grid
    layers, radius = 1000 * HEALTHY.thicknesses(x, y), np.hypot(x, y)
    assert layers[:3].sum(axis=0)[radius < 3].mean() == pytest.approx(97.8, abs=0.1)
    assert 250 < layers.sum(axis=0)[radius < 0.5].mean() < 270


def test_nerve_fibres_have_two_humps():
    """On the circle 1 mm outside the disc the quadrants are 120 um above and below, 67 um on either side."""
    angles = np.radians(np.arange(-45, 315, 0.1) + 0.05)
    (cx, cy), radius = HEALTHY.disc.center_mm, HEALTHY.disc.radius_mm + 1
    rnfl = 1000 * HEALTHY.thicknesses(cx + radius * np.cos(angles), cy + radius * np.sin(angles))[0]
    assert rnfl.reshape(4, -1).mean(axis=1) == pytest.approx([67.0, 120.0, 67.0, 120.0], abs=0.1)


def test_glaucoma_thins_each_half_by_its_share():
    """Of the ganglion-cell complex each half keeps exactly what the eye declares, other layers all."""
    x, y = Scan(num_slices=20, pixel_image_width=20).grid
    eye = Eye(superior=0.8, inferior=0.5)
    ratio = eye.thicknesses(x, y)[1:] / HEALTHY.thicknesses(x, y)[1:]
    expected = np.ones_like(ratio)
    expected[:2, :10], expected[:2, 10:] = 0.8, 0.5
    np.testing.assert_allclose(ratio, expected)


@pytest.mark.parametrize(
    ("kind", "layer"),
    [
        ("subretinal_fluid", "os"),
        ("intraretinal_fluid", "onl"),
        ("intraretinal_hyperreflective_foci", "inl"),
        ("soft_drusen", None),
    ],
)
def test_a_lesion_thickens_the_layer_that_holds_it(kind, layer):
    """In its middle a lesion adds its height to its layer and to no other; drusen lie below all layers."""
    eye = Eye(lesions=(Lesion(kind, (0.5, 0.5), (0.3, 0.2), 0.1),))
    place = np.array([0.5]), np.array([0.5])
    added = (eye.thicknesses(*place) - HEALTHY.thicknesses(*place))[:, 0]
    assert added == pytest.approx([0.1 if name == layer else 0.0 for name in LAYERS])
    lift = (HEALTHY.borders(*place) - eye.borders(*place))[0]
    assert lift == pytest.approx(0.1)


@every_orientation
@pytest.mark.parametrize("kind", ["confluent_drusen", "subretinal_fluid", "intraretinal_fluid"])
def test_outlines_add_up_to_the_volume_of_the_lesion(kind, orientation):
    """Areas of the outlines times the distance of the slices are the volume that the lesion declares."""
    lesion = Lesion(kind, (0.7, -0.4), (0.8, 0.5), 0.15)
    exam, _ = scanned(Eye(lesions=(lesion,)), orientation, rows=150, columns=150)
    cell = exam["pixel_spacing_column"] * exam["pixel_spacing_row"] * exam["slice_thickness"]
    volume = cell * sum(area(points) for _, points in instances(exam, kind))
    assert lesion.volume_mm3 == pytest.approx(np.pi * 0.8 * 0.5 * 0.15 / 2)
    assert volume == pytest.approx(lesion.volume_mm3, rel=3e-3)


@every_orientation
def test_a_lesion_is_outlined_where_it_lies(orientation):
    """The outlines of a lesion end on its edge."""
    lesion = Lesion("subretinal_fluid", (0.7, -0.4), (0.8, 0.5), 0.15)
    exam, scan = scanned(Eye(lesions=(lesion,)), orientation)
    for index, points in instances(exam, lesion.kind):
        ends = points[[0, len(points) // 2]]
        offsets = edges_from_corner(ends, index, scan) - scan.from_corner(lesion.center_mm)
        assert ((offsets / lesion.radii_mm) ** 2).sum(axis=1) == pytest.approx(1)


def test_fluid_is_outlined_within_the_layer_that_it_thickens():
    """Subretinal fluid rests on the RPE; a cyst lies between the borders of the ONL."""
    exam = phantoms.pathological_phantom(images=False)
    borders = borders_of(exam)
    os, onl = LAYERS.index("os"), LAYERS.index("onl")
    for index, points in instances(exam, "subretinal_fluid"):
        half = len(points) // 2
        below = points[half + 1 :]
        np.testing.assert_allclose(below[:, 1], borders[os + 1, index, below[:, 0].astype(int)])
    for index, points in instances(exam, "intraretinal_fluid"):
        inner = points[points[:, 0] == np.round(points[:, 0])]
        columns = inner[:, 0].astype(int)
        assert (inner[:, 1] > borders[onl, index, columns]).all()
        assert (inner[:, 1] < borders[onl + 1, index, columns]).all()


def test_small_lesions_show_once_and_at_full_width():
    """A druse that lies on a slice is outlined there with its diameter, and each hard one on one slice only."""
    exam = phantoms.pathological_phantom(images=False)
    drusen = [lesion for lesion in PATHOLOGICAL.lesions if lesion.kind == "hard_drusen"]
    widths = [np.ptp(points[:, 0]) * exam["pixel_spacing_column"] for _, points in instances(exam, "hard_drusen")]
    assert sorted(widths) == pytest.approx(sorted(2 * lesion.radii_mm[0] for lesion in drusen))
    assert len(instances(exam, "intraretinal_hyperreflective_foci")) == 3


def test_every_lesion_of_the_pathological_phantom_shows():
    """The kinds outlined are the kinds declared."""
    exam = phantoms.pathological_phantom(images=False)
    shown = {instance["className"] for slice_ in exam["pathology_segmentation"] for instance in slice_}
    assert shown == {lesion.kind for lesion in PATHOLOGICAL.lesions}


@pytest.mark.parametrize(("diameter", "kind"), [(0.0629, "hard_drusen"), (0.063, "soft_drusen")])
def test_a_druse_is_named_by_its_diameter(diameter, kind):
    """Below 63 um a druse is hard, from there on soft, unless it is confluent."""
    assert phantoms.druse(0, 0, diameter, 0.03).kind == kind
    assert phantoms.druse(0, 0, diameter, 0.03, confluent=True).kind == "confluent_drusen"


@every_orientation
def test_the_pit_is_found_at_the_fovea(orientation):
    """The likeliest slice crosses the fovea, and its second landmark is the fovea's column on the ILM."""
    exam, scan = scanned(HEALTHY, orientation, rows=41, columns=61, center_mm=(0.6, -0.6))
    landmarks = exam["landmarks"]
    column, slice_ = scan.locate((0.0, 0.0))
    central = int(landmarks["center"].argmax())
    assert central == round(slice_)
    x, y = landmarks["coordinates"][central, 1]
    assert x == pytest.approx(column)
    assert y == pytest.approx(borders_of(exam)[0, central, round(column)], abs=1)
    assert edges_from_corner(np.array([[column, 0]]), slice_, scan)[0] == pytest.approx(scan.from_corner((0.0, 0.0)))
    left, right = landmarks["coordinates"][central, [0, 2]]
    assert left[0] < x < right[0]
    assert (left[1] + right[1]) / 2 < y


@pytest.mark.parametrize(
    ("phantom", "fovea", "nerve"),
    [
        ("macula", True, False),
        ("disc", False, True),
        ("wide", True, True),
        ("pathological", False, False),
        ("glaucoma", True, True),
    ],
)
@pytest.mark.parametrize("vertical", [False, True], ids=["horizontal", "vertical"])
def test_landmarks_are_found_where_they_were_scanned(phantom, fovea, nerve, vertical):
    """Probabilities pass the thresholds of operations 4 and 5 where there is something to find, and else are low."""
    turned = dict(zip(("scan_protocol", "slice_direction", "pixel_direction"), ORIENTATIONS[4], strict=True))
    landmarks = getattr(phantoms, f"{phantom}_phantom")(images=False, **turned if vertical else {})["landmarks"]
    for name, is_there in (("fovea", fovea), ("center", fovea), ("nerve", nerve)):
        assert (landmarks[name] > 0.65).any() == is_there
        assert is_there or (landmarks[name] < 0.1).all()
    assert np.isfinite(landmarks["coordinates"]).all()
    assert np.isfinite(landmarks["nerve_coordinates"]).all()


@every_orientation
@pytest.mark.parametrize("laterality", ["L", "R"])
def test_disc_and_cup_have_their_radii(orientation, laterality):
    """BMO landmarks lie on the disc's ellipse, and the ILM passes 0.15 mm above their plane on that of the cup."""
    eye = Eye(laterality, Disc(bmo_mm=(0.8, 0.95), cup_to_disc=0.55))
    exam, scan = scanned(eye, orientation, rows=400, columns=400, center_mm=eye.seen(eye.disc.center_mm))
    middle = scan.from_corner(eye.seen(eye.disc.center_mm))
    nerve = exam["landmarks"]["nerve"]
    columns = np.arange(scan.pixel_image_width)
    for index in np.flatnonzero(nerve > 0.3)[::15]:
        bmo = exam["landmarks"]["nerve_coordinates"][index]
        assert bmo[0, 0] < bmo[1, 0]
        offsets = (edges_from_corner(bmo, index, scan) - middle) / eye.disc.bmo_mm
        assert (offsets**2).sum(axis=1) == pytest.approx(1)
        ilm = borders_of(exam)[0, index]
        sunk = np.flatnonzero(
            (ilm > bmo[0, 1] - CUP_OFFSET_MM / scan.pixel_spacing_row) & (columns > bmo[0, 0]) & (columns < bmo[1, 0])
        )
        if sunk.size:
            offsets = (edges_from_corner(sunk[[0, -1], None], index, scan) - middle) / eye.disc.cup_mm
            assert np.hypot(*offsets.T) == pytest.approx(1, abs=2 * scan.along.pitch_mm / min(eye.disc.cup_mm))


@pytest.mark.parametrize("angle", np.arange(0, 360, 30))
def test_the_cup_is_exact_and_the_surface_continuous(angle):
    """In every direction the ILM is 0.15 mm above the BMO where the cup ends, and does not jump where the disc does."""
    eye = Eye(disc=Disc(cup_to_disc=0.6), superior=0.7)
    (cx, cy), direction = eye.disc.center_mm, np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    radii = np.array([0.6 * 0.85, 0.85 - 1e-7, 0.85 + 1e-7])
    ilm, *below = eye.borders(cx + radii * direction[0], cy + radii * direction[1])
    assert eye.disc.depth_mm - ilm[0] == pytest.approx(CUP_OFFSET_MM)
    assert ilm[1] == pytest.approx(ilm[2], abs=1e-5)
    assert np.isnan(below).tolist() == [[True, True, False]] * 11


def test_images_show_layers_and_shadows():
    """The RPE is brighter than the vitreous, and darker below a vessel than elsewhere."""
    exam = phantoms.wide_phantom(num_slices=12)
    images = exam["bscan_images"]
    assert images.shape == (12, 496, 768)
    assert images.dtype == np.uint8
    *_, top, bottom = borders_of(exam)
    slices, columns = np.nonzero(np.isfinite(top))
    rpe = images[slices, np.round((top + bottom) / 2)[slices, columns].astype(int), columns]
    grid = replace(phantoms.wide_scan(), num_slices=12).grid
    shade = HEALTHY.vessels(*grid)[slices, columns]
    assert rpe[shade < 0.05].mean() > images[:, :20].mean() + 150
    assert rpe[shade > 0.8].mean() < rpe[shade < 0.05].mean() - 50


def test_the_seed_decides_the_speckle():
    """The same seed gives the same exam, another seed another speckle."""
    first, again, other = (phantoms.macula_phantom(num_slices=2, seed=seed)["bscan_images"] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_outlines_follow_borders_and_end_at_gaps():
    """A layer is one instance per stretch without NaN; a stretch of one column is none."""
    top = np.array([[1, 1, np.nan, 1, np.nan, 1, 1, 1]])
    borders = np.stack([top, np.full_like(top, 3), np.full_like(top, 4)])
    ((*upper, lower),) = phantoms.layer_outlines(borders, ["rnfl", "gcl"])
    assert [instance["className"] for instance in upper] == ["rnfl", "rnfl"]
    assert upper[0]["points"] == [[0, 1], [1, 1], [1, 3], [0, 3]]
    assert [x for x, _ in upper[1]["points"]] == [5, 6, 7, 7, 6, 5]
    assert area(np.array(lower["points"])) == 7


def test_outlines_of_a_disc_leave_it_open():
    """Slices that cross the disc have two instances of every layer, others one."""
    exam = phantoms.disc_phantom(images=False)
    outlines = phantoms.layer_outlines(**exam["layer_segmentation"])
    crossed = np.isnan(borders_of(exam)[1]).any(axis=1)
    assert crossed.any()
    assert [len(slice_) for slice_ in outlines] == [22 if is_crossed else 11 for is_crossed in crossed]


def test_directions_must_fit_the_protocol():
    """A horizontal protocol whose slices run from left to right is refused."""
    with pytest.raises(ValueError, match="HORIZONTAL_3D LEFT_RIGHT LEFT_RIGHT is none of the eight orientations"):
        Scan(slice_direction="LEFT_RIGHT")


@pytest.mark.parametrize("name", ["width_mm", "num_slices", "pixel_image_height", "pixel_spacing_row"])
@pytest.mark.parametrize("size", [0, -1, float("nan")])
def test_a_scan_has_a_size(name, size):
    """No slices, a field that is less than nothing, a pitch that is no number."""
    with pytest.raises(ValueError, match=f"^{name} is {size}, not a positive number$"):
        Scan(**{name: size})


def test_an_eye_is_left_or_right():
    """Another word is not taken for a right eye."""
    with pytest.raises(ValueError, match=r"^laterality is 'OS', neither L nor R$"):
        phantoms.Eye(laterality="OS")


def test_lesions_of_the_pathological_phantom_can_be_counted():
    """Lesions of one kind are at least two slices apart."""
    for lesion, other in combinations(PATHOLOGICAL.lesions, 2):
        if lesion.kind == other.kind:
            gap = np.hypot(*np.subtract(lesion.center_mm, other.center_mm))
            assert gap > max(lesion.radii_mm) + max(other.radii_mm) + 0.25
