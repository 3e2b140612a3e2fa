"""`foveola check` and `foveola plan`: a recipe looked at without computing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from foveola.surfaces.completion import complete_paths, complete_recipes
from foveola.surfaces.options import WRONG, echo_json, json_option, plugin_option, read_settings, settings_option

if TYPE_CHECKING:
    from foveola.planning.plan import Plan


@click.command()
@click.argument("recipe", shell_complete=complete_recipes)
@click.argument("exam", required=False, shell_complete=complete_paths)
@settings_option
@plugin_option
@json_option
@click.pass_context
def check(
    ctx: click.Context,
    recipe: str,
    exam: str | None,
    settings: tuple[str, ...],
    plugin_files: tuple[Path, ...],
    *,
    as_json: bool,
) -> None:
    """Check RECIPE, and whether it fits EXAM: everything that can be known without computing."""
    from foveola.errors import RecipeError  # noqa: PLC0415  see `cli`
    from foveola.registry import Registry  # noqa: PLC0415  likewise
    from foveola.surfaces import python  # noqa: PLC0415  likewise

    try:
        registry = Registry.installed().with_files(plugin_files)
        planned = python.plan(recipe, exam, settings=read_settings(settings), registry=registry)
    except RecipeError as error:
        if as_json:
            echo_json([error.source.as_json(problem) for problem in error.problems])
        else:
            click.echo(str(error), err=True)
            count = len(error.problems)
            click.echo(f"\n{count} problem{'s' * (count > 1)}", err=True)
        ctx.exit(WRONG)
    if as_json:
        echo_json([])
    else:
        _say_notes(planned)
        click.echo(f"{planned.recipe.source.name}: {len(planned.steps)} steps, nothing wrong", err=True)


@click.command(name="plan")
@click.argument("recipe", shell_complete=complete_recipes)
@click.argument("exam", required=False, shell_complete=complete_paths)
@settings_option
@plugin_option
@json_option
@click.option("--why", is_flag=True, help="Say what is remembered, and why the rest would be computed.")
@click.option("--svg", type=click.Path(path_type=Path, dir_okay=False), help="Draw it there instead.")
@click.option("--mermaid", is_flag=True, help="Print it as a Mermaid flowchart instead.")
def plan(
    recipe: str,
    exam: str | None,
    settings: tuple[str, ...],
    plugin_files: tuple[Path, ...],
    svg: Path | None,
    *,
    as_json: bool,
    why: bool,
    mermaid: bool,
) -> None:
    """Show what RECIPE would compute, in order, and where each parameter comes from.

    With --why and two result files in the place of RECIPE and EXAM: what made their steps differ.
    """
    if why:
        from foveola.surfaces.whys import echo_why  # noqa: PLC0415  see `cli`

        echo_why(recipe, exam, read_settings(settings), plugin_files, as_json=as_json)
        return
    from foveola.registry import Registry  # noqa: PLC0415  see `cli`
    from foveola.surfaces import python  # noqa: PLC0415  likewise

    registry = Registry.installed().with_files(plugin_files)
    planned = python.plan(recipe, exam, settings=read_settings(settings), registry=registry)
    if svg is not None or mermaid:
        from foveola.surfaces.report.command import write_graph  # noqa: PLC0415  likewise

        write_graph(planned, svg, mermaid=mermaid)
    elif as_json:
        echo_json(planned.as_json())
    else:
        click.echo(str(planned))
        _say_notes(planned)


def _say_notes(plan: Plan) -> None:
    for note in plan.notes:
        click.echo(f"note: {note}", err=True)
