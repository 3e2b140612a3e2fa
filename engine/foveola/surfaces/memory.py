"""`foveola memo` and `foveola verify`: what is remembered, and whether a result comes out again."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from foveola.surfaces.options import FAILED, echo_json, json_option, plugin_option


@click.group()
def memo() -> None:
    """What is remembered of earlier runs, in the folder that FOVEOLA_MEMO names or the platform's cache folder."""


@memo.command()
@json_option
def info(*, as_json: bool) -> None:
    """Say what the memo holds."""
    from foveola.running.store import Store  # noqa: PLC0415  `foveola --help` must not wait for it

    held = Store().info()
    if as_json:
        echo_json(asdict(held))
        return
    click.echo(held.folder)
    click.echo(f"{held.actions} answers, {held.results} of them different, {held.arrays} arrays")
    click.echo(f"{held.bytes / 2**20:.1f} of {held.limit / 2**20:.0f} MiB")


@memo.command()
@click.option("--bytes", "limit", type=click.IntRange(0), help="The bound; FOVEOLA_MEMO_BYTES if not given.")
def prune(limit: int | None) -> None:
    """Bring the memo within its bound, the least recently used first, and sweep strays."""
    from foveola.running.store import Store  # noqa: PLC0415  `foveola --help` must not wait for it

    click.echo(f"{Store().prune(limit)} bytes freed")


@memo.command()
def clear() -> None:
    """Forget everything."""
    from foveola.running.store import Store  # noqa: PLC0415  `foveola --help` must not wait for it

    click.echo(f"{Store().clear()} bytes freed")


@memo.command(name="verify")
@json_option
@click.pass_context
def verify_memo(ctx: click.Context, *, as_json: bool) -> None:
    """Check the digest of everything; what is damaged is thrown away, and computed again when it is needed."""
    from foveola.running.store import Store  # noqa: PLC0415  `foveola --help` must not wait for it

    damaged = Store().verify()
    if as_json:
        echo_json(damaged)
    else:
        for line in damaged:
            click.echo(f"damaged: {line}", err=True)
        click.echo(f"{len(damaged)} damaged")
    ctx.exit(FAILED if damaged else 0)


@click.command()
@click.argument("result", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@plugin_option
@click.pass_context
def verify(ctx: click.Context, result: Path, plugin_files: tuple[Path, ...]) -> None:
    """Compute a RESULT file again, remembering nothing, and compare it byte for byte (but for `run`)."""
    from foveola.running.files import DamagedError  # noqa: PLC0415  see `info`
    from foveola.surfaces.verification import differences  # noqa: PLC0415  likewise

    try:
        found = differences(result, plugin_files)
    except DamagedError as error:
        click.echo(str(error), err=True)
        ctx.exit(FAILED)
    for place in found:
        click.echo(f"differs: {place}", err=True)
    click.echo(f"{result}: {'the same' if not found else f'{len(found)} differences'}", err=True)
    ctx.exit(FAILED if found else 0)
