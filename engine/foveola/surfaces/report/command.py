"""`foveola report` and `foveola compare`, and what `run --report` and `plan --svg`, `--mermaid` do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from foveola.surfaces.options import echo_json

if TYPE_CHECKING:
    from foveola.planning.plan import Plan
    from foveola.running.results import Result

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.argument("results", metavar="RESULT...", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("-o", "target", type=click.Path(path_type=Path), help="The page; of several results the folder.")
@click.option("--pdf", "with_pdf", is_flag=True, help="Print each page too, with a browser that is installed.")
@click.option("--table", type=click.Path(path_type=Path, dir_okay=False), help="All measures, as .csv or .parquet.")
@click.option("--no-memo", is_flag=True, help="Show only what the files hold, no remembered intermediates.")
def report(
    results: tuple[Path, ...], target: Path | None, table: Path | None, *, with_pdf: bool, no_memo: bool
) -> None:
    """Write a page for each RESULT (a result file, or a folder of them), and for several one about all of them."""
    from foveola.registry import Registry  # noqa: PLC0415  `--help` shall be quick
    from foveola.running.store import Store  # noqa: PLC0415  likewise
    from foveola.surfaces.report.measures import measures_of, write_table  # noqa: PLC0415  likewise
    from foveola.surfaces.report.results import Reported  # noqa: PLC0415  likewise
    from foveola.surfaces.report.writing import result_files, write_reports  # noqa: PLC0415  likewise

    registry = Registry.installed()
    store = None if no_memo else Store()
    for path in write_reports(results, target, registry, store, with_pdf=with_pdf):
        click.echo(path)
    if table is not None:
        files = list(result_files(results))
        write_table([row for file in files for row in measures_of(Reported.read(file, registry))], table)
        click.echo(table)


@click.command()
@click.argument("before", type=_FILE)
@click.argument("after", type=_FILE)
@click.option("-o", "target", type=click.Path(path_type=Path, dir_okay=False), help="A page of it.")
@click.option("--all", "everything", is_flag=True, help="Also what is the same in both.")
@click.option("--json", "as_json", is_flag=True, help="Data instead of text.")
def compare(before: Path, after: Path, target: Path | None, *, everything: bool, as_json: bool) -> None:
    """Say what changed from the result BEFORE to the result AFTER of one eye: each measure, absolute and in percent."""
    from foveola.registry import Registry  # noqa: PLC0415  `--help` shall be quick
    from foveola.running.files import write_atomically  # noqa: PLC0415  likewise
    from foveola.surfaces.report.comparison import (  # noqa: PLC0415  likewise
        as_data,
        as_lines,
        comparison_page,
        doubts_about,
    )
    from foveola.surfaces.report.measures import changes_between  # noqa: PLC0415  likewise
    from foveola.surfaces.report.results import Reported  # noqa: PLC0415  likewise

    registry = Registry.installed()
    one, other = (Reported.read(path, registry) for path in (before, after))
    for doubt in doubts_about(one, other):
        click.echo(f"warning: {doubt}", err=True)
    changes = [change for change in changes_between(one, other) if everything or change.is_change]
    if as_json:
        echo_json(as_data(changes))
    else:
        click.echo("\n".join(as_lines(changes)))
    if target is not None:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, comparison_page(one, other, registry).encode())
        click.echo(f"written to {target}", err=True)


def write_run_report(result: Result, folder: Path | None) -> None:
    """Write the report of a run, `<exam>.html`, and say where."""
    from foveola.errors import FoveolaError, sentence  # noqa: PLC0415  `--help` shall be quick
    from foveola.registry import Registry  # noqa: PLC0415  likewise
    from foveola.running.files import stem_of  # noqa: PLC0415  likewise
    from foveola.surfaces.report.writing import write_report  # noqa: PLC0415  likewise

    path = (folder or Path()) / f"{stem_of(result.exam.name)}.html"
    try:
        click.echo(f"report: {write_report(result, path, Registry.installed())}", err=True)
    except (FoveolaError, OSError) as error:  # what ran has run: its status is not the report's
        click.echo(f"warning: no report: {sentence(error)}", err=True)


def write_folder_reports(folder: Path, *, uses_memo: bool) -> None:
    """Write the reports of a folder of results beside them, and the page about all; say where that is."""
    from foveola.errors import FoveolaError, sentence  # noqa: PLC0415  `--help` shall be quick
    from foveola.registry import Registry  # noqa: PLC0415  likewise
    from foveola.running.store import Store  # noqa: PLC0415  likewise
    from foveola.surfaces.report.writing import write_reports  # noqa: PLC0415  likewise

    try:
        *_, last = write_reports([folder], None, Registry.installed(), Store() if uses_memo else None, with_pdf=False)
    except (FoveolaError, OSError) as error:  # what ran has run: its status is not the report's
        click.echo(f"warning: no report: {sentence(error)}", err=True)
    else:
        click.echo(f"reports: {last}", err=True)


def write_graph(plan: Plan, svg: Path | None, *, mermaid: bool) -> None:
    """Write a plan's picture, or print it as Mermaid."""
    from foveola.running.files import write_atomically  # noqa: PLC0415  `--help` shall be quick
    from foveola.surfaces.report.graph import as_mermaid, as_svg  # noqa: PLC0415  likewise

    if svg is not None:
        write_atomically(svg, as_svg(plan).encode())
        click.echo(f"written to {svg}", err=True)
    if mermaid:
        click.echo(as_mermaid(plan), nl=False)
