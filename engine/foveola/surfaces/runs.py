"""`foveola run` and `foveola call`: what computes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from foveola.surfaces.completion import complete_operations, complete_outputs, complete_paths, complete_recipes
from foveola.surfaces.options import FAILED, echo_json, plugin_option, read_settings, settings_option

if TYPE_CHECKING:
    from foveola.running.results import Result


@click.command()
@click.argument("recipe", shell_complete=complete_recipes)
@click.argument("exams", metavar="EXAM...", nargs=-1, required=True, shell_complete=complete_paths)
@click.option("-o", "folder", type=click.Path(path_type=Path, file_okay=False), help="Where result files go.")
@settings_option
@click.option(
    "--only",
    multiple=True,
    metavar="OUTPUT",
    shell_complete=complete_outputs,
    help="Compute this output alone; repeatable.",
)
@click.option("-j", "jobs", type=click.IntRange(1), default=1, help="Processes that run many exams.")
@click.option("--scheduler", metavar="tcp://...", help="A Dask scheduler that runs many exams.")
@plugin_option
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
    from foveola.registry import Registry  # noqa: PLC0415  see `cli`
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
        from foveola.running.store import default_folder  # noqa: PLC0415  see `cli`
        from foveola.surfaces.batch import run_many  # noqa: PLC0415  likewise

        ended_well = run_many(
            recipe,
            exams,
            folder,
            settings=read_settings(settings),
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
    from foveola.registry import Registry  # noqa: PLC0415  see `cli`
    from foveola.surfaces import python  # noqa: PLC0415  likewise
    from foveola.surfaces.progress import watching  # noqa: PLC0415  likewise

    with watching() as listener:
        result = python.run(
            recipe,
            exam,
            settings=read_settings(settings),
            only=only or None,
            memo=None if no_memo else "store",
            listener=listener,
            registry=Registry.installed().with_files(plugin_files),
        )
    is_written = _write(result, folder)
    _tell(result)
    if with_report:
        from foveola.surfaces.report.command import write_run_report  # noqa: PLC0415  likewise

        write_run_report(result, folder)
    return is_written and not result.failed


def _make(folder: Path) -> None:
    """Make the folder for results before anything runs."""
    from foveola.errors import InputError  # noqa: PLC0415  see `cli`

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError("-o", f"{folder} cannot be made: {error.strerror}") from None


def _write(result: Result, folder: Path | None) -> bool:
    """Print the outputs and, where there is a folder for them, write the result file; whether that was possible."""
    from foveola.errors import FoveolaError  # noqa: PLC0415  see `cli`
    from foveola.running.files import write_result  # noqa: PLC0415  likewise
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
    except (FoveolaError, OSError) as error:  # ours: a value of the exam that nothing needed is damaged
        reason = getattr(error, "strerror", None) or error
        click.echo(f"the result cannot be written to {folder}: {reason}", err=True)
        return False
    click.echo(f"written to {path}", err=True)
    return True


def _tell(result: Result) -> None:
    """Say on stderr what did not run and what to know of what did."""
    for step in result.steps.values():
        if step.state in {"skipped", "failed"}:
            click.echo(f"{step.state}: {step.name}: {step.reason}", err=True)
    for warning in result.warnings:
        click.echo(f"warning: {warning}", err=True)


@click.command()
@click.argument("operation", shell_complete=complete_operations)
@click.argument("file", metavar="INPUT.json", type=click.File("rb"))
@click.pass_context
def call(ctx: click.Context, operation: str, file: Any) -> None:
    """Call one OPERATION: documented JSON in, documented JSON out (`-` is stdin)."""
    import orjson  # noqa: PLC0415  see `cli`

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
        echo_json(registry.call(operation, values, lists=False))
    except (FoveolaError, KeyboardInterrupt):
        raise
    except BaseException as error:  # noqa: BLE001  a plugin may raise anything, even SystemExit
        click.echo(f"{operation} failed: {sentence(error)}", err=True)
        ctx.exit(FAILED)
