"""The stage of glaucoma by thickness."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foveola_oct.glaucoma.get_glaucoma_stage import get_glaucoma_stage

THICKNESS = st.floats(5, 250)
SEVERITY = ["NORMAL", "EARLY_GLAUCOMA", "MODERATE_GLAUCOMA", "ADVANCED_GLAUCOMA"]


def stage(superior, inferior, **more):
    """Ask for a stage."""
    return get_glaucoma_stage.call({"superior_thickness": superior, "inferior_thickness": inferior, **more})


@pytest.mark.parametrize(
    ("superior", "inferior", "expected", "borderline"),
    [
        (98, 98, "NORMAL", False),
        (98, 84.99, "EARLY_GLAUCOMA", False),
        (85, 85, "NORMAL", True),
        (89.6, 95, "NORMAL", False),
        (89.59, 95, "NORMAL", True),
        (74.99, 90, "MODERATE_GLAUCOMA", False),
        (75, 75, "EARLY_GLAUCOMA", False),
        (64, 64, "MODERATE_GLAUCOMA", False),
        (63.99, 98, "ADVANCED_GLAUCOMA", False),
    ],
)
def test_stage_of_the_thinner_half(superior, inferior, expected, borderline):
    """The worse half decides; a limit belongs to the milder stage."""
    assert stage(superior, inferior) == {"glaucoma_stage": expected, "borderline": borderline}


def test_mean_may_decide():
    """98 and 74 have a mean of 86."""
    assert stage(98, 74, statistic="mean") == {"glaucoma_stage": "NORMAL", "borderline": True}
    assert stage(98, 74)["glaucoma_stage"] == "MODERATE_GLAUCOMA"


def test_limits_may_be_set():
    """Devices differ, so every limit is a parameter."""
    assert stage(80, 80, normal_limit_um=79)["glaucoma_stage"] == "NORMAL"
    assert stage(80, 80, moderate_limit_um=81)["glaucoma_stage"] == "MODERATE_GLAUCOMA"
    assert stage(80, 80, moderate_limit_um=82, advanced_limit_um=81)["glaucoma_stage"] == "ADVANCED_GLAUCOMA"
    assert stage(88, 88, borderline_um=87)["borderline"] is False


@given(one=THICKNESS, other=THICKNESS)
def test_halves_are_interchangeable(one, other):
    """Which half is the thinner does not matter."""
    assert stage(one, other) == stage(other, one)


@given(one=THICKNESS, other=THICKNESS, more=st.floats(0, 100))
def test_stage_is_monotone(one, other, more):
    """A thicker retina is never staged worse."""
    thicker = stage(min(one + more, 250), other)["glaucoma_stage"]
    assert SEVERITY.index(thicker) <= SEVERITY.index(stage(one, other)["glaucoma_stage"])
