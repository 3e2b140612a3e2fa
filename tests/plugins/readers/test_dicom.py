"""Ophthalmic tomographies in DICOM, written here as the standard describes them."""

import sys

import numpy as np
import pytest

from foveola_oct.readers import dicom

pydicom = pytest.importorskip("pydicom", reason="the extra `dicom` is not installed")

FRAMES, ROWS, COLUMNS = 4, 3, 5
PITCH = 0.25
# The directions of rows and columns in the patient, and the step to the next B-scan. x grows to the patient's left,
# which is the right of the image, y to the back, z to the head.
PLANES = {
    "HORIZONTAL_3D BOTTOM_TOP LEFT_RIGHT": ((1, 0, 0), (0, 0, PITCH)),
    "HORIZONTAL_3D TOP_BOTTOM LEFT_RIGHT": ((1, 0, 0), (0, 0, -PITCH)),
    "HORIZONTAL_3D BOTTOM_TOP RIGHT_LEFT": ((-1, 0, 0), (0, 0, PITCH)),
    "HORIZONTAL_3D TOP_BOTTOM RIGHT_LEFT": ((-1, 0, 0), (0, 0, -PITCH)),
    "VERTICAL_3D LEFT_RIGHT TOP_BOTTOM": ((0, 0, -1), (PITCH, 0, 0)),
    "VERTICAL_3D RIGHT_LEFT TOP_BOTTOM": ((0, 0, -1), (-PITCH, 0, 0)),
    "VERTICAL_3D LEFT_RIGHT BOTTOM_TOP": ((0, 0, 1), (PITCH, 0, 0)),
    "VERTICAL_3D RIGHT_LEFT BOTTOM_TOP": ((0, 0, 1), (-PITCH, 0, 0)),
}
BACK = (0, 1, 0)
IMAGES = np.arange(FRAMES * ROWS * COLUMNS, dtype=np.uint8).reshape(FRAMES, ROWS, COLUMNS)
ORIENTATION = ("scan_protocol", "slice_direction", "pixel_direction")


@pytest.fixture
def file(tmp_path):
    """Name a file to write."""
    return tmp_path / "oct.dcm"


def dataset(**elements):
    """Make a dataset, or an item of a sequence."""
    made = pydicom.Dataset()
    for name, value in elements.items():
        setattr(made, name, value)
    return made


def patient_planes(along=(1, 0, 0), step=(0, 0, PITCH), down=BACK, frames=FRAMES):
    """Where frames lie in the patient, as functional groups of each."""
    return [
        dataset(
            PlanePositionSequence=[
                dataset(ImagePositionPatient=(np.array([-3.0, 0, 2]) + i * np.array(step)).tolist())
            ],
            PlaneOrientationSequence=[dataset(ImageOrientationPatient=[*map(float, (*along, *down))])],
        )
        for i in range(frames)
    ]


def reference_lines(ends, kind="LINEAR"):
    """Where frames lie on the reference image, (row, column) of first and last A-scan, as functional groups of each."""
    return [
        dataset(
            OphthalmicFrameLocationSequence=[
                dataset(ReferenceCoordinates=[float(number) for number in line], OphthalmicImageOrientation=kind)
            ]
        )
        for line in ends
    ]


def horizontal(rows, left=20, right=420):
    """Horizontal lines on the reference image."""
    return [(row, left, row, right) for row in rows]


