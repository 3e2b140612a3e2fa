"""Heidelberg `.vol` files: written here after the layout's description, and real ones where they are at hand."""

from pathlib import Path
from struct import calcsize, pack, pack_into

import numpy as np
import pytest

from foveola_oct.readers import heidelberg_vol

DATA = Path(__file__).parents[3] / "../shared/data"
real = pytest.mark.skipif(not DATA.is_dir(), reason="the real scans are not at hand")

HEIGHT, WIDTH = 6, 4
SLO_HEIGHT, SLO_WIDTH = 5, 3
SLO_END = 2048 + SLO_HEIGHT * SLO_WIDTH
INVALID = np.finfo(np.float32).max
ROWS = 17
BSCAN_HEADER_SIZE = 256 + 4 * ROWS * WIDTH
BSCAN_SIZE = BSCAN_HEADER_SIZE + 4 * HEIGHT * WIDTH
FILE_LAYOUT = "<12s 3i 3d 2i 2d i d 4s Q 2i 16s 16s i 24s d i 24s d".replace(" ", "")
BSCAN_LAYOUT = "<12s i 4d 2i f i".replace(" ", "")
HORIZONTAL_LINE = [((1, 2), (5, 2))]
RASTERS = {  # orientation: first B-scan's start and end, and the step to the next
    "HORIZONTAL_3D BOTTOM_TOP LEFT_RIGHT": ((1, 8), (7, 8), (0, -0.25)),
    "HORIZONTAL_3D TOP_BOTTOM LEFT_RIGHT": ((1, 2), (7, 2), (0, 0.25)),
    "HORIZONTAL_3D BOTTOM_TOP RIGHT_LEFT": ((7, 8), (1, 8), (0, -0.25)),
    "HORIZONTAL_3D TOP_BOTTOM RIGHT_LEFT": ((7, 2), (1, 2), (0, 0.25)),
    "VERTICAL_3D LEFT_RIGHT TOP_BOTTOM": ((2, 1), (2, 7), (0.25, 0)),
    "VERTICAL_3D RIGHT_LEFT TOP_BOTTOM": ((8, 1), (8, 7), (-0.25, 0)),
    "VERTICAL_3D LEFT_RIGHT BOTTOM_TOP": ((2, 7), (2, 1), (0.25, 0)),
    "VERTICAL_3D RIGHT_LEFT BOTTOM_TOP": ((8, 7), (8, 1), (-0.25, 0)),
}


def write_vol(path, ends, *, pattern=3, eye=b"OD", borders=None, pixels=None, quality=30.0):
    """Write a whole `.vol` file; borders are rows [ROWS, WIDTH] or fewer, the same in every B-scan."""
    borders = np.full((3, WIDTH), INVALID) if borders is None else np.asarray(borders)
    pixels = np.zeros((HEIGHT, WIDTH)) if pixels is None else pixels
    sizes = (b"HSF-OCT-103", WIDTH, len(ends), HEIGHT, 0.0125, 0.77, 0.0039)
    slo = (SLO_WIDTH, SLO_HEIGHT, 0.01, 0.012, 30, 1.5)
    person = (b"7.1", b"", 4711, b"Doe", 12345.0, 4712, b"#Visit", 40000.0)
    header = pack(FILE_LAYOUT, *sizes, *slo, eye, 131_000_000, pattern, BSCAN_HEADER_SIZE, *person)
    parts = [header.ljust(2048, b"\0"), bytes(range(SLO_HEIGHT * SLO_WIDTH))]
    for start, end in ends:
        bscan = pack(BSCAN_LAYOUT, b"HSF-BS-103", BSCAN_HEADER_SIZE, *start, *end, len(borders), 256, quality, 0).ljust(
            256, b"\0"
        )
        parts += [(bscan + borders.astype("<f4").tobytes()).ljust(BSCAN_HEADER_SIZE, b"\0")]
        parts += [np.asarray(pixels, "<f4").tobytes()]
    path.write_bytes(b"".join(parts))
    return path


def raster(start, end, step, number=5):
    """Make the ends of B-scans that are all alike but for a step."""
    start, end, step = map(np.array, (start, end, step))
    return [(start + index * step, end + index * step) for index in range(number)]


def turn(ends, degrees):
    """Turn B-scans about the SLO's origin."""
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.asarray(ends) @ np.array([[cos, sin], [-sin, cos]])


