"""Fixed colours: the same thickness has the same colour in every report."""

from __future__ import annotations

import numpy as np
import pytest

from foveola_oct.renderers.colours import DIFFERENCE, LAYER, RETINA, STEPS, ink_on, of_kinds

SCALES = [RETINA, LAYER, DIFFERENCE]


@pytest.mark.parametrize("scale", SCALES, ids=lambda one: one.name)
def test_knots_have_their_colours(scale):
    """What stands in the file is what is drawn, but for the width of a step."""
    for knot, colour in zip(scale.knots, scale.colours, strict=True):
        drawn = [int(scale.colour(knot)[k : k + 2], 16) for k in (1, 3, 5)]
        meant = [int(colour[k : k + 2], 16) for k in (0, 2, 4)]
        assert np.abs(np.subtract(drawn, meant)).max() <= 16


@pytest.mark.parametrize("scale", SCALES, ids=lambda one: one.name)
def test_steps_rise_with_the_value_and_end_at_the_knots(scale):
    """Below and above nothing changes."""
    values = np.linspace(scale.knots[0] - 50, scale.knots[-1] + 50, 500)
    steps = scale.steps(values)
    assert (np.diff(steps) >= 0).all()
    assert (steps[0], steps[-1]) == (0, STEPS - 1)


def test_a_colour_of_the_two_scales_of_thickness_is_of_one_of_them():
    """No colour of a single layer is one of the whole retina."""
    apart = np.abs(RETINA.palette[:, None].astype(int) - LAYER.palette[None].astype(int)).max(axis=2)
    assert apart.min() > 0


@pytest.mark.parametrize("scale", SCALES, ids=lambda one: one.name)
def test_numbers_on_colours_can_be_read(scale):
    """Their contrast is 4.5:1 or more (WCAG 2.2, 1.4.3)."""

    def luminance(colour):
        shares = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
        return float(
            np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4) @ (0.2126, 0.7152, 0.0722)
        )

    for value in np.linspace(scale.knots[0], scale.knots[-1], 60):
        colour = scale.colour(value)
        ink = 0.0 if ink_on(colour) == "#000" else 1.0
        low, high = sorted((luminance(colour), ink))
        assert (high + 0.05) / (low + 0.05) >= 4.5


def test_a_pathology_keeps_its_colour_whatever_stands_beside_it():
    """And what is unknown takes one that is free."""
    assert of_kinds(["soft_drusen"])["soft_drusen"] == of_kinds(["x", "soft_drusen", "y"])["soft_drusen"]
    assert len(set(of_kinds(["soft_drusen", "x", "y"]).values())) == 3
