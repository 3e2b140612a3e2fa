"""Surfaces of the Iowa Reference Algorithms: written here, and a real volume where it is at hand."""

from pathlib import Path

import numpy as np
import pytest

from foveola_oct.readers import iowa_xml

DATA = Path(__file__).parents[3] / "../shared/data/spectralis_raster_iowa"
real = pytest.mark.skipif(not DATA.is_dir(), reason="the real volume is not at hand")

NAMES = {
    "ILM": "ILM (ILM)",
    "RNFL-GCL": "RNFL-GCL (RNFL-GCL)",
    "IB_OPR": "Inner boundary of OPR (IB_OPR)",
    "IB_RPE": "Inner boundary of RPE (IB_RPE)",
    "OB_RPE": "Outer boundary of RPE (OB_RPE)",
}
ILM_AND_RPE = {"ILM": [[10, 11, 12], [13, 14, 15]], "OB_RPE": [[90, 91, 92], [93, 94, 95]]}


def xml(surfaces=ILM_AND_RPE, undefined=()):
    """Write a scan of 2 B-scans of 100 x 3, voxels 0.012 x 0.004 x 0.25 mm."""

    def bscan(row):
        return "<bscan>" + "".join(f"<y>{height}</y>" for height in row) + "</bscan>"

    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!-- written for a test -->\n<surfaces><scan_characteristics>'
        "<size><unit>voxel</unit><x>3</x><y>100</y><z>2</z></size>"
        "<voxel_size><unit>mm</unit><x>0.012</x><y>0.004</y><z>0.25</z></voxel_size>"
        "<laterality>OD</laterality></scan_characteristics><unit>voxel</unit>"
        + "".join(
            f"<surface><name>{NAMES[name]}</name>{''.join(map(bscan, rows))}</surface>"
            for name, rows in surfaces.items()
        )
        + "<undefined_region>"
        + "".join(f"<ascan><x>{x}</x><z>{z}</z></ascan>" for x, z in undefined)
        + "</undefined_region></surfaces>"
    )


@pytest.fixture
def file(tmp_path):
    """Name a file to write."""
    return tmp_path / "Surfaces_Iowa.xml"


def read(file, text):
    """Write a text and read its exam."""
    file.write_text(text, encoding="utf-8")
    return iowa_xml.read(file)


def test_exam_of_a_small_volume(file):
    """The exam is what stands in the file, with the orientation of the format."""
    exam = read(file, xml(undefined=[(2, 1)]))
    segmentation = exam.pop("layer_segmentation")
    assert exam == {
        "scan_protocol": "HORIZONTAL_3D",
        "slice_direction": "TOP_BOTTOM",
        "pixel_direction": "LEFT_RIGHT",
        "laterality": "R",
        "num_slices": 2,
        "pixel_image_width": 3,
        "pixel_image_height": 100,
        "pixel_spacing_column": 0.012,
        "pixel_spacing_row": 0.004,
        "slice_thickness": 0.25,
    }
    assert segmentation["layers"] == ("retina",)
    np.testing.assert_array_equal(
        segmentation["borders"], [[[10, 11, 12], [13, 14, np.nan]], [[90, 91, 92], [93, 94, np.nan]]]
    )


@pytest.mark.parametrize("unit", ["um", "µm"])
def test_micrometres_become_millimetres(file, unit):
    """A voxel size in micrometres is converted."""
    text = xml().replace("<unit>mm</unit><x>0.012</x>", f"<unit>{unit}</unit><x>12</x>")
    assert read(file, text)["pixel_spacing_column"] == pytest.approx(0.012)


@pytest.mark.parametrize(("said", "laterality"), [("OS", "L"), ("NA", None)], ids=["left", "unsaid"])
def test_laterality(file, said, laterality):
    """The eye is what the file says, or absent."""
    assert read(file, xml().replace(">OD<", f">{said}<")).get("laterality") == laterality