@pytest.fixture
def vol(tmp_path):
    """Name a file to write."""
    return tmp_path / "exam.vol"


def test_writer_has_the_layout_of_the_description():
    """The writer's layouts reach the bytes at which the description puts their last fields."""
    assert calcsize(FILE_LAYOUT) == 208
    assert calcsize(BSCAN_LAYOUT) == 64


@pytest.mark.parametrize("names", RASTERS)
@pytest.mark.parametrize("tilt", [0, 7, -14], ids="tilted by {}".format)
def test_raster_orientation_is_where_its_bscans_lie(vol, names, tilt):
    """A raster's directions and pitch come from the places of its B-scans, even where they are somewhat tilted."""
    exam = heidelberg_vol.read(write_vol(vol, turn(raster(*RASTERS[names]), tilt)))
    assert [exam["scan_protocol"], exam["slice_direction"], exam["pixel_direction"]] == names.split()
    assert exam["slice_thickness"] == pytest.approx(0.25, abs=1e-12)
    assert exam["num_slices"] == 5
    assert exam["scan_pattern"] == "raster"


def test_oblique_raster_has_a_pitch_but_no_directions(vol):
    """A raster at 40 degrees fits no orientation, and claims none."""
    exam = heidelberg_vol.read(write_vol(vol, turn(raster((1, 2), (7, 2), (0, 0.25)), 40)))
    assert exam["slice_thickness"] == pytest.approx(0.25)
    assert not {"scan_protocol", "slice_direction", "pixel_direction"} & exam.keys()


@pytest.mark.parametrize(
    ("end", "protocol", "direction"),
    [
        ((9, 5), "HORIZONTAL_3D", "LEFT_RIGHT"),
        ((1, 5), "HORIZONTAL_3D", "RIGHT_LEFT"),
        ((5, 9), "VERTICAL_3D", "TOP_BOTTOM"),
        ((5, 1), "VERTICAL_3D", "BOTTOM_TOP"),
        ((9, 9), None, None),
    ],
    ids=["rightwards", "leftwards", "downwards", "upwards", "oblique"],
)
def test_line_has_a_direction_but_no_pitch(vol, end, protocol, direction):
    """A line scan says where its A-scans go, and nothing of slices that it does not have."""
    exam = heidelberg_vol.read(write_vol(vol, [((5, 5), end)], pattern=1))
    assert (exam.get("scan_protocol"), exam.get("pixel_direction")) == (protocol, direction)
    assert exam["num_slices"] == 1
    assert exam["scan_pattern"] == "line"
    assert not {"slice_direction", "slice_thickness"} & exam.keys()


def test_circle_has_a_center_and_a_radius(vol):
    """A circle's end is its center, its start the place of the first A-scan; it has no orientation."""
    exam = heidelberg_vol.read(write_vol(vol, [((2, 6), (5, 2))], pattern=2))
    assert exam["scan_pattern"] == "circle"
    assert exam["circle_center_mm"] == (5, 2)
    assert exam["circle_start_mm"] == (2, 6)
    assert exam["circle_radius_mm"] == 5
    assert not {"scan_protocol", "slice_direction", "pixel_direction", "slice_thickness"} & exam.keys()


@pytest.mark.parametrize(("eye", "laterality"), [(b"OD", "R"), (b"OS", "L"), (b"", None)], ids=["OD", "OS", "unsaid"])
def test_laterality(vol, eye, laterality):
    """The eye is what the file says, or absent."""
    assert heidelberg_vol.read(write_vol(vol, HORIZONTAL_LINE, eye=eye)).get("laterality") == laterality


def test_names_and_numbers_of_the_exam(vol):
    """An exam holds these names: geometry and images, no patient, visit or date."""
    exam = heidelberg_vol.read(
        write_vol(vol, raster((1, 8), (7, 8), (0, -0.25)), borders=np.ones((2, WIDTH)) * [[1], [2]])
    )
    assert set(exam) == {
        *("pixel_spacing_column", "pixel_spacing_row", "slice_thickness"),
        *("scan_protocol", "slice_direction", "pixel_direction"),
        *("num_slices", "pixel_image_width", "pixel_image_height", "laterality", "layer_segmentation", "bscan_images"),
        *("scan_pattern", "slice_ends_mm", "image_quality_db", "slo_image", "slo_pixel_spacing"),
    }
    assert (exam["pixel_spacing_column"], exam["pixel_spacing_row"]) == (0.0125, 0.0039)
    assert (exam["pixel_image_width"], exam["pixel_image_height"]) == (WIDTH, HEIGHT)
    assert exam["slo_pixel_spacing"] == (0.01, 0.012)
    np.testing.assert_array_equal(exam["slo_image"], np.arange(15).reshape(SLO_HEIGHT, SLO_WIDTH))
    np.testing.assert_array_equal(exam["image_quality_db"], [30] * 5)
    np.testing.assert_array_equal(exam["slice_ends_mm"][1], [(1, 7.75), (7, 7.75)])


