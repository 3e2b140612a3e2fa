"""The command line. stdout is data; people read stderr.

Exit status: 0 done (skipped is done); 1 what ran failed; 2 nothing ran, since the recipe, the exam, an input or the
command was wrong. Commands import what they need when they run, so that `--help` is quick.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from foveola import plugins
from foveola.surfaces.memory import memo, verify
from foveola.surfaces.report.command import compare, report
from foveola.surfaces.serve.command import serve

if TYPE_CHECKING:
    from foveola.planning.plan import Plan
    from foveola.running.results import Result

FAILED, WRONG = 1, 2


class _Commands(click.Group):
    """Our commands and those of plugins; an error of ours is a sentence on stderr and status 2."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        self._ask_plugins()
        return super().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.commands:
            self._ask_plugins()
        return super().get_command(ctx, cmd_name)

    def _ask_plugins(self) -> None:
        """Let plugins add their commands; one that is broken shall not keep people from ours."""
        plugins.installed().ask_each("foveola_commands", cli=self)

    def invoke(self, ctx: click.Context) -> Any:
        from foveola.errors import FoveolaError  # noqa: PLC0415  see the module's docstring

        try:
            return super().invoke(ctx)
        except FoveolaError as error:
            click.echo(str(error), err=True)
            ctx.exit(WRONG)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="foveola")
def cli() -> None:
    """Analyses of retinal OCT examinations, declared as recipes of typed operations.

    Not a medical device.
    """


for command in (compare, memo, report, serve, verify):
    cli.add_command(command)


def main() -> None:
    """Run the command line."""
    warnings.showwarning = lambda message, *_, **__: click.echo(f"warning: {message}", err=True)
    cli(prog_name="foveola")


_settings = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set STEP.PARAMETER, context.NAME or exam.NAME; repeatable.",
)
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_json = click.option("--json", "as_json", is_flag=True, help="Data instead of text.")


@cli.command()
@click.argument("recipe")
@click.argument("exams", metavar="EXAM...", nargs=-1, required=True)
@click.option("-o", "folder", type=click.Path(path_type=Path, file_okay=False), help="Where result files go.")
@_settings
@click.option("--only", multiple=True, metavar="OUTPUT", help="Compute this output alone; repeatable.")
@click.option("-j", "jobs", type=click.IntRange(1), default=1, help="Processes that run many exams.")
@click.option("--scheduler", metavar="tcp://...", help="A Dask scheduler that runs many exams.")
@click.option("--plugin", "plugin_files", multiple=True, type=_FILE, help="A file of operations; repeatable.")
@click.option("--no-memo", is_flag=True, help="Remember nothing, and use nothing that is remembered.")
@click.option("--overwrite", is_flag=True, help="Compute results of many exams again that are there already.")
@click.option("--report", "with_report", is_flag=True, help="Write a page for each exam too, and one for many.")
@click.pass_context
def run(
    ctx: click.Context,
    recipe: str,
    exams: tuple[str, ...],
    folder: Path | None,
    settings: tuple[str, ...],
    only: tuple[str, ...],
    jobs: int,
    scheduler: str | None,
    plugin_files: tuple[Path, ...],
    *,
    no_memo: bool,
    overwrite: bool,
    with_report: bool,
) -> None:
    """Run RECIPE (a name or a path) on one EXAM (a folder or a device's file); its outputs are printed as JSON.

    On several, on a folder of exams or a pattern: a result file each, errors.jsonl and results.csv in the folder of -o.
    """
    from foveola.registry import Registry  # noqa: PLC0415  see the module's docstring
    from foveola.running.cohort import is_one_exam  # noqa: PLC0415  likewise

    if folder is not None:
        _make(folder)
    if len(exams) == 1 and is_one_exam(exams[0], Registry.installed().readers.values()):
        ended_well = _run_one(
            recipe, exams[0], folder, settings, only, plugin_files, no_memo=no_memo, with_report=with_report
        )
    elif folder is None:
        raise click.UsageError("many exams need a folder for their results: -o DIR")
    else:
        from foveola.running.store import default_folder  # noqa: PLC0415  see the module's docstring
        from foveola.surfaces.batch import run_many  # noqa: PLC0415  likewise

        ended_well = run_many(
            recipe,
            exams,
            folder,
            settings=_read_settings(settings),
            only=only,
            memo=None if no_memo else default_folder(),
            plugin_files=plugin_files,
            jobs=jobs,
            scheduler=scheduler,
            overwrite=overwrite,
        )
        if with_report:
            from foveola.surfaces.report.command import write_folder_reports  # noqa: PLC0415  likewise

            write_folder_reports(folder, uses_memo=not no_memo)
    ctx.exit(0 if ended_well else FAILED)