@pytest.mark.parametrize(
    ("heights", "layers"),
    [
        (
            {"OB_RPE": 90, "RNFL-GCL": 20, "IB_OPR": 70, "ILM": 10, "IB_RPE": 80},
            ("rnfl", "gcl+ipl+inl+opl+onl+ez+os", "rpe"),
        ),
        ({"ILM": 10, "RNFL-GCL": 0, "OB_RPE": 90}, ("retina",)),
        ({"ILM": 10, "OB_RPE": 100}, None),
        ({"ILM": 10}, None),
    ],
    ids=["any order", "not found", "outside", "one"],
)
def test_layers_lie_between_the_surfaces_found(file, heights, layers):
    """Surfaces come top to bottom, and each layer bears the classes between its own two."""
    exam = read(file, xml({name: [[height] * 3] * 2 for name, height in heights.items()}))
    if layers is None:
        assert "layer_segmentation" not in exam
        return
    assert exam["layer_segmentation"]["layers"] == layers
    assert (np.diff(exam["layer_segmentation"]["borders"], axis=0) > 0).all()


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("<surfaces>", "<volumes>", "the root element is not <surfaces>"),
        ("<surfaces>", "<!DOCTYPE surfaces><surfaces>", "has a DOCTYPE"),
        ("</surfaces>", "", "truncated or not well-formed: no element found: line 3, column "),
        ("<x>3</x>", "<x>4</x>", "surface 'ILM (ILM)', B-scan 0 has 3 A-scans of 4"),
        ("<z>2</z>", "<z>2000000000</z>", "surface 'ILM (ILM)' has 2 B-scans of 2000000000"),
        ("<z>2</z>", "<z>-2</z>", "scan_characteristics/size/z is -2, not a positive number"),
        ("<z>2</z>", "<z>2.5</z>", "scan_characteristics/size/z is 2.5, not a whole number"),
        ("<y>100</y>", "", "scan_characteristics/size/y is '', not a number"),
        ("<y>0.004</y>", "<y>nan</y>", "scan_characteristics/voxel_size/y is nan, not a positive number"),
        ("<unit>mm</unit>", "<unit>inch</unit>", "voxel_size/unit is 'inch', none of mm, um, µm"),
        ("<y>12</y>", "<y>NA</y>", "surface 'ILM (ILM)': could not convert string to float: 'NA'"),
        ("<y>12</y>", "", "surface 'ILM (ILM)', B-scan 0 has 2 A-scans of 3"),
        ("ILM (ILM)", "Sclera (SCL)", "surface 'Sclera (SCL)' is none of ILM, RNFL-GCL"),
        ("ILM (ILM)", "Outer boundary of RPE (OB_RPE)", "surface 'OB_RPE' is there twice"),
        ("<unit>voxel</unit><surface>", "<surface>", "the surfaces' unit is None, not 'voxel'"),
        ("<undefined_region>", "<undefined_region><ascan><x>3</x><z>0</z></ascan>", "A-scan x = 3, z = 0 is none of"),
        (
            "<undefined_region>",
            "<undefined_region><ascan><x>0.5</x><z>0</z></ascan>",
            "A-scan x = 0.5, z = 0 is none of",
        ),
        ("<undefined_region>", "<undefined_region><ascan><x>1</x></ascan>", "ascan/z is '', not a number"),
    ],
    ids=[
        *(
            "other root",
            "DOCTYPE",
            "truncated",
            "other width",
            "huge number of slices",
            "negative size",
            "half a slice",
        ),
        *("no height", "NaN spacing", "unknown unit", "no number", "short B-scan", "unknown surface", "surface twice"),
        *("no unit of surfaces", "undefined outside", "undefined between", "undefined nowhere"),
    ],
)
def test_contradictory_file_is_refused(file, old, new, sentence):
    """A file that is cut short or contradicts itself is refused, saying where."""
    text = xml()
    assert old in text
    with pytest.raises(ValueError) as error:  # noqa: PT011 - the sentence is compared below
        read(file, text.replace(old, new))
    assert sentence in str(error.value)


def test_entity_bomb_is_refused_unexploded(file):
    """Entities that would grow to gigabytes are refused before they are read."""
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE surfaces [<!ENTITY e0 "0123456789">{entities}]><surfaces>&e9;</surfaces>'
    with pytest.raises(ValueError, match="has a DOCTYPE, which surfaces do without"):
        read(file, bomb)


@pytest.mark.parametrize(
    ("name", "text", "answer"),
    [
        ("a.xml", xml(), True),
        ("a.XML", "\ufeff" + xml(), True),
        ("a.txt", xml(), False),
        ("a.xml", "<HEDX><surfaces/></HEDX>", False),
        ("a.xml", "<surfaces_of_lakes/>", False),
        ("a.xml", "<?p?>" * 800, False),
        ("a.xml", "", False),
    ],
    ids=["surfaces", "with a byte order mark", "not .xml", "below the root", "longer name", "prolog only", "empty"],
)
def test_recognises_by_the_root_element(tmp_path, name, text, answer):
    """Of XML files, those whose root is `surfaces` are recognised."""
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert iowa_xml.recognises(tmp_path / name) is answer
    assert not iowa_xml.recognises(tmp_path)


@real
def test_real_volume_has_its_surfaces_exactly():
    """Every height of the real volume is read as it stands, and nine layers sum to its retina."""
    exam = iowa_xml.read(next(DATA.glob("*_Surfaces_Iowa.xml")))
    segmentation = exam["layer_segmentation"]
    expected = np.load(DATA / "surfaces.npz")
    borders = np.where(expected["undefined"], np.nan, expected["surfaces_px"])
    within_os = list(expected["names"]).index(NAMES["IB_OPR"])
    np.testing.assert_array_equal(segmentation["borders"], np.delete(borders, within_os, axis=0))
    assert segmentation["layers"] == ("rnfl", "gcl", "ipl", "inl", "opl", "onl", "ez", "os", "rpe")
    assert (exam["num_slices"], exam["pixel_image_height"], exam["pixel_image_width"]) == tuple(expected["size_zyx"])
    spacing = exam["slice_thickness"], exam["pixel_spacing_row"], exam["pixel_spacing_column"]
    assert spacing == tuple(expected["spacing_mm"])
    assert np.isnan(segmentation["borders"]).sum(axis=(1, 2)).tolist() == [84] * 10