@pytest.mark.parametrize(
    ("rows", "layers"),
    [
        ([0, 1], ("retina",)),
        ([0, 1, 2], ("rnfl", "gcl+ipl+inl+opl+onl+mz+ez+os+rpe")),
        ([0, 2], ("rnfl",)),
        ([0, 1, 16], ("rnfl+gcl+ipl+inl+opl+onl+mz+ez+os", "rpe")),
        (
            [0, 1, 2, 3, 4, 5, 6, 8, 14, 15, 16],
            ("rnfl", "gcl", "ipl", "inl", "opl", "onl", "mz+ez+os", "rpe"),
        ),
        ([0], None),
        ([], None),
    ],
    ids=["ILM BM", "ILM BM RNFL", "no BM", "ILM BM RPE", "all", "ILM", "none"],
)
@pytest.mark.parametrize("absent", [INVALID, 0, np.nan], ids="absent {}".format)
def test_layers_lie_between_the_borders_that_are_valid(vol, rows, layers, absent):
    """Borders come top to bottom, and each layer bears the classes between its own two."""
    depth = dict(zip([0, 2, 3, 4, 5, 6, 8, 14, 15, 16, 1], np.linspace(0.5, 5.5, 11), strict=True))
    borders = np.full((ROWS, WIDTH), float(absent))
    for row in rows:
        borders[row] = depth[row]
    segmentation = heidelberg_vol.read(write_vol(vol, HORIZONTAL_LINE, borders=borders)).get("layer_segmentation")
    if layers is None:
        assert segmentation is None
        return
    assert segmentation["layers"] == layers
    assert segmentation["borders"].shape == (len(layers) + 1, 1, WIDTH)
    assert (np.diff(segmentation["borders"], axis=0) > 0).all()


def test_borders_keep_their_precision_and_their_gaps(vol):
    """A border's value is the file's, to the last bit; where it is invalid or out of the image there is none."""
    fraction = float(np.float32(1.2345678))
    borders = [[fraction, INVALID, HEIGHT + 1, -1], [5, 5.5, 6, 4]]
    exam = heidelberg_vol.read(write_vol(vol, HORIZONTAL_LINE, borders=borders))
    np.testing.assert_array_equal(
        exam["layer_segmentation"]["borders"][:, 0], [[fraction, np.nan, np.nan, np.nan], [5, 5.5, 6, 4]]
    )


def test_images_are_displayed_as_the_fourth_root(vol):
    """Reflectance 1/16 is shown at half brightness; where there is no value the image is black."""
    pixels = np.zeros((HEIGHT, WIDTH))
    pixels[2] = [1, 1 / 16, INVALID, np.nan]
    image = heidelberg_vol.read(write_vol(vol, HORIZONTAL_LINE, pixels=pixels))["bscan_images"]
    assert (image.dtype, image.shape) == (np.uint8, (1, HEIGHT, WIDTH))
    np.testing.assert_array_equal(image[0, 2], [255, 128, 0, 0])
    assert not np.delete(image, 2, axis=1).any()


def test_invalid_quality_is_absent(vol):
    """A quality that the device did not measure is not there."""
    assert "image_quality_db" not in heidelberg_vol.read(write_vol(vol, HORIZONTAL_LINE, quality=INVALID))


