"""The distance of an eye from normal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foveola_oct.glaucoma.get_glaucoma_distance_to_normal import get_glaucoma_distance_to_normal
from foveola_oct.glaucoma.get_glaucoma_stage import get_glaucoma_stage

THICKNESS = st.floats(5, 250)
LIMITS = st.sampled_from([85.0, 75.0, 64.0, 97.8]).flatmap(lambda limit: st.floats(limit - 1e-6, limit + 1e-6))


def distance(superior, inferior, **more):
    """Ask for a distance."""
    request = {"superior_thickness": superior, "inferior_thickness": inferior, **more}
    return get_glaucoma_distance_to_normal.call(request)["distance_to_normal"]


@pytest.mark.parametrize(
    ("thickness", "expected"),
    [
        (110, 0),
        (97.8, 0),
        (91.4, 1 / 6),
        (85, 1 / 3),
        (80, 1 / 2),
        (75, 2 / 3),
        (69.5, 5 / 6),
        (64, 1),
        (40, 1),
    ],
)
def test_places_on_the_slider(thickness, expected):
    """Linear between the healthy mean and the limits, and clamped beyond; the thinner half decides."""
    assert distance(thickness, thickness) == pytest.approx(expected, abs=1e-12)
    assert distance(120, thickness) == distance(thickness, 120) == distance(thickness, thickness)


def test_mean_may_decide_and_limits_be_set():
    """The parameters are those of the stage."""
    assert distance(98, 74, statistic="mean") == pytest.approx((97.8 - 86) / (97.8 - 85) / 3)
    assert distance(80, 80, normal_limit_um=80) == pytest.approx(1 / 3)


@given(one=THICKNESS, other=THICKNESS, more=st.floats(0, 100))
def test_distance_never_grows_with_thickness(one, other, more):
    """A thicker half is never further from normal."""
    assert 0 <= distance(min(one + more, 250), other) <= distance(one, other) <= 1


@given(superior=THICKNESS | LIMITS, inferior=THICKNESS | LIMITS, statistic=st.sampled_from(["min", "mean"]))
def test_slider_never_contradicts_the_stage(superior, inferior, statistic):
    """Green is normal, and the end of the slider advanced or the limit itself."""
    request = {"superior_thickness": superior, "inferior_thickness": inferior, "statistic": statistic}
    stage = get_glaucoma_stage.call(request)["glaucoma_stage"]
    place = distance(superior, inferior, statistic=statistic)
    deciding = min(superior, inferior) if statistic == "min" else (superior + inferior) / 2
    assert (place <= 1 / 3) == (stage == "NORMAL")
    assert (place == 1) == (deciding <= 64)
