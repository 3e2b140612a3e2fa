"""The page of the command line, made from the commands themselves."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click
from docstrings import cell

from foveola.surfaces.cli import cli


def command_line_page() -> str:
    """Every command with its arguments and options."""
    parts = [f"# Command line\n\n{_help(cli)}"]
    parts += [_command(" ".join(("foveola", *words)), command) for words, command in _commands(cli, ())]
    parts.append(
        "## Exit status\n\n| status | |\n| --- | --- |\n| 0 | done; a step that was skipped is done |\n"
        "| 1 | what ran failed, differed or was damaged, or one exam of many was bad |\n"
        "| 2 | nothing ran: the recipe, the one exam, an input or the command was wrong |"
    )
    return "\n\n".join(parts) + "\n"


def _commands(group: click.Group, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or not _is_ours(command):
            continue
        yield (*words, name), command
        if isinstance(command, click.Group):
            yield from _commands(command, (*words, name))


def _is_ours(command: click.Command) -> bool:
    return (command.callback.__module__ if command.callback else "").startswith("foveola")


def _help(command: click.Command) -> str:
    return inspect.cleandoc(command.help or "")


def _command(name: str, command: click.Command) -> str:
    arguments = [one for one in command.params if isinstance(one, click.Argument)]
    options = [one for one in command.params if isinstance(one, click.Option)]
    rest = ["COMMAND ..."] if isinstance(command, click.Group) else [_placeholder(one) for one in arguments]
    usage = " ".join([name, *["[OPTIONS]"] * bool(options), *rest])
    parts = [f"## {name}", f"```text\n{usage}\n```", _help(command)]
    if options:
        rows = "\n".join(f"| {_spelling(one)} | {cell(_option_help(one))} |" for one in options)
        parts.append(f"| option | |\n| --- | --- |\n{rows}")
    return "\n\n".join(parts)


def _placeholder(argument: click.Argument) -> str:
    word = argument.metavar or (argument.name or "").upper()
    many = "..." if argument.nargs == -1 and not word.endswith("...") else ""
    return f"{word}{many}" if argument.required else f"[{word}{many}]"


def _spelling(option: click.Option) -> str:
    word = "" if option.is_flag else " " + (option.metavar or option.type.name.upper().replace(" RANGE", ""))
    return ", ".join(f"`{one}{word}`" for one in option.opts)


def _option_help(option: click.Option) -> str:
    default = f" Default: `{option.default}`." if option.show_default and option.default is not None else ""
    return (option.help or "") + default
