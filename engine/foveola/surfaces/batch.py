"""Many exams from the command line: files, table, errors, progress; picks up where it was stopped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from foveola.planning.planner import make_plan
from foveola.recipes.settings import apply_settings
from foveola.registry import Registry
from foveola.running.cohort import (
    ExamFailure,
    Outcome,
    Runner,
    Task,
    done_before,
    find_exams,
    run_here,
    run_in_pool,
    run_on_dask,
)
from foveola.running.files import write_atomically
from foveola.running.table import Row, as_csv, as_parquet
from foveola.surfaces.python import load_recipe
from foveola.values import json_bytes

ERRORS, TABLE, PARQUET = "errors.jsonl", "results.csv", "results.parquet"


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
        FoveolaError: nothing ran: the recipe, a path or a setting is wrong.
    """
    registry = Registry.installed().with_files(plugin_files)
    written = load_recipe(recipe, registry)
    plan = make_plan(apply_settings(written, settings, registry.exam_type.declared())[0], registry, None, only or None)
    source = (written.source.text, written.source.name, str(written.folder.absolute()))
    tasks = [
        Task(exam, source, tuple(sorted(settings.items())), only, folder, memo, plugin_files)
        for exam in find_exams(exams, registry.readers.values())
    ]
    known = {} if overwrite else {task: done for task in tasks if (done := done_before(task, plan)) is not None}
    rest = [task for task in tasks if task not in known]
    folder.mkdir(parents=True, exist_ok=True)
    outcomes = [*known.values(), *_watched(_runner(jobs, scheduler)(rest), len(rest), folder)]
    outcomes.sort(key=lambda outcome: outcome.name)
    _write_summaries(outcomes, folder)
    return _tell(outcomes, folder)


def _runner(jobs: int, scheduler: str | None) -> Runner:
    if scheduler is not None:
        return run_on_dask(scheduler)
    return run_in_pool(jobs) if jobs > 1 else run_here


def _watched(outcomes: Iterator[Outcome], count: int, folder: Path) -> Iterator[Outcome]:
    """Pass outcomes on as they come; errors are in the file at once, should this process be stopped."""
    columns = (TextColumn("exams"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"))
    console = Console(stderr=True)
    progress = Progress(
        *columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console, disable=not console.is_terminal
    )
    with progress, (folder / ERRORS).open("wb") as errors:
        bar = progress.add_task("exams", total=count, rate="")
        for outcome in outcomes:
            for failure in outcome.failures:
                errors.write(json_bytes(asdict(failure)) + b"\n")
                errors.flush()
            speed = progress.tasks[0].speed
            progress.update(bar, advance=1, rate=f"{speed:.1f}/s" if speed else "")
            yield outcome


def _write_summaries(outcomes: Iterable[Outcome], folder: Path) -> None:
    """Write the table and the errors in the order of the exams, whoever ended first."""
    failures: list[ExamFailure] = []
    rows: list[Row] = []
    for outcome in outcomes:
        failures += outcome.failures
        rows += outcome.rows
    write_atomically(folder / ERRORS, b"".join(json_bytes(asdict(failure)) + b"\n" for failure in failures))
    write_atomically(folder / TABLE, as_csv(rows))
    table = as_parquet(rows)
    if table is not None:
        write_atomically(folder / PARQUET, table)


def _tell(outcomes: list[Outcome], folder: Path) -> bool:
    """Say on stderr what became of them; whether all went well."""
    bad = [outcome for outcome in outcomes if outcome.failures]
    resumed = sum(outcome.resumed for outcome in outcomes)
    were_there = f", {resumed} of them before" if resumed else ""
    click.echo(f"{len(outcomes) - len(bad)} of {len(outcomes)} exams done{were_there}; results in {folder}", err=True)
    for outcome in bad:
        first = outcome.failures[0]
        click.echo(f"failed: {outcome.name}: {first.message}", err=True)
    if bad:
        click.echo(f"all {sum(len(one.failures) for one in bad)} errors in {folder / ERRORS}", err=True)
    return not bad
