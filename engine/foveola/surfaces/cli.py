"""The command line. stdout is data; people read stderr.

Exit status: 0 done (skipped is done); 1 what ran failed; 2 nothing ran, since the recipe, the exam, an input or the
command was wrong. Commands import what they need when they run, so that `--help` is quick.
"""

from __future__ import annotations

import sys
import warnings
from errno import EPIPE
from io import TextIOWrapper
from typing import Any

import click

from foveola import plugins
from foveola.surfaces.catalogue import operations, recipes, schema
from foveola.surfaces.checks import check, plan
from foveola.surfaces.memory import memo, verify
from foveola.surfaces.new.command import new
from foveola.surfaces.options import WRONG
from foveola.surfaces.report.command import compare, report
from foveola.surfaces.runs import call, run
from foveola.surfaces.serve.command import serve


class _Commands(click.Group):
    """Our commands and those of plugins; an error of ours or of the system is a sentence on stderr and status 2."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        self._ask_plugins()
        return super().list_commands(ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Whole sentences, where click would cut them."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, (one.help or "").partition("\n")[0]) for name, one in commands if one])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.commands:
            self._ask_plugins()
        return super().get_command(ctx, cmd_name)

    def _ask_plugins(self) -> None:
        """Let plugins add their commands; one that is broken shall not keep people from ours."""
        plugins.installed().ask_each("foveola_commands", cli=self)

    def invoke(self, ctx: click.Context) -> Any:
        from foveola.errors import FoveolaError, sentence  # noqa: PLC0415  see the module's docstring

        try:
            return super().invoke(ctx)
        except FoveolaError as error:
            click.echo(str(error), err=True)
            ctx.exit(WRONG)
        except OSError as error:
            if error.errno == EPIPE:  # nobody reads on, which click knows how to take
                raise
            click.echo(sentence(error), err=True)
            ctx.exit(WRONG)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="foveola")
def cli() -> None:
    """Analyses of retinal OCT examinations, declared as recipes of typed operations.

    Not a medical device.
    """


for command in (call, check, compare, memo, new, operations, plan, recipes, report, run, schema, serve, verify):
    cli.add_command(command)


def main() -> None:
    """Run the command line. What a terminal has no letter for is escaped, as on stderr."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    warnings.showwarning = lambda message, *_, **__: click.echo(f"warning: {message}", err=True)
    cli(prog_name="foveola")