@pytest.mark.parametrize(
    ("size", "sentence"),
    [
        (0, "byte 0: a .vol file begins with b'HSF-OCT-', this one with b''"),
        (5, "byte 0: a .vol file begins with b'HSF-OCT-', this one with b'HSF-O'"),
        (100, "truncated at byte 100, within the file header of 2048 bytes"),
        (2047, "truncated at byte 2047, within the file header"),
        (2050, "truncated at byte 2050: the header declares an SLO image of 5 x 3 and 5 B-scans of 6 x 4"),
        (SLO_END + 3 * BSCAN_SIZE + 9, f"which end at byte {SLO_END + 5 * BSCAN_SIZE}"),
        (SLO_END + 5 * BSCAN_SIZE - 1, f"truncated at byte {SLO_END + 5 * BSCAN_SIZE - 1}"),
    ],
    ids=["empty", "magic", "header", "header's last byte", "SLO", "B-scan", "last byte"],
)
def test_truncated_file_is_refused(vol, size, sentence):
    """A file that ends too early is refused, saying where."""
    data = write_vol(vol, raster((1, 8), (7, 8), (0, -0.25))).read_bytes()
    vol.write_bytes(data[:size])
    with pytest.raises(ValueError) as error:  # noqa: PT011 - the sentence is compared below
        heidelberg_vol.read(vol)
    assert sentence in str(error.value)


@pytest.mark.parametrize(
    ("place", "code", "value", "sentence"),
    [
        (0, "8s", b"HSF-XYZ-", "byte 0: a .vol file begins with b'HSF-OCT-', this one with b'HSF-XYZ-'"),
        (12, "i", 2**31 - 1, "5 B-scans of 6 x 2147483647, which end at byte"),
        (16, "i", 2**31 - 1, "2147483647 B-scans of 6 x 4, which end at byte"),
        (16, "i", 0, "byte 16: NumBScans is 0, not a positive number"),
        (20, "i", -496, "byte 20: SizeZ is -496, not a positive number"),
        (24, "d", np.nan, "byte 24: ScaleX is nan, not a positive number"),
        (40, "d", np.inf, "byte 40: ScaleZ is inf, not a positive number"),
        (48, "2i", (2**31 - 1, 2**31 - 1), "an SLO image of 2147483647 x 2147483647"),
        (96, "i", 1, "byte 96: ScanPattern says line, which is one B-scan, but NumBScans is 5"),
        (96, "i", 5, "byte 96: ScanPattern is 5; only 1 (line), 2 (circle), 3 and 4 (raster) can be read"),
        (100, "i", 10, "byte 100: BScanHdrSize is 10, less than 64"),
        (100, "i", 2**31 - 1, "5 B-scans of 6 x 4, which end at byte"),
        (SLO_END + BSCAN_SIZE, "6s", b"\0" * 6, f"byte {SLO_END + BSCAN_SIZE}: B-scan 1 begins with"),
        (SLO_END + 16, "d", np.nan, "B-scan 0 reaches from (nan, 8.0) to (7.0, 8.0) mm, which is no scan"),
        (SLO_END + 16, "d", 7, "B-scan 0 reaches from (7.0, 8.0) to (7.0, 8.0) mm, which is no scan"),
        (SLO_END + 48, "i", 18, "B-scan 0: 18 borders (NumSeg) of 4 at byte 256 (OffSeg) do not fit its header"),
        (SLO_END + 48, "i", -1, "B-scan 0: -1 borders (NumSeg)"),
        (SLO_END + 52, "i", 8, "3 borders (NumSeg) of 4 at byte 8 (OffSeg)"),
    ],
    ids=[
        *("magic", "huge SizeX", "huge NumBScans", "no NumBScans", "negative SizeZ", "NaN ScaleX", "infinite ScaleZ"),
        *("huge SLO", "line of five", "radial", "small BScanHdrSize", "huge BScanHdrSize", "B-scan's magic"),
        *("NaN start", "no length", "large NumSeg", "negative NumSeg", "OffSeg in the fields"),
    ],
)
def test_corrupt_field_is_refused(vol, place, code, value, sentence):
    """A field that cannot be is refused with its name and place, before anything of its size is allocated."""
    data = bytearray(write_vol(vol, raster((1, 8), (7, 8), (0, -0.25))).read_bytes())
    pack_into(f"<{code}", data, place, *(value if isinstance(value, tuple) else (value,)))
    vol.write_bytes(data)
    with pytest.raises(ValueError) as error:  # noqa: PT011 - the sentence is compared below
        heidelberg_vol.read(vol)
    assert sentence in str(error.value)


