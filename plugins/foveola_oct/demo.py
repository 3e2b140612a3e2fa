"""`foveola demo`: a synthetic exam, the shipped recipes run on it, and their tables on the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from foveola import hookimpl

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

PLACES = ("right", "inferior", "left", "superior")
RINGS = {"0": "centre, 1 mm", "1": "1 to 3 mm", "2": "3 to 6 mm"}


@hookimpl
def foveola_commands(cli: click.Group) -> None:
    """Add `foveola demo`."""
    cli.add_command(demo)


@click.command()
@click.option(
    "-o",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("foveola-demo"),
    show_default=True,
    help="Where exams and results go.",
)
def demo(folder: Path) -> None:
    """Make a synthetic exam, run the macula and optic-nerve recipes on it, print the tables."""
    from rich.console import Console  # noqa: PLC0415  `foveola --help` must not wait for it

    from foveola import run  # noqa: PLC0415  likewise
    from foveola.running.files import write_result  # noqa: PLC0415  likewise
    from foveola_oct.readers.exam_folder import write_exam  # noqa: PLC0415  likewise
    from foveola_oct.retina.phantoms import disc_phantom, macula_phantom  # noqa: PLC0415  likewise

    console = Console()
    with Console(stderr=True).status("making two synthetic scans of a right eye"):
        macula, disc = folder / "macula_exam", folder / "optic_nerve_exam"
        write_exam(macula_phantom(), macula)
        write_exam(disc_phantom(), disc)
    files = [macula, disc]
    for recipe, exam, show in (("macula", macula, _show_macula), ("optic_nerve", disc, _show_optic_nerve)):
        with Console(stderr=True).status(f"running {recipe}"):
            result = run(recipe, exam)
        files.append(write_result(result, folder / "results"))
        console.rule(f"{recipe} on {exam}")
        show(console, result.outputs)
    console.rule("files")
    for path in files:
        console.print(str(path))
    console.print(f"try: foveola run glaucoma {macula}")


def _show_macula(console: Console, outputs: Mapping[str, Any]) -> None:
    console.print(f"exam type {outputs['exam_type']}, fovea at {outputs['fovea']} (column, slice)")
    console.print(_etdrs_table("total retina, µm", outputs["retina"], outputs["etdrs_coverage"]))
    console.print(
        _etdrs_table("nerve fibres, ganglion cells, inner plexiform, µm", outputs["etdrs"], outputs["etdrs_coverage"])
    )
    stage = outputs["glaucoma_stage"]
    halves = outputs["halves"]
    console.print(
        f"glaucoma stage {stage['glaucoma_stage']}{' (borderline)' if stage['borderline'] else ''}: "
        f"superior half {halves['superior']:.1f} µm, inferior half {halves['inferior']:.1f} µm"
    )


def _show_optic_nerve(console: Console, outputs: Mapping[str, Any]) -> None:
    odn = outputs["odn"]
    console.print(
        _table(
            "optic nerve head",
            ("", "area, mm2", "vertical, mm", "horizontal, mm"),
            (
                (part, *(f"{odn[part][key]:.3f}" for key in ("area", "vertical_diameter", "horizontal_diameter")))
                for part in ("disc", "cup")
            ),
        )
    )
    console.print(
        f"rim {odn['rim']['area']:.3f} mm2, narrowest {odn['rim']['min_width']:.3f} mm; "
        f"vertical cup/disc {odn['ratios']['vertical_cdr']:.2f}; "
        f"DDLS stage {odn['ddls']['stage']} ({odn['ddls']['disc_size']} disc)"
    )
    quadrants = outputs["rnfl"]["quadrant"]
    names = ("nasal", "inferior", "temporal", "superior")
    console.print(
        _table("nerve fibre layer round the disc, µm", names, [[f"{quadrants[str(k)] * 1000:.1f}" for k in range(4)]])
    )


def _etdrs_table(title: str, statistics: Mapping[str, Any], coverage: Mapping[str, Any]) -> Table:
    return _table(title, ("ring", *PLACES), _etdrs_rows(statistics, coverage))


def _etdrs_rows(statistics: Mapping[str, Any], coverage: Mapping[str, Any]) -> Iterator[list[str]]:
    for level, sectors in statistics.items():
        yield [RINGS[level], *(_cell(sector, coverage[level][index]) for index, sector in sectors.items())]


def _cell(sector: Mapping[str, float | None], covered: float) -> str:
    """A mean with its deviation; how much of the sector was measured where that is not all."""
    mean, std = sector["mean"], sector["std"]
    shown = "not measured" if mean is None or std is None else f"{mean:.1f} ± {std:.1f}"
    return shown if covered > 0.995 else f"{shown} ({covered:.0%})"  # noqa: PLR2004  what rounds to 100 %


def _table(title: str, columns: tuple[str, ...], rows: Any) -> Table:
    from rich.table import Table  # noqa: PLC0415  see `demo`

    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column)
    for row in rows:
        table.add_row(*row)
    return table
