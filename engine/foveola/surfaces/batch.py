"""Many exams from the command line: files, table, errors, progress; picks up where it was stopped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, nullcontext, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from foveola.errors import InputError
from foveola.planning.plan import Plan
from foveola.planning.planner import make_plan
from foveola.recipes.settings import apply_settings
from foveola.registry import Registry
from foveola.running.cluster import ClusterError, cluster
from foveola.running.cohort import ERRORS, Source, find_exams
from foveola.running.files import read_content, replacing, write_atomically
from foveola.running.pool import pool
from foveola.running.resuming import Earlier
from foveola.running.table import Measures, ParquetTable, Row, can_write_parquet, csv_lines
from foveola.running.tasks import ExamFailure, Outcome, RecipeText, Runner, Task, run_here
from foveola.surfaces.python import load_recipe
from foveola.values import json_bytes

TABLE, PARQUET = "results.csv", "results.parquet"
RESULT_LOST = "RESULT_LOST"
TOLD = 20
"""So many failures are told on stderr; all are in the file."""


def run_many(
    recipe: str,
    exams: Iterable[str],
    folder: Path,
    *,
    settings: Mapping[str, str],
    only: tuple[str, ...],
    memo: Path | None,
    plugin_files: tuple[Path, ...],
    jobs: int,
    scheduler: str | None,
    overwrite: bool,
) -> bool:
    """Run a recipe on many exams: `<exam>.json` each, `errors.jsonl`, `results.csv`.

    Args:
        recipe: a shipped recipe's name, or a path.
        exams: paths, folders and patterns.
        folder: where results go.
        settings: values set from outside.
        only: the outputs that are wanted; empty: all.
        memo: the folder of the memo; None remembers nothing.
        plugin_files: operations that are not installed.
        jobs: how many processes of this machine run exams.
        scheduler: a Dask scheduler that runs them instead.
        overwrite: whether results that are there already are computed again.

    Returns:
        Whether all went well.

    Raises:
        FoveolaError: nothing ran: the recipe, a path, a setting or the scheduler's address is wrong.
    """
    registry = Registry.installed().with_files(plugin_files)
    sources = find_exams(exams, registry.readers.values(), folder)
    with _runner(min(jobs, len(sources)), scheduler) as run:
        written = load_recipe(recipe, registry)
        set_up = apply_settings(written, settings, registry.exam_type.declared())[0]
        plan = make_plan(set_up, registry, None, only or None)
        first = Task(
            source=Source("", Path()),
            recipe=RecipeText.of(written),
            settings=tuple(sorted(settings.items())),
            only=only,
            folder=folder.absolute(),
            memo=None if memo is None else memo.absolute(),
            plugins=tuple(path.absolute() for path in plugin_files),
        )
        tasks = [replace(first, source=replace(source, path=source.path.absolute())) for source in sources]
        return _run_all(run, tasks, plan, Earlier(plan, registry, first.memo), overwrite=overwrite)


def _run_all(run: Runner, tasks: list[Task], plan: Plan, earlier: Earlier, *, overwrite: bool) -> bool:
    """Run what is not done; whether all went well.

    Raises:
        InputError: the folder cannot be written.
    """
    folder = tasks[0].folder
    outcomes = [] if overwrite else [Outcome(task, resumed=True) for task in tasks if earlier.has(task)]
    rest = _others(tasks, outcomes)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        errors = (folder / ERRORS).open("wb", buffering=0)
    except OSError as error:
        raise InputError("-o", f"{folder} cannot be written: {error.strerror}") from None
    try:
        with errors, closing(run(rest)) as ended:
            for outcome in _watched(ended, len(rest), errors):
                outcomes.append(outcome)  # noqa: PERF402  what was done before an interrupt counts
    except (KeyboardInterrupt, ClusterError) as error:
        click.echo(str(error) or "interrupted", err=True)
        outcomes += [Outcome(task) for task in _others(rest, outcomes) if earlier.has(task)]  # done, but nobody said so
    try:
        outcomes = _write_summaries(outcomes, folder, plan)
    except OSError as error:
        click.echo(f"the table cannot be written to {folder}: {error.strerror or error}", err=True)
        return False
    return _tell(outcomes, len(tasks), folder)


def _others(tasks: Iterable[Task], outcomes: Iterable[Outcome]) -> list[Task]:
    known = {outcome.task for outcome in outcomes}
    return [task for task in tasks if task not in known]


def _runner(jobs: int, scheduler: str | None) -> AbstractContextManager[Runner]:
    if scheduler is not None:
        return cluster(scheduler, lambda sentence: click.echo(sentence, err=True))
    return pool(jobs) if jobs > 1 else nullcontext(run_here)


def _watched(outcomes: Iterator[Outcome], count: int, errors: IO[bytes]) -> Iterator[Outcome]:
    """Pass outcomes on as they come; errors are in their file at once, should this process be stopped."""
    columns = (TextColumn("exams"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"))
    console = Console(stderr=True)
    progress = Progress(
        *columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console, disable=not console.is_terminal
    )
    heard: set[str] = set()
    with progress:
        bar = progress.add_task("exams", total=count, rate="")
        for outcome in outcomes:
            with suppress(OSError):  # a full disk; they are written once more in the end
                errors.write(_as_lines(outcome.failures))
            for warning in outcome.warnings:
                if warning not in heard:
                    progress.console.print(f"warning: {warning}", markup=False, highlight=False, soft_wrap=True)
            heard.update(outcome.warnings)
            speed = progress.tasks[0].speed
            progress.update(bar, advance=1, rate=f"{speed:.1f}/s" if speed else "")
            yield outcome


def _as_lines(failures: Iterable[ExamFailure]) -> bytes:
    return b"".join(json_bytes(asdict(failure)) + b"\n" for failure in failures)


def _write_summaries(outcomes: Iterable[Outcome], folder: Path, plan: Plan) -> list[Outcome]:
    """Write table and errors in the order of the exams, whoever ended first; the outcomes in that order."""
    told: list[Outcome] = []
    measures, parquet = Measures(plan), folder / PARQUET
    has_parquet = can_write_parquet()
    with ExitStack() as stack:
        files = stack.enter_context(replacing(folder / TABLE, *([parquet] if has_parquet else [])))
        table = stack.enter_context(ParquetTable(files[parquet])) if has_parquet else None
        files[folder / TABLE].write(csv_lines([Row._fields]))
        for outcome in sorted(outcomes, key=lambda one: one.name):
            rows = [] if outcome.failures else _rows_of(outcome, measures)
            if rows is None:
                message = "its result is not to be read here; workers and this machine need one folder for results"
                told.append(Outcome.failed(outcome.task, RESULT_LOST, message))
                continue
            told.append(outcome)
            files[folder / TABLE].write(csv_lines(rows))
            if table is not None:
                table.add(rows)
    if not has_parquet:
        parquet.unlink(missing_ok=True)  # that of an earlier run
    write_atomically(folder / ERRORS, b"".join(_as_lines(outcome.failures) for outcome in told))
    return told


def _rows_of(outcome: Outcome, measures: Measures) -> list[Row] | None:
    """The measures in a result file; None if it is not there."""
    try:
        return list(measures.rows_of(read_content(outcome.task.result)))
    except (InputError, LookupError, TypeError, ValueError):
        return None


def _tell(outcomes: list[Outcome], count: int, folder: Path) -> bool:
    """Say on stderr what became of them; whether all went well."""
    bad = [outcome for outcome in outcomes if outcome.failures]
    resumed = sum(outcome.resumed for outcome in outcomes)
    were_there = f", {resumed} of them before" if resumed else ""
    click.echo(f"{len(outcomes) - len(bad)} of {count} exams done{were_there}; results in {folder}", err=True)
    for outcome in bad[:TOLD]:
        click.echo(f"failed: {outcome.name}: {_in_a_line(outcome.failures[0].message)}", err=True)
    if bad:
        more = f"{len(bad) - TOLD} exams more failed; " if len(bad) > TOLD else ""
        click.echo(f"{more}all {sum(len(one.failures) for one in bad)} errors in {folder / ERRORS}", err=True)
    if len(outcomes) < count:
        click.echo(f"{count - len(outcomes)} were not run; the same command goes on from here", err=True)
    return not bad and len(outcomes) == count


def _in_a_line(message: str) -> str:
    r"""The first problem of several, without its excerpt of the recipe, which is the same for every exam.

    >>> _in_a_line("a.yaml:1:5: no\n   1 | use: no\n           ^\nhint: yes\n\na.yaml:2:1: nor this")
    'a.yaml:1:5: no (hint: yes)'
    """
    first, *rest = message.partition("\n\n")[0].splitlines()
    hints = [line for line in rest if line.startswith("hint: ")]
    return f"{first} ({hints[0]})" if hints else first
