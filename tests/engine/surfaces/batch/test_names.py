"""What results of many exams are called."""

from __future__ import annotations

import pytest

LONG = "/".join(["visit " + "ü" * 90] * 3)
"""A path whose parts, joined, are longer than any system takes for a name."""


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_long_names(cohort, jobs):
    """Files are cut, what they hold is not; they are found again."""
    cohort.add("short", f"{LONG}/a", f"{LONG}/b")
    ran = cohort.run("-j", jobs)
    assert (ran.exit_code, cohort.errors()) == (0, [])
    names = [f"{LONG}/{end}".replace("/", "__") for end in "ab"]
    assert {row["exam"] for row in cohort.rows()} == {"short", *names}
    assert len(cohort.started()) == 3
    before = cohort.started()
    assert "3 of them before" in cohort.run("-j", jobs).stderr
    assert cohort.started() == before
