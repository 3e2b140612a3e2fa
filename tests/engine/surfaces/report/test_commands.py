"""`foveola report` and `foveola compare`, and what `run --report` and `plan --svg` do."""

from __future__ import annotations

import orjson
import pytest
from click.testing import CliRunner

from foveola.registry import Registry
from foveola.surfaces.report import command, notebook, pdf
from foveola.surfaces.report.writing import write_report


@pytest.fixture
def invoke(registry, monkeypatch, tmp_path):
    """Run a command with the small registry."""
    monkeypatch.setattr(Registry, "installed", classmethod(lambda _: registry))
    monkeypatch.setenv("FOVEOLA_MEMO", str(tmp_path / "memo"))

    def run(of, *words):
        result = CliRunner().invoke(of, [str(word) for word in words], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result

    return run


def test_report_lies_beside_its_result(invoke, written):
    """Without -o it takes the result's name."""
    path = written()
    said = invoke(command.report, path).stdout
    assert said == f"{path.with_suffix('.html')}\n"
    assert "A length" in path.with_suffix(".html").read_text(encoding="utf-8")


def test_report_writes_measures_too(invoke, written, tmp_path):
    """--table names the file."""
    invoke(command.report, written(), "-o", tmp_path / "r.html", "--table", tmp_path / "t.csv")
    assert "twice,,6.0,mm,0.5" in (tmp_path / "t.csv").read_text(encoding="utf-8")


def test_compare_prints_what_changed(invoke, written, tmp_path):
    """As lines, as data, as a page."""
    one, other = written({"length": 3.0}, folder="a"), written({"length": 4.0}, folder="b")
    page = tmp_path / "c.html"
    said = invoke(command.compare, one, other, "-o", page)
    assert said.stdout.splitlines()[1] == "twice\tmm\t6\t8\t2\t33.3333"
    assert "length is 3 before" in said.stderr
    assert "Greatest changes" in page.read_text(encoding="utf-8")
    assert orjson.loads(invoke(command.compare, one, other, "--json").stdout)[0]["measure"] == ""


def test_report_of_a_run_is_written_where_its_result_is(ran, registry, tmp_path):
    """Named like the exam."""
    path = write_report(ran(), tmp_path / "new" / "exam.html", registry)
    assert "A length" in path.read_text(encoding="utf-8")


def test_graph_is_written_or_printed(ran, tmp_path, capsys):
    """Mermaid on stdout, SVG in a file."""
    command.write_graph(ran().plan, None, mermaid=True)
    assert capsys.readouterr().out.startswith("flowchart TD")
    pytest.importorskip("pygraphviz")
    command.write_graph(ran().plan, tmp_path / "p.svg", mermaid=False)
    assert (tmp_path / "p.svg").read_text(encoding="utf-8").startswith("<svg")


def test_pdf_without_a_browser_says_what_it_needs(written, monkeypatch, tmp_path):
    """The error names browsers."""
    monkeypatch.setattr(pdf, "which", lambda _: None)
    with pytest.raises(Exception, match="needs a browser that prints: chromium"):
        pdf.print_pdf(written(), tmp_path / "x.pdf")


def test_plans_and_results_show_themselves_in_notebooks(ran, registry, monkeypatch):
    """Once taught, by the name that notebooks ask for."""
    monkeypatch.setattr(Registry, "installed", classmethod(lambda _: registry))
    notebook.teach_plans()
    notebook.teach_results()
    result = ran()
    assert "A length" in result._repr_html_()
    assert "twice" in result.plan._repr_html_()
