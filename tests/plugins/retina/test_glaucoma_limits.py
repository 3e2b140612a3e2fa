"""Limits of the thickness of the inner retina, and what both operations refuse."""

from __future__ import annotations

import pytest

from foveola import InputError
from foveola_oct.glaucoma.get_glaucoma_distance_to_normal import get_glaucoma_distance_to_normal
from foveola_oct.glaucoma.get_glaucoma_stage import get_glaucoma_stage

BOTH = pytest.mark.parametrize(
    "operation", [get_glaucoma_stage, get_glaucoma_distance_to_normal], ids=lambda operation: operation.name
)


@BOTH
@pytest.mark.parametrize("field", ["superior_thickness", "inferior_thickness"])
@pytest.mark.parametrize("thickness", [None, float("nan"), float("inf"), 0, -1, 4.99, 250.1, "98", True], ids=repr)
def test_thickness_that_is_none(operation, field, thickness):
    """Null, no number, nothing, or more than there is: refused by name."""
    request = {"superior_thickness": 98, "inferior_thickness": 98} | {field: thickness}
    with pytest.raises(InputError) as refused:
        operation.call(request)
    assert refused.value.field == field


@BOTH
def test_millimetres_are_suspected(operation):
    """0.098 is the thickness in mm."""
    with pytest.raises(InputError, match=r"µm expected, mm given\?"):
        operation.call({"superior_thickness": 0.098, "inferior_thickness": 0.097})


@BOTH
@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"borderline_um": 97.8}, "borderline_um"),
        ({"normal_mean_um": 89.6}, "borderline_um"),
        ({"normal_limit_um": 90}, "normal_limit_um"),
        ({"moderate_limit_um": 85}, "moderate_limit_um"),
        ({"advanced_limit_um": 76}, "advanced_limit_um"),
        ({"advanced_limit_um": 0}, "advanced_limit_um"),
        ({"statistic": "max"}, "statistic"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(f"{k}_{v}" for k, v in value.items()),
)
def test_limits_out_of_order(operation, wrong, field):
    """Limits decrease strictly, from the healthy mean to the advanced one."""
    with pytest.raises(InputError) as refused:
        operation.call({"superior_thickness": 98, "inferior_thickness": 98, **wrong})
    assert refused.value.field == field
