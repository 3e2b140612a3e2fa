"""AREDS stage of age-related macular degeneration."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foveola import InputError, Unit
from foveola_oct.analyzers.get_amd_stage import ADVANCED_FLAGS, get_amd_stage
from foveola_oct.retina import DiseaseFlags, PathologyThicknessMaps

NO, EARLY, INTERMEDIATE, ADVANCED = "NO_AMD", "EARLY_AMD", "INTERMEDIATE_AMD", "ADVANCED_AMD"


def drusen(count, samples, slices=1):
    """A map of drusen that are so many samples wide and so many slices high, none touching another."""
    one = np.zeros((slices + 1, samples + 1))
    one[:slices, :samples] = 5.0
    return np.tile(one, (count, 1))


def call(maps=None, flags=(), spacing=12.0, **more):
    """The documented answer."""
    return get_amd_stage.call(
        {
            "pathology_thickness_maps": maps or {},
            "pixel_spacing_column": spacing,
            "unique_scan_diseases": list(flags),
            **more,
        }
    )


def stage(maps=None, flags=(), **more):
    """The stage alone."""
    return call(maps, flags, **more)["amd_stage"]


@pytest.mark.parametrize("name", ["hard_drusen", "soft_drusen", "confluent_drusen"])
@pytest.mark.parametrize(
    ("samples", "spacing", "expected"),
    [
        pytest.param(5, 12.0, NO, id="60"),
        pytest.param(6, 12.0, EARLY, id="72"),
        pytest.param(10, 12.0, EARLY, id="120"),
        pytest.param(11, 12.0, INTERMEDIATE, id="132"),
        pytest.param(10, 12.5, INTERMEDIATE, id="125"),
        pytest.param(5, 12.6, EARLY, id="63"),
        pytest.param(3, 125 / 3, INTERMEDIATE, id="125_but_for_rounding"),
    ],
)
def test_one_druse_stages_by_its_width(name, samples, spacing, expected):
    """Small below 63 µm, large from 125 µm on."""
    assert stage({name: drusen(1, samples)}, spacing=spacing) == expected


@pytest.mark.parametrize(
    ("maps", "expected"),
    [
        pytest.param({"soft_drusen": drusen(19, 6)}, EARLY, id="19_soft"),
        pytest.param({"soft_drusen": drusen(20, 6)}, INTERMEDIATE, id="20_soft"),
        pytest.param(
            {"soft_drusen": drusen(12, 6), "confluent_drusen": drusen(8, 6)}, INTERMEDIATE, id="soft_and_confluent"
        ),
        pytest.param({"hard_drusen": drusen(64, 6)}, EARLY, id="64_hard"),
        pytest.param({"hard_drusen": drusen(65, 6)}, INTERMEDIATE, id="65_hard"),
        pytest.param({"hard_drusen": drusen(65, 6), "soft_drusen": drusen(1, 2)}, EARLY, id="65_hard_one_soft"),
        pytest.param(
            {"hard_drusen": drusen(65, 6), "soft_drusen": np.zeros((3, 3))}, INTERMEDIATE, id="65_hard_soft_empty"
        ),
        pytest.param({"hard_drusen": drusen(15, 5)}, NO, id="15_small"),
        pytest.param({"hard_drusen": drusen(16, 5)}, EARLY, id="16_small"),
        pytest.param({"hard_drusen": drusen(8, 5), "soft_drusen": drusen(8, 5)}, EARLY, id="16_small_of_two_classes"),
        pytest.param({"soft_drusen": drusen(1, 5, slices=40)}, NO, id="long_but_narrow"),
        pytest.param({"hard_drusen": np.zeros((5, 5)), "soft_drusen": np.full((2, 9), -1.0)}, NO, id="nothing"),
        pytest.param({"hard_drusen": np.full((4, 20), np.nan)}, NO, id="not_measured"),
        pytest.param({}, NO, id="no_maps"),
    ],
)
def test_many_drusen_stage_by_their_number(maps, expected):
    """Extensive medium drusen are intermediate, more than a few small ones early."""
    assert stage(maps) == expected


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (["geographic_atrophy"], ADVANCED),
        (["Wet_AMD"], ADVANCED),
        (["dry_amd"], EARLY),
        (["pigmentary_abnormalities"], EARLY),
        (["dry_amd", "geographic_atrophy"], ADVANCED),
        (["glaucoma", "?"], NO),
        ([], NO),
    ],
    ids=str,
)
def test_flags_stage_without_drusen(flags, expected):
    """Names are compared in lower case; unknown ones say nothing."""
    assert stage(flags=flags) == expected


def test_every_advanced_flag_is_advanced():
    """Whatever the drusen are."""
    assert {stage({"soft_drusen": drusen(1, 2)}, [flag.upper()]) for flag in ADVANCED_FLAGS} == {ADVANCED}


def test_atrophy_may_be_known_to_be_non_central():
    """Then it is category 3, unless another flag is advanced."""
    moved = {"intermediate_flags": ["Geographic_Atrophy"]}
    assert stage(flags=["geographic_atrophy"], **moved) == INTERMEDIATE
    assert stage(flags=["geographic_atrophy", "cnv"], **moved) == ADVANCED
    assert stage(flags=["dry_amd"], **moved) == EARLY


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"small_um": 80}, NO),
        ({"large_um": 70}, INTERMEDIATE),
        ({"extensive_soft": 1}, INTERMEDIATE),
        ({"small_um": 80, "few_small_max": 0}, EARLY),
        ({"advanced_flags": ["dry_amd"]}, ADVANCED),
        ({"small_um": 80, "early_flags": []}, NO),
    ],
    ids=str,
)
def test_every_limit_is_a_parameter(parameters, expected):
    """One soft druse of 72 µm, flagged dry AMD where that matters."""
    flags = ["dry_amd"] if {"advanced_flags", "early_flags"} & set(parameters) else []
    assert stage({"soft_drusen": drusen(1, 6)}, flags, **parameters) == expected


def test_hard_drusen_have_their_own_limit():
    """Without any soft one."""
    assert stage({"hard_drusen": drusen(3, 6)}, extensive_hard=3) == INTERMEDIATE


def test_a_druse_is_as_wide_as_its_longest_chord():
    """Its runs in other slices and in other drusen do not add up, and its corners hold it together."""
    lesion = np.array([[1, 1, 0, 0, 0, 1], [0, 0, 1, 1, 1, 0], [1, 0, 0, 0, 0, 0]])
    details = call({"soft_drusen": lesion}, include_extras=True)["details"]
    assert details == {"small": 2, "medium": 0, "large": 0, "max_diameter_um": 36.0}


def test_the_circle_of_equal_area_may_be_the_diameter():
    """A druse of one sample, 58 x 240 µm, has the circle of 133 µm."""
    lesion = {"hard_drusen": drusen(1, 1)}
    circle = {"diameter_method": "equivalent_circle", "slice_thickness_um": 240.0, "spacing": 58.0}
    assert stage(lesion, spacing=58.0, slice_thickness_um=240.0) == NO
    assert stage(lesion, **circle) == INTERMEDIATE
    details = call(lesion, **circle, include_extras=True)["details"]
    assert details["max_diameter_um"] == pytest.approx(2 * np.sqrt(58 * 240 / np.pi))


def test_details_are_an_extra():
    """What the drusen were found to be, also where a flag decides."""
    maps = {"hard_drusen": drusen(2, 3), "soft_drusen": drusen(1, 6), "confluent_drusen": drusen(1, 20)}
    assert call(maps) == {"amd_stage": INTERMEDIATE}
    answer = call(maps, ["cnv"], include_extras=True)
    assert answer["amd_stage"] == ADVANCED
    assert answer["details"] == {"small": 2, "medium": 1, "large": 1, "max_diameter_um": 240.0}
    assert call(include_extras=True)["details"] == {"small": 0, "medium": 0, "large": 0, "max_diameter_um": 0.0}


@given(st.integers(0, 25), st.integers(1, 14), st.integers(0, 70), st.integers(1, 14))
def test_another_medium_druse_never_lowers_the_stage(soft, soft_width, hard, hard_width):
    """More soft drusen of 72 µm are never less of the disease than fewer, if there was a soft one before."""
    order = [NO, EARLY, INTERMEDIATE, ADVANCED]
    maps = {"hard_drusen": drusen(hard + 1, hard_width), "soft_drusen": drusen(soft + 1, soft_width)}
    more = {**maps, "confluent_drusen": drusen(1, 6)}
    assert order.index(stage(more)) >= order.index(stage(maps))


def test_an_exam_has_its_flags_as_a_record():
    """The function takes what an exam holds, and the spacing says that it is in µm."""
    found = get_amd_stage(PathologyThicknessMaps(maps={}), 12.0, DiseaseFlags(names=("dry_amd",)))
    assert found.amd_stage == EARLY
    assert get_amd_stage.parameters["pixel_spacing_column"].unit == Unit("µm")


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"spacing": 0.012}, "pixel_spacing_column", "looks like mm"),
        ({"spacing": np.float32(0.012)}, "pixel_spacing_column", "looks like mm"),
        ({"spacing": 0}, "pixel_spacing_column", "greater than or equal to 1"),
        ({"spacing": -12}, "pixel_spacing_column", "greater than or equal to 1"),
        ({"spacing": 201}, "pixel_spacing_column", "less than or equal to 200"),
        ({"spacing": "12"}, "pixel_spacing_column", "valid number"),
        (
            {"maps": {"drusen": [[1]]}},
            "pathology_thickness_maps",
            "give only hard_drusen, soft_drusen, confluent_drusen",
        ),
        ({"unique_scan_diseases": None}, "unique_scan_diseases", "must be"),
        ({"unique_scan_diseases": "dry_amd"}, "unique_scan_diseases", "must be"),
        ({"unique_scan_diseases": [1]}, "unique_scan_diseases.0", "string"),
        ({"small_um": 130}, "large_um", "more than small_um"),
        ({"diameter_method": "equivalent_circle"}, "slice_thickness_um", "is needed"),
        ({"few_small_max": -1}, "few_small_max", "0"),
    ],
    ids=str,
)
def test_bad_requests_name_the_field(changed, field, sentence):
    """What is wrong is told by the name of the field, and what to do."""
    with pytest.raises(InputError) as caught:
        call(**changed)
    assert caught.value.field == field
    assert sentence in caught.value.message


@pytest.mark.parametrize("field", ["pathology_thickness_maps", "pixel_spacing_column", "unique_scan_diseases"])
def test_the_guides_parameters_are_required(field):
    """None of them has a default."""
    request = {"pathology_thickness_maps": {}, "pixel_spacing_column": 12, "unique_scan_diseases": []}
    del request[field]
    with pytest.raises(InputError) as caught:
        get_amd_stage.call(request)
    assert caught.value.field == field