def _run_one(
    recipe: str,
    exam: str,
    folder: Path | None,
    settings: tuple[str, ...],
    only: tuple[str, ...],
    plugin_files: tuple[Path, ...],
    *,
    no_memo: bool,
    with_report: bool,
) -> bool:
    """Run one exam and print its outputs; whether all went well."""
    from foveola.registry import Registry  # noqa: PLC0415  see the module's docstring
    from foveola.surfaces import python  # noqa: PLC0415  likewise
    from foveola.surfaces.progress import watching  # noqa: PLC0415  likewise

    with watching() as listener:
        result = python.run(
            recipe,
            exam,
            settings=_read_settings(settings),
            only=only or None,
            memo=None if no_memo else "store",
            listener=listener,
            registry=Registry.installed().with_files(plugin_files),
        )
    is_written = _write(result, folder)
    _report(result)
    if with_report:
        from foveola.surfaces.report.command import write_run_report  # noqa: PLC0415  likewise

        write_run_report(result, folder)
    return is_written and not result.failed


def _make(folder: Path) -> None:
    """Make the folder for results before anything runs."""
    from foveola.errors import InputError  # noqa: PLC0415  see the module's docstring

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError("-o", f"{folder} cannot be made: {error.strerror}") from None


def _write(result: Result, folder: Path | None) -> bool:
    """Print the outputs and, where there is a folder for them, write the result file; whether that was possible."""
    from foveola.running.files import write_result  # noqa: PLC0415  see the module's docstring
    from foveola.values import json_bytes  # noqa: PLC0415  likewise

    try:
        click.echo(json_bytes(result.outputs, indent=True))
    except (TypeError, ValueError) as error:
        click.echo(f"the outputs cannot be said in JSON: {error}", err=True)
        return False
    if folder is None:
        return True
    try:
        path = write_result(result, folder)
    except OSError as error:
        click.echo(f"the result cannot be written to {folder}: {error.strerror or error}", err=True)
        return False
    click.echo(f"written to {path}", err=True)
    return True


def _report(result: Result) -> None:
    """Say on stderr what did not run and what to know of what did."""
    for step in result.steps.values():
        if step.state in {"skipped", "failed"}:
            click.echo(f"{step.state}: {step.name}: {step.reason}", err=True)
    for warning in result.warnings:
        click.echo(f"warning: {warning}", err=True)


@cli.command()
@click.argument("recipe")
@click.argument("exam", required=False)
@_settings
@_json
@click.pass_context
def check(ctx: click.Context, recipe: str, exam: str | None, settings: tuple[str, ...], *, as_json: bool) -> None:
    """Check RECIPE, and whether it fits EXAM: everything that can be known without computing."""
    from foveola.errors import RecipeError  # noqa: PLC0415  see the module's docstring
    from foveola.surfaces import python  # noqa: PLC0415  likewise

    try:
        plan = python.plan(recipe, exam, settings=_read_settings(settings))
    except RecipeError as error:
        if as_json:
            _echo_json([error.source.as_json(problem) for problem in error.problems])
        else:
            click.echo(str(error), err=True)
            count = len(error.problems)
            click.echo(f"\n{count} problem{'s' * (count > 1)}", err=True)
        ctx.exit(WRONG)
    if as_json:
        _echo_json([])
    else:
        _say_notes(plan)
        click.echo(f"{plan.recipe.source.name}: {len(plan.steps)} steps, nothing wrong", err=True)


