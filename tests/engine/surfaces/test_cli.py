"""The command as a whole: the names it knows, commands that plugins add, and a process of its own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import warnings

import click
import pytest

from foveola import plugins
from foveola.surfaces.cli import cli


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["operations", "ad"], "no operation is called 'ad': did you mean 'add'?", id="operation"),
        pytest.param(["recipes", "smu"], "no recipe is called 'smu': did you mean 'sum'?", id="recipe"),
        pytest.param(["cehck", "sum"], "No such command 'cehck'", id="command"),
    ],
)
def test_what_is_not_there_is_status_2(ran, words, said):
    """With the nearest that is."""
    result = ran(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


class Adding:
    """A plugin that adds a command."""

    @plugins.hookspecs.hookimpl
    def foveola_commands(self, cli: click.Group) -> None:
        """Add `hello`."""
        cli.add_command(click.Command("hello", callback=lambda: click.echo("hello")))


class Breaking:
    """A plugin that fails to add one."""

    @plugins.hookspecs.hookimpl
    def foveola_commands(self) -> None:
        """Add nothing."""
        raise LookupError("no command")


def test_plugins_add_commands(ran, monkeypatch):
    """Which run like ours."""
    manager = plugins.make_manager([])
    manager.register(Adding())
    monkeypatch.setattr(plugins, "installed", lambda: manager)
    try:
        assert ran("hello").stdout == "hello\n"
    finally:
        cli.commands.pop("hello", None)


@pytest.mark.parametrize("words", [["--help"], ["check", "sum"], ["hello"]], ids=["help", "ours", "none"])
def test_a_broken_plugin_does_not_keep_people_from_our_commands(ran, monkeypatch, words):
    """It is warned of where it was asked."""
    manager = plugins.make_manager([])
    manager.register(Breaking(), "acme")
    monkeypatch.setattr(plugins, "installed", lambda: manager)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = ran(*words)
    assert result.exit_code == (2 if words == ["hello"] else 0)
    said = {str(one.message) for one in caught}
    message = "plugin 'acme' of this process: fails when asked foveola_commands: LookupError: no command"
    assert said == (set() if words == ["check", "sum"] else {message})


def test_help_names_every_command(ran):
    """And says that this is no medical device."""
    text = ran("--help").stdout
    assert "Not a medical device." in text
    ours = (
        "call",
        "check",
        "compare",
        "memo",
        "new",
        "operations",
        "plan",
        "recipes",
        "report",
        "run",
        "schema",
        "serve",
    )
    assert {*ours, "verify"} <= set(re.findall(r"(?m)^  (\w+) ", text.partition("Commands:")[2]))


def process(*words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """The command, as people run it."""
    return subprocess.run([sys.executable, "-m", "foveola", *words], input=stdin, capture_output=True, check=False)


def test_a_process_reads_stdin_and_writes_data_to_stdout():
    """And ends with its status."""
    values = {"point_from": [0, 0], "point_to": [30, 100], "pixel_spacing_column": 0.01, "pixel_spacing_row": 0.004}
    done = process("call", "get_distance_between_two_points", "-", stdin=json.dumps(values).encode())
    assert (done.returncode, done.stdout, done.stderr) == (0, b'{"distance":0.5}\n', b"")


def test_a_process_says_what_is_wrong_on_stderr(folder):
    """In UTF-8, whatever the terminal."""
    path = folder / "units.yaml"
    step = "s: {use: get_distance_between_two_points, with: {pixel_spacing_row: 5 µm2}}"
    path.write_text(f"recipe: x\nsteps:\n  {step}\noutputs: {{o: $s}}", encoding="utf-8")
    done = process("check", str(path))
    assert (done.returncode, done.stdout) == (2, b"")
    assert "no unit is called 'µm2'" in done.stderr.decode()
    assert b"Traceback" not in done.stderr
