"""`run` and `call`: stdout is data, people read stderr, and the exit status tells what happened."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from foveola import InputError


def test_run_prints_the_outputs_as_one_json_object(ran):
    """And nothing else on stdout; nothing on stderr if all went well."""
    result = ran("run", "sum.yaml", "eye.json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {"a": 3.0, "b": 2.0, "c": {"value": 500.25, "half": 0.125}}
    assert result.stderr.splitlines() == ["warning: b: odd", "warning: c: odd"]


@pytest.mark.parametrize("recipe", ["sum", "sum.yaml", "./sum.yaml", "shipped/sum.yaml"])
def test_run_takes_a_name_or_a_path(ran, recipe):
    """Of a recipe."""
    assert ran("run", recipe, "eye.json", "--only", "a").exit_code == 0


def test_what_is_skipped_is_null_and_done(ran):
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
def test_a_step_that_fails_is_named_and_the_status_is_1(ran, recipe_of, kind, reason):
    """The other outputs are printed all the same."""
    steps = f"s: {{use: fail, with: {{value: 1, kind: {kind}}}}}\n  t: {{use: add, with: {{value: 2}}}}"
    result = ran("run", recipe_of(steps, "{s: $s, t: $t.value}"), "eye.json")
    assert result.exit_code == 1
    assert json.loads(result.stdout) == {"s": None, "t": 3.0}
    assert result.stderr == f"failed: s: {reason} (plugin 'fail = tests' of an unnamed distribution)\n"


def test_an_answer_that_json_cannot_say_is_no_crash(ran, recipe_of):
    """It is a failure with a sentence."""
    result = ran("run", recipe_of("s: {use: make_thing}"), "eye.json")
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
def test_what_is_wrong_before_anything_runs_is_status_2(ran, words, said):
    """With a sentence on stderr and nothing on stdout."""
    result = ran("run", *words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert said in result.stderr


def test_settings_and_wanted_outputs_are_taken(ran):
    """Each as often as one likes."""
    result = ran("run", "sum", "eye.json", "--set", "a.more=2", "--set", "c.more=0", "--only", "a", "--only", "c")
    assert json.loads(result.stdout) == {"a": 4.0, "c": {"value": 0.25, "half": 0.125}}


def test_a_result_file_is_written_where_one_likes(ran, folder):
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
def test_a_result_that_cannot_be_written_is_printed(ran, monkeypatch, error, reason):
    """Nothing is lost; the status is 1, since something ran."""

    def refuse(*_):
        raise error

    monkeypatch.setattr("foveola.running.files.write_result", refuse)
    result = ran("run", "sum", "eye.json", "-o", "results")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["a"] == 3.0
    assert f"the result cannot be written to results: {reason}" in result.stderr


@pytest.mark.parametrize("source", ["file", "stdin"])
def test_call_answers_json_with_json(ran, folder, source):
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
def test_a_wrong_call_is_status_2(ran, name, text, said):
    """Naming what is wrong."""
    result = ran("call", name, "-", stdin=text)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


@pytest.mark.parametrize("kind", ["error", "exit", "base"])
def test_an_operation_that_fails_is_status_1(ran, kind):
    """With its name and what it raised."""
    result = ran("call", "fail", "-", stdin=json.dumps({"value": 1, "kind": kind}))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("fail failed: ")
    assert result.stderr.endswith("by 1\n")
