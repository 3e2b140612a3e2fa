"""`foveola plan --why`: what is remembered, and why the rest would be computed; or why two results differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path

import click

from foveola.planning.planner import make_plan
from foveola.registry import Registry
from foveola.running.files import read_content
from foveola.running.store import Store
from foveola.running.why import Changed, Foreseen, compare, foresee
from foveola.surfaces.options import echo_json
from foveola.surfaces.python import set_up


def echo_why(
    one: str, other: str | None, settings: Mapping[str, str], plugin_files: Iterable[Path] = (), *, as_json: bool
) -> None:
    """Print why the steps of a recipe would be computed on an exam, or differ between two result files.

    Args:
        one: the recipe, or the earlier result.
        other: the exam, or the later result.
        settings: what is set from outside.
        plugin_files: operations that are not installed.
        as_json: data instead of text.

    Raises:
        click.UsageError: there is nothing to compare with, or something is set between two results.
    """
    if other is None:
        raise click.UsageError("--why needs an EXAM, or two result files")
    if Path(one).suffix == ".json":
        if settings:
            raise click.UsageError("between two results there is nothing to set")
        found: Iterable[Changed | Foreseen] = compare(read_content(Path(one)), read_content(Path(other)))
    else:
        found = why(one, other, settings, plugin_files)
    if as_json:
        echo_json([asdict(step) for step in found])
        return
    for step in found:
        click.echo(_as_text(step))


def why(recipe: str, exam: str, settings: Mapping[str, str], plugin_files: Iterable[Path] = ()) -> list[Foreseen]:
    """What would become of each step of a recipe on an exam, and why."""
    registry = Registry.installed().with_files(plugin_files)
    read, loaded = set_up(recipe, exam, settings, registry)
    return foresee(make_plan(read, registry, loaded), loaded, Store())


def _as_text(step: Changed | Foreseen) -> str:
    state = step.state if isinstance(step, Foreseen) else "the same" if step.reason is None else "differs"
    return f"{step.step}: {state}" + (f": {step.reason}" if step.reason else "")
