"""The report of an exam: what is drawn, what is a table, and that nothing in it comes from elsewhere."""

from __future__ import annotations

import re

import pytest

from foveola import InputError, hookimpl
from foveola.surfaces.report.page import report_page, said_number
from foveola.surfaces.report.results import Reported

from .conftest import RECIPE

OUTSIDE = re.compile(r"""(?:src|href)\s*=\s*["']?(?!#|data:|["'])|url\((?!#|data:)|@import|<script|<link|<iframe""")


def test_page_of_a_run_and_of_its_file_show_the_same_picture(ran, written, registry):
    """What a plugin draws stands in both, with its numbers and its note."""
    pages = [report_page(Reported.of(ran()), registry), report_page(Reported.read(written(), registry), registry)]
    for page in pages:
        assert "<rect width='6.0'/>" in page
        assert ">A length</h2>" in page
        assert "as it is" in page
        assert "6.000" in page


def test_subject_says_what_the_operation_was_given(written, registry, painter):
    """Of a file, constants and context are told, and of the exam its own words."""
    report_page(Reported.read(written(), registry), registry)
    subject = next(one for one in painter.asked if one.part == ("scaled",))
    assert subject.given["factor"] == 2
    assert subject.beside["coverage"] == 0.5
    assert subject.exam == {"length": 3.0}
    assert subject.operations == {"scale", "label"}


def test_subject_of_a_run_has_the_extras_too(ran, registry, painter):
    """Of a run in this process everything is at hand."""
    report_page(Reported.of(ran()), registry)
    subject = next(one for one in painter.asked if one.part == ("scaled",))
    assert dict(subject.given) == {"length": 3.0, "factor": 2.0}
    assert set(subject.beside) == {"scaled", "is_long", "coverage", "warnings"}


def test_what_nobody_draws_is_a_table(ran, registry):
    """Few words stand at a glance, of a `foreach` under their keys."""
    page = report_page(Reported.of(ran()), registry)
    assert re.search(r"labels, a</th><td>a ", page)
    assert re.search(r"whole, is long</th><td>no ", page)


def test_warnings_coverage_failures_and_skipped_come_first(ran, registry):
    """Each stands before the first picture, or with the provenance."""
    page = report_page(Reported.of(ran({"length": 5.0})), registry)
    head = page[: page.index("<section")]
    assert "a long one" in head
    assert "0 of 2 measured regions completely" in head
    assert "runs only where $twice.is_long is true" in page
    failed = report_page(Reported.of(ran({"length": -1.0})), registry)
    assert "is less than nothing" in failed[: failed.index("<section")]


def test_a_coverage_that_is_an_output_is_no_further_region(ran, registry):
    """It says of the other output how much of it was measured."""
    recipe = RECIPE.replace("outputs:", "outputs:\n  share: $twice.coverage")
    page = report_page(Reported.of(ran(recipe=recipe)), registry)
    assert "0 of 2 measured regions completely" in page


def test_nothing_comes_from_elsewhere(ran, registry):
    """No address, no script, no style sheet of another file; and the page itself forbids them."""
    page = report_page(Reported.of(ran()), registry)
    assert not OUTSIDE.search(page)
    assert "default-src 'none'" in page


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "\u202egnp.exe",
        "x" * 4000,
        "\u05e9\u05dc\u05d5\u05dd",
        "a\x00b\x1b",
        "{{ 7 * 7 }}",
    ],
    ids=["markup", "override", "long", "right to left", "no text", "template"],
)
def test_hostile_names_are_shown_as_text(ran, registry, name):
    """Whatever an exam, its values and its keys are called, they are words on the page."""
    page = report_page(Reported.of(ran({"length": 3.0, "names": [name]}, name=name)), registry)
    assert "<script" not in page
    assert "\u202e" not in page
    assert "\x00" not in page
    assert ">49<" not in page
    page.encode()


def test_a_renderer_that_raises_costs_its_picture_alone(ran, registry):
    """Its numbers are shown as a table, and the page says why."""

    class Broken:
        @hookimpl(tryfirst=True)
        def foveola_picture(self, subject):
            if subject.operation == "scale":
                raise RuntimeError("no paint left")

    registry.hooks.register(Broken())
    page = report_page(Reported.of(ran()), registry)
    assert "no picture of twice: RuntimeError: no paint left" in page
    assert re.search(r"twice</th><td>6 mm", page)


def test_a_recipe_that_cannot_be_planned_still_gives_tables(written, registry):
    """What is not installed any more costs pictures and units, no numbers."""
    path = written()
    path.write_bytes(path.read_bytes().replace(b"use: scale", b"use: scalf"))
    page = report_page(Reported.read(path, registry), registry)
    assert "cannot be planned" in page
    assert re.search(r"twice</th><td>6 ", page)


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"outputs": {}}'], ids=["truncated", "a list", "incomplete"])
def test_what_is_no_result_is_refused(tmp_path, registry, content):
    """The error names the file."""
    path = tmp_path / "no.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match="is no result file"):
        Reported.read(path, registry)


def test_page_is_the_same_twice(written, registry):
    """A file gives one page, byte for byte."""
    path = written()
    first, second = (report_page(Reported.read(path, registry), registry) for _ in range(2))
    assert first == second


def test_headings_and_tables_can_be_read_aloud(ran, registry):
    """One first heading, none left out; every table has heads; every drawing a name."""
    page = report_page(Reported.of(ran({"length": 5.0})), registry)
    levels = [int(level) for level in re.findall(r"<h(\d)", page)]
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in zip([0, *levels], levels, strict=False))
    for table in re.findall(r"<table.*?</table>", page, re.DOTALL):
        assert 'scope="' in table
    for svg in re.findall(r"<svg[^>]*>", page):
        assert "aria-label" in svg
    assert '<html lang="en">' in page


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "–"),  # noqa: RUF001  the dash is what is shown
        (True, "yes"),
        (0.0, "0"),
        (1e-7, "1.000e-07"),
        (12, "12"),
        (1.7, "1.7"),
        (12345.6, "12346"),
        ("a", "a"),
    ],
)
def test_numbers_as_a_person_reads_them(value, said):
    """Four digits, no false zeros, no power of ten where digits do."""
    assert said_number(value) == said