def write(
    file,
    per_frame=(),
    *,
    shared=(),
    measures=None,
    images=IMAGES,
    syntax=pydicom.uid.ExplicitVRLittleEndian,
    **elements,
):
    """Write a multi-frame ophthalmic tomography; an element that is None is left out."""
    measures = {"PixelSpacing": [0.0039, 0.012], **(measures or {})}
    made = dataset(
        SOPClassUID=dicom.OPHTHALMIC_TOMOGRAPHY,
        SOPInstanceUID="1.2.3.4",
        PatientName="Doe^Jane",
        PatientID="4711",
        PatientBirthDate="19700101",
        ImageLaterality="R",
        NumberOfFrames=len(images),
        Rows=images.shape[1],
        Columns=images.shape[2],
        SamplesPerPixel=1,
        PhotometricInterpretation="MONOCHROME2",
        BitsAllocated=8 * images.itemsize,
        BitsStored=8 * images.itemsize,
        HighBit=8 * images.itemsize - 1,
        PixelRepresentation=0,
        SharedFunctionalGroupsSequence=[
            dataset(
                PixelMeasuresSequence=[
                    dataset(**{name: value for name, value in measures.items() if value is not None})
                ],
                **dict(shared),
            )
        ],
    )
    if per_frame:
        made.PerFrameFunctionalGroupsSequence = list(per_frame)
    made.PixelData = images.tobytes() + b"\0" * (images.nbytes % 2)
    for name, value in elements.items():
        if value is None:
            delattr(made, name)
        else:
            setattr(made, name, value)
    made.file_meta = pydicom.dataset.FileMetaDataset()
    made.file_meta.TransferSyntaxUID = syntax
    made.file_meta.MediaStorageSOPClassUID = dicom.OPHTHALMIC_TOMOGRAPHY
    made.save_as(file, enforce_file_format=True)
    return file


def orientation(exam):
    """The three words, None where one is absent."""
    return [exam.get(name) for name in ORIENTATION]


def test_an_exam_has_geometry_and_images_and_no_patient(file):
    """Names and numbers are those of the file; who it is about is not among them."""
    exam = dicom.read(write(file, patient_planes()))
    images = exam["bscan_images"]
    assert (images.dtype, images.tolist()) == (np.uint8, IMAGES.tolist())
    values = {name: exam[name] for name in exam if name != "bscan_images"}
    assert values == {
        "laterality": "R",
        "num_slices": FRAMES,
        "pixel_image_width": COLUMNS,
        "pixel_image_height": ROWS,
        "pixel_spacing_row": 0.0039,
        "pixel_spacing_column": 0.012,
        "slice_thickness": pytest.approx(PITCH),
        "scan_protocol": "HORIZONTAL_3D",
        "slice_direction": "BOTTOM_TOP",
        "pixel_direction": "LEFT_RIGHT",
    }
    assert not [name for name in dicom.ATTRIBUTES if name.startswith("Patient")]


@pytest.mark.parametrize("name", PLANES)
def test_orientation_in_the_patient(file, name):
    """All eight orientations follow from the directions of rows and the step from frame to frame."""
    along, step = PLANES[name]
    exam = dicom.read(write(file, patient_planes(along, step)))
    assert orientation(exam) == name.split()
    assert exam["slice_thickness"] == pytest.approx(PITCH)


def test_a_slight_tilt_is_still_a_direction_and_a_larger_one_none(file):
    """Up to 15 degrees the B-scans count as horizontal; beyond, the pitch is known and the orientation asked for."""
    for degrees, words in ((12, ["HORIZONTAL_3D", "BOTTOM_TOP", "LEFT_RIGHT"]), (40, [None] * 3)):
        c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        exam = dicom.read(write(file, patient_planes((c, 0, s), (-PITCH * s, 0, PITCH * c))))
        assert orientation(exam) == words
        assert exam["slice_thickness"] == pytest.approx(PITCH)


@pytest.mark.parametrize(
    ("down", "step"),
    [((0, -1, 0), (0, 0, PITCH)), ((0, 0, -1), (0, PITCH, 0)), ((0, 0.8, 0.6), (0, -0.6 * PITCH, 0.8 * PITCH))],
    ids=["upside down", "seen from above", "tilted"],
)
def test_planes_of_another_kind_have_a_pitch_but_no_orientation(file, down, step):
    """Where rows do not go from front to back, the axes are not those of a fundus picture; the distance still holds."""
    exam = dicom.read(write(file, patient_planes(down=down, step=step)))
    assert orientation(exam) == [None] * 3
    assert exam["slice_thickness"] == pytest.approx(PITCH)


