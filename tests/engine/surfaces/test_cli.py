"""The command line: stdout is data, people read stderr, and the exit status tells what happened."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import click
import pytest
from click.testing import CliRunner, Result

from foveola import Exam, InputError, Millimetres, Output, Reader, operation, plugins
from foveola.registry import OPERATIONS, READERS, RECIPES, TYPES, Registry
from foveola.surfaces.cli import cli


class Number(Output):
    """A number."""

    value: float
    half: float | None = None


class Thing(Output):
    """Something that JSON cannot say."""

    thing: Any


@operation("add")
def add(value: float, more: float = 1.0) -> Number:
    """Add one number to another.

    Args:
        value: a number.
        more: another.

    >>> add(1).value
    2.0
    """
    return Number(value=value + more, half=value / 2 if value > 0 else None, warnings=("odd",) if value % 2 else ())


@operation("fail")
def fail(value: float, kind: Literal["error", "exit", "base"] = "error") -> Number:
    """Fail in one way or another."""
    kinds = {"error": ZeroDivisionError, "exit": SystemExit, "base": BaseException}
    raise kinds[kind](f"by {value:g}")


@operation("make_thing")
def make_thing() -> Thing:
    """Make something that JSON cannot say."""
    return Thing(thing=object)


class Scan(Exam):
    """An exam."""

    pitch: Millimetres
    laterality: Literal["L", "R"]


@dataclass(frozen=True)
class Point:
    """An entry point that has its thing at hand."""

    group: str
    name: str
    thing: Any
    dist: Any = None
    value: str = "tests"

    def load(self) -> Any:
        """The thing."""
        return self.thing


RECIPE = """\
recipe: sum
about: Adds what there is
inputs:
  start: float
steps:
  a: {use: add, with: {value: $start}}
  b: {use: add, with: {value: $a.half}}
  c: {use: add, with: {value: $exam.pitch, more: 500}}
