"""Two results compared."""

from __future__ import annotations

import re

import pytest

from foveola.surfaces.report.comparison import _chart, as_data, as_lines, comparison_page, doubts_about
from foveola.surfaces.report.measures import Change, changes_between
from foveola.surfaces.report.results import Reported


@pytest.fixture
def two(written, registry):
    """The results of a length of 3, and of one of 4."""
    paths = [written({"length": length}, folder=f"r{length}") for length in (3.0, 4.0)]
    return [Reported.read(path, registry) for path in paths]


def test_differences_are_absolute_and_in_percent(two):
    """6 mm become 8: 2 more, a third."""
    change = next(one for one in changes_between(*two) if one.name == "twice")
    assert (change.before, change.after, change.difference, change.unit) == (6.0, 8.0, 2.0, "mm")
    assert change.percent == pytest.approx(100 / 3)


def test_what_stays_is_no_change(two):
    """Words that are the same differ in nothing."""
    changed = {change.name for change in changes_between(*two) if change.is_change}
    assert changed == {"twice", "whole.scaled"}


def test_nothing_of_nothing_has_no_percentage(written, registry):
    """From 0 to 2 there is a difference, but no share of it."""
    before, after = (Reported.read(written({"length": n}, folder=f"z{n}"), registry) for n in (0.0, 1.0))
    change = next(one for one in changes_between(before, after) if one.name == "twice")
    assert (change.difference, change.percent) == (2.0, None)


def test_doubts_name_what_else_differs(two):
    """The exams' own words are compared: another eye would be told."""
    assert doubts_about(*two) == ["length is 3 before, 4 after"]


def test_lines_and_data_say_the_same(two):
    """One line with a head for people and spreadsheets, one mapping for programs."""
    changes = [one for one in changes_between(*two) if one.name == "twice"]
    assert as_lines(changes)[1] == "twice\tmm\t6\t8\t2\t33.3333"
    assert as_data(changes)[0]["difference"] == 2.0


def test_page_asks_renderers_for_the_change(two, registry, painter):
    """They are given what was before."""
    page = comparison_page(*two, registry)
    assert any(subject.before == 6.0 and subject.value == 8.0 for subject in painter.asked)
    assert "+33.3 %" in page
    assert "Are they comparable?" in page


def test_a_percentage_of_what_may_be_negative_or_is_nothing_is_not_drawn():
    """Differences are in the table; a bar of their percentages would hide every other."""
    changes = [
        Change("asymmetry", "superior.0.1", "µm", 0.01, 5.0),
        Change("asymmetry", "inferior.3.1", "µm", -0.01, -5.0),
        Change("rim", "min_width_angle", "deg", -52.0, 3.0),
        Change("rim", "area", "mm2", 1.0, 0.8),
        Change("etdrs", "elm.0.0.std", "µm", 1e-14, 3e-13),
        Change("rim", "distance", None, 0.001, 1.0),
    ]
    chart = _chart(changes)
    assert "asymmetry" not in chart
    assert "std" not in chart
    assert "min_width_angle" not in chart
    assert "-20.0 %" in chart
    assert "+99900.0 %" in chart
    lengths = [float(length) for length in re.findall(r'<rect[^>]*? width="([0-9.]+)"', chart)]
    assert max(lengths) == pytest.approx(10 * min(lengths)), "a bar of 200 %, where others end, and one of 20 %"