@pytest.mark.parametrize(
    ("per_frame", "measures", "pitch"),
    [
        (patient_planes(), {"SpacingBetweenSlices": 0.3, "SliceThickness": 0.01}, PITCH),
        ((), {"SpacingBetweenSlices": 0.3, "SliceThickness": 0.01}, 0.3),
        ((), {"SliceThickness": 0.01}, 0.01),
        ((), {"SpacingBetweenSlices": 0, "SliceThickness": 0.01}, 0.01),
        (patient_planes(step=(0, 0, 0)), {"SpacingBetweenSlices": 0.3}, 0.3),
        ((), {}, None),
    ],
    ids=["positions", "spacing", "thickness", "no spacing", "one position for all", "nothing"],
)
def test_where_the_distance_of_the_slices_comes_from(file, per_frame, measures, pitch):
    """Positions go before the spacing, and that before the nominal thickness."""
    exam = dicom.read(write(file, per_frame, measures=measures))
    assert exam.get("slice_thickness") == (None if pitch is None else pytest.approx(pitch))


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        (horizontal([400, 300, 200, 100]), ["HORIZONTAL_3D", "BOTTOM_TOP", "LEFT_RIGHT"]),
        (horizontal([100, 200, 300, 400], 420, 20), ["HORIZONTAL_3D", "TOP_BOTTOM", "RIGHT_LEFT"]),
        ([(20, x, 420, x) for x in (1, 2, 3, 4)], ["VERTICAL_3D", "LEFT_RIGHT", "TOP_BOTTOM"]),
        ([(0, 0, 0, 0)] * FRAMES, [None] * 3),
    ],
    ids=["upwards", "downwards and leftwards", "vertical", "unsaid"],
)
def test_orientation_on_the_reference_image(file, ends, words):
    """Without planes in the patient, the ends of the B-scans on the fundus picture tell orientation, but no pitch."""
    exam = dicom.read(write(file, reference_lines(ends), measures={"SpacingBetweenSlices": 0.3}))
    assert orientation(exam) == words
    assert exam["slice_thickness"] == 0.3


def test_planes_in_the_patient_go_before_the_reference_image(file):
    """Where both are there, the planes decide."""
    both = patient_planes()
    for group, line in zip(both, reference_lines(horizontal([1, 2, 3, 4], 420, 20)), strict=True):
        group.OphthalmicFrameLocationSequence = line.OphthalmicFrameLocationSequence
    assert orientation(dicom.read(write(file, both))) == ["HORIZONTAL_3D", "BOTTOM_TOP", "LEFT_RIGHT"]


def test_a_scan_that_is_no_line_has_no_orientation(file):
    """A circle's many points on the reference image say nothing of directions."""
    circle = reference_lines([[1, 2, 3, 4, 5, 6]], kind="NONLINEAR")
    assert orientation(dicom.read(write(file, circle, images=IMAGES[:1]))) == [None] * 3


def test_one_b_scan_has_a_direction_but_no_pitch(file):
    """A file without a number of frames is one B-scan; its images still have three axes."""
    exam = dicom.read(write(file, patient_planes(frames=1), images=IMAGES[:1], NumberOfFrames=None))
    assert (exam["num_slices"], exam["bscan_images"].shape) == (1, (1, ROWS, COLUMNS))
    assert orientation(exam) == ["HORIZONTAL_3D", None, "LEFT_RIGHT"]
    assert "slice_thickness" not in exam


@pytest.mark.parametrize(
    ("image", "frame", "eye"),
    [("L", None, "L"), (None, "R", "R"), ("R", "R", "R"), ("B", "L", "L"), (None, "U", None), (None, None, None)],
    ids=["image", "frame", "both", "both eyes but one frame", "unknown", "unsaid"],
)
def test_laterality(file, image, frame, eye):
    """The eye is that of the image, or of all its frames, or absent."""
    shared = {"FrameAnatomySequence": [dataset(FrameLaterality=frame)]} if frame else {}
    assert dicom.read(write(file, shared=shared, ImageLaterality=image)).get("laterality") == eye


def test_spacing_belongs_to_rows_first(file):
    """Some devices say it for each frame, or at the top; and if nobody says it, it is absent."""
    frames = [dataset(PixelMeasuresSequence=[dataset(PixelSpacing=[0.002, 0.006])]) for _ in range(FRAMES)]
    for path in (
        write(file.with_name("a.dcm"), frames, measures={"PixelSpacing": None}),
        write(file.with_name("b.dcm"), measures={"PixelSpacing": None}, PixelSpacing=[0.002, 0.006]),
    ):
        exam = dicom.read(path)
        assert (exam["pixel_spacing_row"], exam["pixel_spacing_column"]) == (0.002, 0.006)
    assert "pixel_spacing_row" not in dicom.read(write(file, measures={"PixelSpacing": None}))