outputs: {a: $a.value, b: $b.value, c: $c}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with recipes and exams, in which the command runs and nothing else is installed."""

    def read(path: Path) -> Mapping[str, Any]:
        return json.loads(path.read_text(encoding="utf-8"))

    shipped = tmp_path / "shipped"
    shipped.mkdir()
    (shipped / "sum.yaml").write_text(RECIPE, encoding="utf-8")
    points = [
        *(Point(OPERATIONS, one.name, one) for one in (add, fail, make_thing)),
        Point(RECIPES, "tests", shipped),
        Point(READERS, "json", Reader("json", lambda path: path.suffix == ".json", read)),
        Point(TYPES, "Exam", Scan),
    ]
    registry = Registry(points)
    monkeypatch.setattr(Registry, "installed", lambda: registry)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "eye.json").write_text('{"start": 2, "pitch": 0.25}', encoding="utf-8")
    (tmp_path / "sum.yaml").write_text(RECIPE, encoding="utf-8")
    return tmp_path


def ran(*words: str, stdin: str | bytes | None = None) -> Result:
    """The command, run in this process; a traceback is an error of the test."""
    return CliRunner().invoke(cli, words, input=stdin, catch_exceptions=False)


def recipe_of(folder: Path, steps: str, outputs: str = "{o: $s}") -> str:
    """A recipe file of some steps."""
    text = f"recipe: x\nsteps:\n  {steps}\noutputs: {outputs}\n"
    (folder / "x.yaml").write_text(text, encoding="utf-8")
    return "x.yaml"


# run


def test_run_prints_the_outputs_as_one_json_object():
    """And nothing else on stdout; nothing on stderr if all went well."""
    result = ran("run", "sum.yaml", "eye.json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {"a": 3.0, "b": 2.0, "c": {"value": 500.25, "half": 0.125}}
    assert result.stderr.splitlines() == ["warning: b: odd", "warning: c: odd"]


@pytest.mark.parametrize("recipe", ["sum", "sum.yaml", "./sum.yaml", "shipped/sum.yaml"])
def test_run_takes_a_name_or_a_path(recipe):
    """Of a recipe."""
    assert ran("run", recipe, "eye.json", "--only", "a").exit_code == 0


def test_what_is_skipped_is_null_and_done():
    """People are told why."""
    result = ran("run", "sum", "eye.json", "--set", "exam.start=-1")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["b"] is None
    assert result.stderr.splitlines()[0] == "skipped: b: value is null ($a.half)"


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        pytest.param("error", "ZeroDivisionError: by 1", id="an error"),
        pytest.param("exit", "SystemExit: by 1", id="an exit"),
        pytest.param("base", "BaseException: by 1", id="anything"),
    ],
)
def test_a_step_that_fails_is_named_and_the_status_is_1(folder, kind, reason):
    """The other outputs are printed all the same."""
    steps = f"s: {{use: fail, with: {{value: 1, kind: {kind}}}}}\n  t: {{use: add, with: {{value: 2}}}}"
    result = ran("run", recipe_of(folder, steps, "{s: $s, t: $t.value}"), "eye.json")
    assert result.exit_code == 1
    assert json.loads(result.stdout) == {"s": None, "t": 3.0}
    assert result.stderr == f"failed: s: {reason} (plugin 'fail = tests' of an unnamed distribution)\n"


def test_an_answer_that_json_cannot_say_is_no_crash(folder):
    """It is a failure with a sentence."""
    result = ran("run", recipe_of(folder, "s: {use: make_thing}"), "eye.json")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["smu", "eye.json"], "no recipe is called 'smu': did you mean 'sum'?", id="no recipe"),
        pytest.param(["smu.yaml", "eye.json"], "smu.yaml: there is no such recipe file", id="no recipe file"),
        pytest.param(["eye.json", "eye.json"], "eye.json:1:1: a recipe needs the key 'recipe'", id="no recipe in it"),
        pytest.param(["sum", "ear.json"], "ear.json: there is no such file or folder", id="no exam"),
        pytest.param(
            ["sum", "sum.yaml"], "sum.yaml: no reader knows this kind of file (readers: json)", id="no reader"
        ),
        pytest.param(["sum", "eye.json", "--only", "d"], "no output is called 'd'", id="no output"),
        pytest.param(["sum", "eye.json", "--set", "a.moer=1"], "add has no parameter 'moer'", id="no parameter"),
        pytest.param(["sum", "eye.json", "--set", "d.more=1"], "no step is called 'd'", id="no step"),
        pytest.param(["sum", "eye.json", "--set", "a.more"], "'a.more' has no '='", id="no value"),
        pytest.param(
            ["sum", "eye.json", "--set", "a.more=["], "--set a.more:1:2: a value is missing", id="half a value"
        ),
        pytest.param(["sum", "eye.json", "--set", "exam.start=wide"], "the exam is wrong: eye.start: must", id="exam"),
        pytest.param(["sum", "eye.json", "--set", "exam.start=null"], "the exam 'eye' has no 'start'", id="not there"),
        pytest.param(["sum", "eye.json", "-o", "eye.json"], "Directory 'eye.json' is a file", id="no folder"),
        pytest.param(
            ["sum", "eye.json", "-o", "eye.json/x"], "-o: eye.json/x cannot be made: Not a directory", id="nor"
        ),
        pytest.param(["sum"], "Missing argument", id="no exam is said"),
        pytest.param(["sum", "eye.json", "--fast"], "No such option '--fast'", id="no option"),
    ],
)
def test_what_is_wrong_before_anything_runs_is_status_2(words, said):
    """With a sentence on stderr and nothing on stdout."""
    result = ran("run", *words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert said in result.stderr


def test_settings_and_wanted_outputs_are_taken():
    """Each as often as one likes."""
    result = ran("run", "sum", "eye.json", "--set", "a.more=2", "--set", "c.more=0", "--only", "a", "--only", "c")
    assert json.loads(result.stdout) == {"a": 4.0, "c": {"value": 0.25, "half": 0.125}}


def test_a_result_file_is_written_where_one_likes(folder):
    """Beside what is printed."""
    result = ran("run", "sum", "eye.json", "-o", "results/first")
    assert result.exit_code == 0
    content = json.loads((folder / "results" / "first" / "eye.json").read_text(encoding="utf-8"))
    assert content["outputs"] == json.loads(result.stdout)
    assert f"written to {Path('results', 'first', 'eye.json')}" in result.stderr


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        pytest.param(OSError(28, "No space left on device"), "No space left on device", id="full"),
        pytest.param(InputError("eye.images", "is damaged"), "eye.images: is damaged", id="what nothing needed"),
    ],
)
def test_a_result_that_cannot_be_written_is_printed(monkeypatch, error, reason):
    """Nothing is lost; the status is 1, since something ran."""

    def refuse(*_):
        raise error

    monkeypatch.setattr("foveola.running.files.write_result", refuse)
    result = ran("run", "sum", "eye.json", "-o", "results")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["a"] == 3.0
    assert f"the result cannot be written to results: {reason}" in result.stderr


# check


def test_check_says_that_nothing_is_wrong():
    """On stderr: there is no data."""
    result = ran("check", "sum.yaml", "eye.json")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "sum.yaml: 3 steps, nothing wrong\n"


def test_check_says_what_is_wrong_with_its_place(folder):
    """All of it, and how much that is."""
    result = ran("check", recipe_of(folder, "s: {use: ad}\n  t: {use: add, with: {vlaue: 1}}"))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "x.yaml:3:12: no operation is called 'ad'\n"
        "   3 |   s: {use: ad}\n"
        "                  ^\n"
        "hint: did you mean 'add'?\n\n"
        "x.yaml:4:24: add has no parameter 'vlaue'\n"
        "   4 |   t: {use: add, with: {vlaue: 1}}\n"
        "                              ^\n"
        "hint: did you mean 'value'?\n\n"
        "2 problems\n"
    )


@pytest.mark.parametrize(
    ("steps", "status", "messages"),
    [
        pytest.param("s: {use: add, with: {value: 1}}", 0, [], id="nothing"),
        pytest.param("s: {use: ad}", 2, ["no operation is called 'ad'"], id="something"),
    ],
)
def test_check_says_the_same_to_programs(folder, steps, status, messages):
    """With ranges."""
    result = ran("check", "--json", recipe_of(folder, steps))
    assert result.exit_code == status
    problems = json.loads(result.stdout)
    assert [problem["message"] for problem in problems] == messages
    assert all(problem["range"]["start"] == {"line": 3, "column": 12} for problem in problems)
    assert result.stderr == ""


def test_check_looks_at_the_exam(folder):
    """Where there is one."""
    (folder / "ear.json").write_text("{}", encoding="utf-8")
    assert ran("check", "sum").exit_code == 0
    result = ran("check", "sum", "ear.json")
    assert result.exit_code == 2
    assert "the exam 'ear' has no 'start'\n" in result.stderr
    assert "hint: --set exam.start=... gives it" in result.stderr
    assert ran("check", "sum", "ear.json", "--set", "exam.start=1").exit_code == 0


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[" * 60_000, id="brackets"),
        pytest.param("a: *b", id="aliases"),
        pytest.param("\x00\x01\x02", id="control characters"),
        pytest.param("", id="nothing"),
        pytest.param(
            "recipe: x\nsteps: {a: {use: add, with: {value: &x [*x]}}}\noutputs: {}", id="a circle of aliases"
        ),
        pytest.param("recipe: &a [&b [*a, *b]]", id="more of them"),
        pytest.param("recipe: x\nsteps:\n" + "  a: {use: add}\n" * 3000 + "outputs:", id="a name three thousand times"),
    ],
)
def test_no_text_is_a_traceback(folder, text):
    """Each is an error with a place, or in a line."""
    (folder / "odd.yaml").write_text(text, encoding="utf-8")
    result = ran("check", "odd.yaml")
    assert result.exit_code == 2
    assert result.stderr.startswith("odd.yaml")


# plan


def test_plan_shows_what_would_be_computed():
    """In order, and from where each parameter comes."""
    result = ran("plan", "sum", "eye.json")
    assert result.exit_code == 0
    assert "a: add\n    value  $start" in result.stdout
    assert result.stderr == ""


def test_plan_says_the_same_to_programs():
    """And conversions to people."""
    result = ran("plan", "--json", "sum", "--set", "c.value=$exam.pitch")
    assert [step["name"] for step in json.loads(result.stdout)["steps"]] == ["a", "b", "c"]


def test_a_plan_of_what_is_wrong_is_status_2(folder):
    """As a check of it is."""
    result = ran("plan", recipe_of(folder, "s: {use: ad}"))
    assert (result.exit_code, result.stdout) == (2, "")


# call


@pytest.mark.parametrize("source", ["file", "stdin"])
def test_call_answers_json_with_json(folder, source):
    """From a file, or from stdin."""
    (folder / "input.json").write_text('{"value": 2}', encoding="utf-8")
    result = ran("call", "add", "input.json") if source == "file" else ran("call", "add", "-", stdin='{"value": 2}')
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {"value": 3.0, "half": 1.0}
    assert result.stderr == ""


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        pytest.param("ad", "{}", "no operation is called 'ad': did you mean 'add'?", id="no operation"),
        pytest.param("add", "{", "<stdin>: is not JSON: ", id="no JSON"),
        pytest.param("add", b"\xff\xfe", "<stdin>: is not JSON: ", id="no text"),
        pytest.param("add", "[1]", "<stdin>: must hold one JSON object", id="no object"),
        pytest.param("add", "{}", "value: add needs it", id="missing"),
        pytest.param(
            "add", '{"vlaue": 1}', "vlaue: add has no such parameter; did you mean 'value'?", id="no parameter"
        ),
        pytest.param("add", '{"value": "1"}', "value: must be a valid number", id="wrong"),
        pytest.param("add", '{"value": 1e999}', "<stdin>: is not JSON: ", id="infinite"),
    ],
)
def test_a_wrong_call_is_status_2(name, text, said):
    """Naming what is wrong."""
    result = ran("call", name, "-", stdin=text)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


@pytest.mark.parametrize("kind", ["error", "exit", "base"])
def test_an_operation_that_fails_is_status_1(kind):
    """With its name and what it raised."""
    result = ran("call", "fail", "-", stdin=json.dumps({"value": 1, "kind": kind}))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("fail failed: ")
    assert result.stderr.endswith("by 1\n")


# What is installed


def test_operations_are_listed():
    """For people and for programs."""
    assert [line.split()[0] for line in ran("operations").stdout.splitlines()] == ["add", "fail", "make_thing"]
    listed = json.loads(ran("operations", "--json").stdout)
    assert listed[0] == {"name": "add", "distribution": "an unnamed distribution"}


def test_one_operation_is_described():
    """In full."""
    assert ran("operations", "add").stdout.startswith("# add\n\nAdd one number to another.")
    described = json.loads(ran("operations", "add", "--json").stdout)
    assert [one["name"] for one in described["parameters"]] == ["value", "more"]


def test_recipes_are_listed_and_printed():
    """As they were written."""
    assert ran("recipes").stdout == "sum  Adds what there is\n"
    assert json.loads(ran("recipes", "--json").stdout) == [{"name": "sum", "about": "Adds what there is"}]
    assert ran("recipes", "sum").stdout == RECIPE
    described = json.loads(ran("recipes", "sum", "--json").stdout)
    assert (described["inputs"], described["outputs"]) == ({"start": "float"}, ["a", "b", "c"])


def test_a_recipe_that_cannot_be_read_does_not_keep_others_from_being_listed(folder):
    """It is named on stderr."""
    (folder / "shipped" / "bad.yaml").write_text("[", encoding="utf-8")
    listed = ran("recipes")
    assert (listed.exit_code, listed.stdout) == (0, "sum  Adds what there is\n")
    assert listed.stderr.startswith(f"wrong: {folder / 'shipped' / 'bad.yaml'}: bad.yaml:1:")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["operations", "ad"], "no operation is called 'ad': did you mean 'add'?", id="operation"),
        pytest.param(["recipes", "smu"], "no recipe is called 'smu': did you mean 'sum'?", id="recipe"),
        pytest.param(["cehck", "sum"], "No such command 'cehck'", id="command"),
    ],
)
def test_what_is_not_there_is_status_2(words, said):
    """With the nearest that is."""
    result = ran(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_the_schema_is_json():
    """Of what is installed."""
    schema = json.loads(ran("schema").stdout)
    assert schema["title"] == "A foveola recipe"


# Plugins


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


def test_plugins_add_commands(monkeypatch):
    """Which run like ours."""
    manager = plugins.make_manager([])
    manager.register(Adding())
    monkeypatch.setattr(plugins, "installed", lambda: manager)
    try:
        assert ran("hello").stdout == "hello\n"
    finally:
        cli.commands.pop("hello", None)


@pytest.mark.parametrize("words", [["--help"], ["check", "sum"], ["hello"]], ids=["help", "ours", "none"])
def test_a_broken_plugin_does_not_keep_people_from_our_commands(monkeypatch, words):
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


def test_help_names_every_command():
    """And says that this is no medical device."""
    text = ran("--help").stdout
    assert "Not a medical device." in text
    for name in ("run", "check", "plan", "call", "operations", "recipes", "schema"):
        assert f"  {name} " in text


# As a process of its own


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