@pytest.mark.parametrize("junk", [b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\0", b"\x01\0\xa0\x7f"])
@pytest.mark.parametrize("start", [0, SLO_END], ids=["file header", "B-scan header"])
def test_any_destroyed_word_is_read_or_refused(vol, start, junk):
    """Whatever word of a header is destroyed, the answer is an exam or a sentence."""
    data = write_vol(vol, raster((1, 8), (7, 8), (0, -0.25))).read_bytes()
    refused = 0
    for place in range(start, start + 104, 4):
        vol.write_bytes(data[:place] + junk + data[place + 4 :])
        try:
            dict(heidelberg_vol.read(vol))
        except ValueError:
            refused += 1
    assert refused


@pytest.mark.parametrize(
    ("index", "start", "end", "sentence"),
    [
        (2, (1, 7.4), (7, 7.4), "B-scan 2 lies 0.1 mm off its place at a pitch of 0.25 mm"),
        (3, (1, 7.35), (7, 7.15), "B-scan 3 lies"),
        (2, (1.5, 7.5), (7.5, 7.5), "B-scan 2 lies 0.5 mm off its place"),
        (4, (1, 8), (7, 8), "at a pitch of 0 mm"),
    ],
    ids=["uneven", "not parallel", "not side by side", "returning"],
)
def test_irregular_raster_is_refused(vol, index, start, end, sentence):
    """B-scans that make no rectangular grid are no map, and are not taken for one."""
    ends = raster((1, 8), (7, 8), (0, -0.25))
    ends[index] = start, end
    with pytest.raises(ValueError, match="not parallel, side by side and evenly spaced") as error:
        heidelberg_vol.read(write_vol(vol, ends))
    assert sentence in str(error.value)


@pytest.mark.parametrize(
    ("content", "answer"),
    [(b"HSF-OCT-103\0", True), (b"HSF-BS-103", False), (b"", False)],
    ids=["vol", "other", "empty"],
)
def test_recognises_by_the_first_bytes(vol, content, answer):
    """A `.vol` file is recognised by how it begins, whatever its name."""
    vol.write_bytes(content)
    assert heidelberg_vol.recognises(vol) is answer
    assert not heidelberg_vol.recognises(vol.parent)


@real
def test_real_line():
    """The macular line has partly valid ILM and BM, and no RNFL."""
    exam = heidelberg_vol.read(DATA / "spectralis_linescan/linescan.vol")
    segmentation = exam["layer_segmentation"]
    assert segmentation["layers"] == ("retina",)
    np.testing.assert_allclose(np.isfinite(segmentation["borders"]).mean(axis=(1, 2)), [0.988, 0.824], atol=5e-4)
    assert (exam["scan_protocol"], exam["pixel_direction"]) == ("HORIZONTAL_3D", "LEFT_RIGHT")
    assert exam["pixel_spacing_column"] == pytest.approx(0.0118206, abs=5e-8)
    assert exam["image_quality_db"] == pytest.approx([44.6], abs=0.05)
    np.testing.assert_allclose(exam["slice_ends_mm"], [[(0, 4.539), (9.078, 4.539)]], atol=5e-4)


@real
@pytest.mark.parametrize(
    ("file", "radius", "valid"),
    [
        ("spectralis_circle_pair/circle_a.vol", 1.799, (1, 1, 1)),
        ("spectralis_circle_pair/circle_b.vol", 1.799, (1, 1, 1)),
        ("spectralis_circle_poor/circle_poor.vol", 2.184, (0.757, 0.757, 1)),
    ],
    ids=["a", "b", "poor"],
)
def test_real_circle(file, radius, valid):
    """The circles begin temporally, close to within an A-scan, and their borders cross where the device's do."""
    exam = heidelberg_vol.read(DATA / file)
    borders = exam["layer_segmentation"]["borders"]
    assert exam["layer_segmentation"]["layers"][0] == "rnfl"
    assert borders.shape == (3, 1, 768)
    np.testing.assert_allclose(np.isfinite(borders).mean(axis=(1, 2)), valid, atol=5e-4)
    assert exam["circle_radius_mm"] == pytest.approx(radius, abs=5e-4)
    assert 2 * np.pi * exam["circle_radius_mm"] / exam["pixel_spacing_column"] == pytest.approx(768, abs=1.01)
    assert exam["laterality"] == "R"
    assert exam["circle_start_mm"][0] < exam["circle_center_mm"][0]
    assert exam["bscan_images"].shape == (1, 496, 768)
    assert ((borders[1] < borders[0]).sum() == 24) == ("poor" in file)