def test_sixteen_bits_stay_sixteen(file):
    """Images keep their depth."""
    images = dicom.read(write(file, images=IMAGES.astype(np.uint16) * 257))["bscan_images"]
    assert (images.dtype, int(images.max())) == (np.uint16, 59 * 257)


def test_images_are_decoded_when_they_are_asked_for(file):
    """A file that ends within its images still has a geometry; who wants the images hears what is wrong."""
    write(file, patient_planes())
    file.write_bytes(file.read_bytes()[:-20])
    exam = dicom.read(file)
    assert exam["num_slices"] == FRAMES
    with pytest.raises(Exception, match=r"bscan_images: .*oct\.dcm: its images cannot be decoded: "):
        exam["bscan_images"]


OTHER_STEP = patient_planes()
OTHER_STEP[2] = patient_planes(step=(0, 0, 0.3))[2]
TURNED = patient_planes()
TURNED[1] = patient_planes((-1, 0, 0))[1]


@pytest.mark.parametrize(
    ("per_frame", "options", "sentence"),
    [
        (
            (),
            {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.2"},
            "is CT Image Storage, not Ophthalmic Tomography Image Storage",
        ),
        ((), {"SOPClassUID": None}, "is of no kind, not Ophthalmic Tomography Image Storage"),
        ((), {"PhotometricInterpretation": "RGB"}, "its images are RGB, not MONOCHROME2"),
        ((), {"Rows": None}, "Rows is 0, not a whole number from 1 to 65535"),
        ((), {"NumberOfFrames": -2}, "NumberOfFrames is -2, not a whole number"),
        ((), {"NumberOfFrames": 2**31 - 1}, "NumberOfFrames is 2147483647, not a whole number"),
        ((), {"NumberOfFrames": [2, 2]}, r"NumberOfFrames is \[2, 2\], not a whole number"),
        (patient_planes(frames=3), {}, "Number of Frames is not that of the Per-frame Functional Groups"),
        (OTHER_STEP, {}, "the B-scans are not parallel, side by side and evenly spaced: B-scan 2 lies 0.1 mm off"),
        (TURNED, {}, "the B-scans are not parallel, side by side and evenly spaced"),
        (patient_planes((2, 0, 0)), {}, r"Image Orientation \(Patient\) is no pair of directions of length 1"),
        (reference_lines([(1, 2, 3, 4)] * FRAMES, "TRANSVERSE"), {}, "holds transverse images, not B-scans"),
        (reference_lines([(1, 2, 3)] * FRAMES), {}, r"ReferenceCoordinates is \[.*\], not 4 numbers"),
        (
            [dataset(FrameAnatomySequence=[dataset(FrameLaterality="L")]) for _ in range(FRAMES)],
            {},
            "Image Laterality and Frame Laterality speak of both eyes",
        ),
        (
            [dataset(PixelMeasuresSequence=[dataset(PixelSpacing=[0.002, 0.006 + i])]) for i in range(FRAMES)],
            {},
            "Pixel Spacing differs from frame to frame",
        ),
        ((), {"measures": {"PixelSpacing": [0.1]}}, r"PixelSpacing is 0\.1, not 2 numbers"),
        ((), {"measures": {"SliceThickness": float("nan")}}, "SliceThickness is nan, not a number"),
        ((), {"measures": {"SpacingBetweenSlices": -0.2}}, r"SpacingBetweenSlices is -0\.2, not a distance"),
        ((), {"ImageLaterality": ["L", "R"]}, r"Laterality is \['L', 'R'\], not one word"),
        ((), {"SOPClassUID": ["1.2", "1.3"]}, r"is \['1\.2', '1\.3'\], not Ophthalmic"),
        (
            reference_lines([(1, 2, 3, 4)] * FRAMES, ["LINEAR", "X"]),
            {},
            "OphthalmicImageOrientation is .*, not one word",
        ),
    ],
    ids=[
        *("CT", "no class", "colour", "no rows", "negative frames", "endless frames", "two numbers of frames"),
        *("missing frames", "uneven", "turned", "directions of length 2", "transverse", "no line", "two eyes"),
        *("two spacings", "one spacing", "no thickness", "negative spacing", "two lateralities", "two classes"),
        "two orientations",
    ],
)
def test_what_is_no_raster_of_one_eye_is_refused(file, per_frame, options, sentence):
    """The sentence says what is wrong with the file."""
    with pytest.raises(ValueError, match=f"^{sentence}"):
        dicom.read(write(file, per_frame, **options))


@pytest.mark.parametrize("name", [dicom.SHARED, dicom.PER_FRAME, "PixelMeasuresSequence", "PlanePositionSequence"])
def test_what_should_be_a_sequence_is_refused_as_text(file, name):
    """A damaged kind of element makes text of a sequence; that is told, and nothing is asked of its letters."""
    write(file, patient_planes())
    tag = pydicom.datadict.tag_for_keyword(name)
    mark = tag.to_bytes(4, "big")[1::-1] + tag.to_bytes(4, "big")[:1:-1]
    file.write_bytes(file.read_bytes().replace(mark + b"SQ", mark + b"UT"))
    with pytest.raises(ValueError, match=f"^{name} is no sequence of items"):
        dicom.read(file)


def test_a_header_cut_short_is_refused(file):
    """Wherever the file ends before its images, it is refused."""
    content = write(file, patient_planes()).read_bytes()
    for size in range(dicom.PREAMBLE + len(dicom.MAGIC), content.index(IMAGES.tobytes()) - 12, 5):
        file.write_bytes(content[:size])
        with pytest.raises(ValueError, match=r"^is truncated"):
            dicom.read(file)


@pytest.mark.parametrize("syntax", ["ImplicitVRLittleEndian", "DeflatedExplicitVRLittleEndian", "RLELossless"])
def test_other_transfer_syntaxes(file, syntax):
    """However the file is packed, the exam is the same."""
    uid = getattr(pydicom.uid, syntax)
    write(file, patient_planes(), syntax=pydicom.uid.ExplicitVRLittleEndian if uid.is_compressed else uid)
    if uid.is_encapsulated:
        packed = pydicom.dcmread(write(file, patient_planes()))
        packed.compress(uid, encoding_plugin="pydicom")  # that of GDCM ended the process here
        packed.save_as(file)
    exam = dicom.read(file)
    assert orientation(exam) == ["HORIZONTAL_3D", "BOTTOM_TOP", "LEFT_RIGHT"]
    assert exam["bscan_images"].tolist() == IMAGES.tolist()


@pytest.mark.parametrize("syntax", ["JPEGLSLossless", "JPEG2000Lossless", "JPEGLosslessProcess14_1"])
def test_compressed_images(file, syntax):
    """The extra brings what decodes every kind of JPEG that loses nothing."""
    gdcm = pytest.importorskip("gdcm", reason="the extra `dicom` is not installed")
    images = np.random.default_rng(0).integers(0, 256, (FRAMES, 24, 32), dtype=np.uint8)
    reader, change, writer = gdcm.ImageReader(), gdcm.ImageChangeTransferSyntax(), gdcm.ImageWriter()
    reader.SetFileName(str(write(file, patient_planes(), images=images)))
    assert reader.Read()
    change.SetInput(reader.GetImage())
    change.SetTransferSyntax(gdcm.TransferSyntax(getattr(gdcm.TransferSyntax, syntax)))
    assert change.Change()
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    writer.SetFileName(str(file))
    assert writer.Write()
    exam = dicom.read(file)
    assert orientation(exam) == ["HORIZONTAL_3D", "BOTTOM_TOP", "LEFT_RIGHT"]
    assert exam["bscan_images"].tolist() == images.tolist()


def test_recognises_by_the_mark_behind_the_preamble(file, tmp_path):
    """Neither name nor ending count."""
    assert dicom.recognises(write(file))
    (tmp_path / "text.dcm").write_text("DICM")
    assert not dicom.recognises(tmp_path / "text.dcm")
    assert not dicom.recognises(tmp_path)


def test_without_pydicom_the_way_to_it_is_told(file, monkeypatch):
    """The extra that brings it is named; to recognise a file it is not needed."""
    write(file)
    monkeypatch.setitem(sys.modules, "pydicom", None)
    assert dicom.recognises(file)
    with pytest.raises(ValueError, match=r"needs pydicom: pip install 'foveola\[dicom\]'"):
        dicom.read(file)