@cli.command(name="plan")
@click.argument("recipe")
@click.argument("exam", required=False)
@_settings
@_json
@click.option("--why", is_flag=True, help="Say what is remembered, and why the rest would be computed.")
@click.option("--svg", type=click.Path(path_type=Path, dir_okay=False), help="Draw it there instead.")
@click.option("--mermaid", is_flag=True, help="Print it as a Mermaid flowchart instead.")
def plan_(
    recipe: str,
    exam: str | None,
    settings: tuple[str, ...],
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
        from foveola.surfaces.whys import echo_why  # noqa: PLC0415  see the module's docstring

        echo_why(recipe, exam, _read_settings(settings), as_json=as_json)
        return
    from foveola.surfaces import python  # noqa: PLC0415  see the module's docstring
    from foveola.surfaces.plans import plan_as_data, plan_as_text  # noqa: PLC0415  likewise

    plan = python.plan(recipe, exam, settings=_read_settings(settings))
    if svg is not None or mermaid:
        from foveola.surfaces.report.command import write_graph  # noqa: PLC0415  likewise

        write_graph(plan, svg, mermaid=mermaid)
    elif as_json:
        _echo_json(plan_as_data(plan))
    else:
        click.echo(plan_as_text(plan))
        _say_notes(plan)


@cli.command()
@click.argument("operation")
@click.argument("file", metavar="INPUT.json", type=click.File("rb"))
@click.pass_context
def call(ctx: click.Context, operation: str, file: Any) -> None:
    """Call one OPERATION: documented JSON in, documented JSON out (`-` is stdin)."""
    import orjson  # noqa: PLC0415  see the module's docstring

    from foveola.errors import FoveolaError, InputError, sentence  # noqa: PLC0415  likewise
    from foveola.registry import Registry  # noqa: PLC0415  likewise

    registry = Registry.installed()
    registry.operation(operation)  # a wrong name is told before the input is read
    said = getattr(file, "name", "<stdin>")
    try:
        values = orjson.loads(file.read())
    except orjson.JSONDecodeError as error:
        raise InputError(said, f"is not JSON: {error}") from None
    if not isinstance(values, dict):
        raise InputError(said, "must hold one JSON object, the operation's parameters by name")
    try:
        _echo_json(registry.call(operation, values, lists=False))
    except (FoveolaError, KeyboardInterrupt):
        raise
    except BaseException as error:  # noqa: BLE001  a plugin may raise anything, even SystemExit
        click.echo(f"{operation} failed: {sentence(error)}", err=True)
        ctx.exit(FAILED)


@cli.command()
@click.argument("name", required=False)
@_json
def operations(name: str | None, *, as_json: bool) -> None:
    """List the operations that are installed; with NAME, describe one in full."""
    from foveola.registry import Registry  # noqa: PLC0415  see the module's docstring

    registry = Registry.installed()
    if name is None:
        from foveola.surfaces.listing import operations_as_data  # noqa: PLC0415  see the module's docstring

        rows = operations_as_data(registry)
        if as_json:
            _echo_json(rows)
            return
        _echo_table((one["name"], one["distribution"]) for one in rows if "error" not in one)
        for one in rows:
            if "error" in one:
                click.echo(f"wrong: {one['entry_point']!r} of {one['distribution']}: {one['error']}", err=True)
        return
    from foveola.surfaces.describe import as_markdown, describe  # noqa: PLC0415  see the module's docstring

    description = describe(registry.operation(name))
    if as_json:
        _echo_json(description)
    else:
        click.echo(as_markdown(description), nl=False)


@cli.command()
@click.argument("name", required=False)
@_json
def recipes(name: str | None, *, as_json: bool) -> None:
    """List the shipped recipes; with NAME, print one."""
    from foveola.errors import UnknownNameError  # noqa: PLC0415  see the module's docstring
    from foveola.recipes.reader import read_recipe  # noqa: PLC0415  likewise
    from foveola.registry import Registry  # noqa: PLC0415  likewise

    shipped = Registry.installed().recipes
    if name is not None:
        if name not in shipped:
            raise UnknownNameError("recipe", name, shipped)
        if as_json:
            recipe = read_recipe(shipped[name])
            inputs = {one.name: one.type_name for one in recipe.inputs.values()}
            _echo_json({"name": name, "about": recipe.about, "inputs": inputs, "outputs": list(recipe.outputs)})
        else:
            click.echo(shipped[name].read_text(encoding="utf-8"), nl=False)
        return
    abouts = {one: read_recipe(path).about for one, path in shipped.items()}
    if as_json:
        _echo_json([{"name": one, "about": about} for one, about in abouts.items()])
    else:
        _echo_table(abouts.items())


@cli.command()
def schema() -> None:
    """Print a JSON Schema of recipes, made from what is installed, for editors."""
    from foveola.registry import Registry  # noqa: PLC0415  see the module's docstring
    from foveola.surfaces.schema import recipe_schema  # noqa: PLC0415  likewise

    _echo_json(recipe_schema(Registry.installed()))


def _read_settings(settings: Iterable[str]) -> dict[str, str]:
    """`NAME=VALUE` words as a mapping."""
    read = {}
    for word in settings:
        name, equals, value = word.partition("=")
        if not equals:
            raise click.BadParameter(f"{word!r} has no '='", param_hint="--set")
        read[name.strip()] = value
    return read


def _say_notes(plan: Plan) -> None:
    for note in plan.notes:
        click.echo(f"note: {note}", err=True)


def _echo_json(value: Any) -> None:
    from foveola.values import json_bytes  # noqa: PLC0415  see the module's docstring

    click.echo(json_bytes(value, indent=sys.stdout.isatty()))


def _echo_table(rows: Iterable[tuple[str, str]]) -> None:
    rows = list(rows)
    width = max((len(name) for name, _ in rows), default=0)
    for name, text in rows:
        click.echo(f"{name:{width}}  {text}")
