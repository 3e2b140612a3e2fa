"""Many exams on one page."""

from __future__ import annotations

import re

import pytest

from foveola import ExamError, InputError
from foveola.running.table import Row
from foveola.surfaces.report.cohort import read_failures, spreads_of
from foveola.surfaces.report.measures import measures_of, write_table
from foveola.surfaces.report.results import Reported
from foveola.surfaces.report.writing import COHORT, write_reports


def rows(values, laterality="R"):
    """A measure of as many exams."""
    return [Row(f"e{k}", laterality, "t", "m", value, "mm", None) for k, value in enumerate(values)]


def test_an_outlier_lies_far_from_the_median():
    """Nine alike and one far off."""
    (spread,), left_out = spreads_of(rows([10, 11, 9, 10, 12, 8, 10, 11, 9, 40]), {"e9": "e9.html"})
    assert [(one.exam, one.link, one.value) for one in spread.outliers] == [("e9", "e9.html", 40.0)]
    assert (spread.count, spread.middle, left_out) == (10, 10.0, 0)


def test_few_exams_have_no_outliers():
    """Of four nobody can tell."""
    (spread,), _ = spreads_of(rows([10, 10.1, 9.9, 40]), {})
    assert spread.outliers == []


def test_eyes_are_not_outliers_of_the_other_side():
    """Sectors are fixed in the image: what is nasal in one eye is temporal in the other."""
    both = rows([10, 11, 9, 10, 12]) + rows([30, 31, 29, 30, 32], "L")
    (spread,), _ = spreads_of(both, {})
    assert spread.outliers == []


def test_null_is_counted_apart():
    """Not measured is no number."""
    (spread,), _ = spreads_of(rows([1, None, 3]), {})
    assert (spread.count, spread.missing, spread.mean) == (2, 1, 2.0)


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


def test_one_page_for_several_results_is_refused(written, registry, tmp_path):
    """Several want a folder."""
    paths = [written(name="a"), written(name="b")]
    with pytest.raises(InputError, match="takes a folder"):
        write_reports(paths, tmp_path / "x.html", registry, None, with_pdf=False)


def test_a_damaged_line_of_failures_is_named(tmp_path):
    """File and line."""
    (tmp_path / "errors.jsonl").write_bytes(b"{}\n{\n")
    with pytest.raises(ExamError, match="line 2"):
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
