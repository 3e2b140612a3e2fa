"""Many exams on one page."""

from __future__ import annotations

import re

import pytest

from foveola import InputError
from foveola.surfaces.report.cohort import read_failures
from foveola.surfaces.report.measures import measures_of, write_table
from foveola.surfaces.report.results import Reported
from foveola.surfaces.report.spreads import MOST_MARKS, Sample
from foveola.surfaces.report.writing import COHORT, write_reports


def spread(values, **others):
    """How the values of right eyes are spread, and of other sides."""
    sample = Sample("t.m")
    sides = [("R", value) for value in values] + [(side, value) for side in others for value in others[side]]
    for exam, (side, value) in enumerate(sides):
        sample.add(exam, side, value, "mm")
    return sample.spread()


def test_an_outlier_lies_far_from_the_median():
    """Nine alike and one far off."""
    found = spread([10, 11, 9, 10, 12, 8, 10, 11, 9, 40])
    assert found.outliers == [(9, 40.0)]
    assert (found.count, found.middle, found.unit) == (10, 10.0, "mm")


def test_few_exams_have_no_outliers():
    """Of four nobody can tell."""
    assert spread([10, 10.1, 9.9, 40]).outliers == []


def test_the_noise_of_sums_makes_no_outlier():
    """A deviation of what is constant is not quite 0, and a hundred times another of the kind."""
    assert spread([1e-15, 2e-15, 3e-15, 2e-15, 1e-13]).outliers == []
    assert spread([5.0, 5.0 + 1e-15, 5.0 - 1e-15, 5.0 + 2e-15, 5.0 - 1e-13]).outliers == []


def test_eyes_are_not_outliers_of_the_other_side():
    """Sectors are fixed in the image: what is nasal in one eye is temporal in the other."""
    assert spread([10, 11, 9, 10, 12], L=[30, 31, 29, 30, 32]).outliers == []


def test_null_is_counted_apart():
    """Not measured is no number."""
    found = spread([1, None, 3])
    assert (found.count, found.missing, found.mean) == (2, 1, 2.0)


def test_many_values_are_a_histogram():
    """The picture of ten thousand exams is no larger than that of a few hundred; outliers are ringed still."""
    few, many = spread([k % 7 for k in range(MOST_MARKS)]), spread([*(k % 7 for k in range(10_000)), 50])
    assert few.picture.count("<circle") == MOST_MARKS
    assert (many.picture.count("<circle"), many.picture.count("<rect")) == (1, 7)
    assert len(many.picture) < len(few.picture)


def test_pages_of_many_results_link_to_one_another(written, registry, tmp_path):
    """A page each, one for all; failures of steps and of exams that could not be read are listed."""
    paths = [written({"length": length}, name=name) for name, length in (("one", 1.0), ("two <b>", 2.0), ("bad", -1.0))]
    (paths[0].parent / "errors.jsonl").write_bytes(
        b'{"exam":"lost","step":null,"code":"X","message":"no <i>file</i>"}\n'
    )
    pages = write_reports([paths[0].parent], tmp_path / "html", registry, None, with_pdf=False)
    assert [page.name for page in pages] == ["bad.html", "one.html", "two <b>.html", COHORT]
    index = pages[-1].read_text(encoding="utf-8")
    assert 'href="two%20%3Cb%3E.html"' in index
    assert "is less than nothing" in index
    assert "no &lt;i&gt;file&lt;/i&gt;" in index
    for link in re.findall(r'href="([^"]+)"', index):
        assert link.endswith(".html")


def test_the_page_counts_exams_that_lie_apart(written, registry, tmp_path):
    """Not the measures in which they do."""
    lengths = {"a": 1.0, "b": 1.1, "c": 0.9, "d": 1.05, "e": 0.95, "far": 4.0}
    paths = [written({"length": length}, name=name) for name, length in lengths.items()]
    index = write_reports([paths[0].parent], tmp_path / "html", registry, None, with_pdf=False)[-1]
    assert "6 results, 1 with outliers, 0 failures" in index.read_text(encoding="utf-8")


def test_one_page_for_several_results_is_refused(written, registry, tmp_path):
    """Several want a folder."""
    paths = [written(name="a"), written(name="b")]
    with pytest.raises(InputError, match="takes a folder"):
        write_reports(paths, tmp_path / "x.html", registry, None, with_pdf=False)


def test_a_damaged_line_of_failures_is_named(tmp_path):
    """File and line."""
    (tmp_path / "errors.jsonl").write_bytes(b"{}\n{\n")
    with pytest.raises(InputError, match="line 2"):
        read_failures([tmp_path])


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_measures_as_a_file(written, registry, tmp_path, ending):
    """The ending says which."""
    if ending == "parquet":
        pytest.importorskip("pyarrow")
    path = tmp_path / f"t.{ending}"
    write_table(measures_of(Reported.read(written(), registry)), path)
    assert path.stat().st_size > 100
    with pytest.raises(InputError, match="ends neither"):
        write_table([], tmp_path / "t.xls")


def test_a_damaged_result_costs_its_page_alone(written, registry, tmp_path):
    """It is listed among the failures of the others' page."""
    path = written(name="good")
    (path.parent / "bad.json").write_bytes(b"{")
    pages = write_reports([path.parent], tmp_path / "html", registry, None, with_pdf=False)
    assert [page.name for page in pages] == ["good.html", COHORT]
    assert "is no result file" in pages[-1].read_text(encoding="utf-8")
