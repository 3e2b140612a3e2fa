"""`foveola memo`, `foveola verify` and `foveola plan --why`, as people run them."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from foveola.running.store import MemoWarning
from foveola.surfaces.cli import cli

RECIPE = """
recipe: stage
inputs: {above: float, below: float}
steps:
  stage: {use: get_glaucoma_stage, with: {superior_thickness: $above, inferior_thickness: $below}}
  line: {use: get_distance_between_two_points, with: {point_from: [0, 0], point_to: [3, 4]}}
outputs: {stage: $stage, line: $line.distance}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A recipe and an exam."""
    monkeypatch.setenv("FOVEOLA_MEMO", str(tmp_path / "memo"))
    (tmp_path / "stage.yaml").write_text(RECIPE, encoding="utf-8")
    exam = {"above": 90.0, "below": 80.0, "pixel_spacing_column": 0.01, "pixel_spacing_row": 0.01}
    for name, below in (("exam", 80.0), ("other", 70.0)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "exam.json").write_text(json.dumps({**exam, "below": below}), encoding="utf-8")
    return tmp_path


def foveola(*words: object) -> Result:
    """The command."""
    return CliRunner().invoke(cli, [str(word) for word in words], catch_exceptions=False)


def ran(folder: Path, *words: object, exam: str = "exam") -> Path:
    """The result file of a run."""
    done = foveola("run", folder / "stage.yaml", folder / exam, "-o", folder / "results", *words)
    assert done.exit_code == 0, done.stderr
    return folder / "results" / f"{exam}.json"


def states(result: Path) -> list[str]:
    """What became of the steps."""
    return [step["state"] for step in json.loads(result.read_bytes())["run"]["steps"].values()]


def test_info_says_what_is_held(folder):
    """In words, and as data."""
    ran(folder)
    assert "2 answers, 2 of them different, 0 arrays" in foveola("memo", "info").stdout
    held = json.loads(foveola("memo", "info", "--json").stdout)
    assert held["folder"] == str(folder / "memo")
    assert (held["actions"], held["results"], held["arrays"]) == (2, 2, 0)
    assert 0 < held["bytes"] < held["limit"] == 10 * 2**30


def test_without_the_memo_nothing_is_remembered_or_used(folder):
    """Neither read nor written."""
    assert states(ran(folder, "--no-memo")) == ["computed"] * 2
    assert not (folder / "memo").exists()
    assert states(ran(folder)) == ["computed"] * 2
    assert states(ran(folder)) == ["remembered"] * 2
    assert states(ran(folder, "--no-memo")) == ["computed"] * 2


def test_prune_keeps_a_bound(folder):
    """The one that is given, else the one that the environment says."""
    ran(folder)
    assert foveola("memo", "prune").stdout == "0 bytes freed\n"
    assert int(foveola("memo", "prune", "--bytes", 0).stdout.split()[0]) > 0
    assert states(ran(folder)) == ["computed"] * 2


def test_clear_forgets_everything(folder):
    """Also twice."""
    ran(folder)
    assert int(foveola("memo", "clear").stdout.split()[0]) > 0
    assert foveola("memo", "clear").stdout == "0 bytes freed\n"
    assert states(ran(folder)) == ["computed"] * 2


@pytest.mark.parametrize("words", [[], ["--json"]], ids=["in words", "as data"])
def test_verify_says_what_was_damaged(folder, words):
    """With status 1, once."""
    ran(folder)
    assert foveola("memo", "verify").stdout == "0 damaged\n"
    connection = sqlite3.connect(next(folder.rglob("memo.sqlite")))
    with connection:
        connection.execute(
            "UPDATE results SET tree = replace(tree, 'EARLY', 'LATER') WHERE instr(CAST(tree AS TEXT), 'EARLY')"
        )
    connection.close()
    told = foveola("memo", "verify", *words)
    assert told.exit_code == 1
    if words:
        assert [line.split(": ")[1] for line in json.loads(told.stdout)] == ["its tree is not that of its name"]
    else:
        assert told.stdout == "1 damaged\n"
        assert told.stderr.startswith("damaged: ")
    assert (foveola("memo", "verify").exit_code, states(ran(folder))) == (0, ["computed", "remembered"])


def test_a_database_that_is_none_is_told(folder):
    """Runs go on without it."""
    before = json.loads(ran(folder).read_bytes())["outputs"]
    next(folder.rglob("memo.sqlite")).write_bytes(b"none" * 9999)
    with pytest.warns(MemoWarning):
        assert json.loads(ran(folder).read_bytes())["outputs"] == before
    with pytest.warns(MemoWarning):
        assert foveola("memo", "verify").exit_code == 1
    assert foveola("memo", "clear").exit_code == 0
    assert states(ran(folder)) == ["computed"] * 2


def test_a_result_is_verified_byte_for_byte(folder):
    """It is computed again, whatever is remembered."""
    result = ran(folder)
    verified = foveola("verify", result)
    assert (verified.exit_code, verified.stderr) == (0, f"{result}: the same\n")
    content = json.loads(result.read_bytes())
    content["outputs"]["line"] = 0.06
    result.write_text(json.dumps(content), encoding="utf-8")
    verified = foveola("verify", result)
    assert verified.exit_code == 1
    assert verified.stderr.splitlines() == ["differs: outputs.line", f"{result}: 1 differences"]


def test_the_arrays_beside_a_result_are_verified_too(folder):
    """Changed, taken away or damaged: all of it is status 1."""
    (folder / "stage.yaml").write_text("recipe: images\nsteps: {}\noutputs: {seen: [$exam.bscan_images]}\n")
    np.savez(folder / "exam" / "exam.npz", bscan_images=np.zeros((2, 60, 100), dtype=np.uint8))
    result = ran(folder)
    arrays = result.with_suffix(".npz")
    assert foveola("verify", result).exit_code == 0
    assert foveola("report", result, "-o", folder / "page.html").exit_code == 0
    np.savez(arrays, **{"outputs/seen/0": np.ones((2, 60, 100), dtype=np.uint8)})
    verified = foveola("verify", result)
    assert (verified.exit_code, verified.stderr.splitlines()[0]) == (1, "differs: outputs.seen.0")
    arrays.write_bytes(arrays.read_bytes()[:100])
    verified = foveola("verify", result)
    assert verified.exit_code == 1
    assert verified.stderr.startswith(f"{arrays}: is truncated or no .npz file")
    arrays.unlink()
    assert foveola("verify", result).exit_code == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [("", "is not JSON"), ("[]", "is no result file"), ('{"steps": {}}', "is no result file")],
    ids=["empty", "a list", "something else"],
)
def test_what_is_no_result_is_refused(tmp_path, content, said):
    """With status 2: nothing ran."""
    path = tmp_path / "result.json"
    path.write_text(content, encoding="utf-8")
    refused = foveola("verify", path)
    assert refused.exit_code == 2
    assert said in refused.stderr


def test_why_says_what_would_be_computed(folder):
    """In words, and as data."""
    ran(folder)
    said = foveola("plan", folder / "stage.yaml", folder / "other", "--why")
    assert said.stdout.splitlines() == [
        "stage: to be computed: `inferior_thickness` 80.0 became 70.0",
        "line: remembered",
    ]
    words = ["--set", "line.point_to=[3, 5]", "--json"]
    assert json.loads(foveola("plan", folder / "stage.yaml", folder / "exam", "--why", *words).stdout) == [
        {"step": "stage", "use": "get_glaucoma_stage", "state": "remembered", "reason": None},
        {
            "step": "line",
            "use": "get_distance_between_two_points",
            "state": "to be computed",
            "reason": "`point_to` [3, 4] became [3, 5]",
        },
    ]


def test_why_says_what_made_two_results_differ(folder):
    """Of their files alone."""
    one, other = ran(folder), ran(folder, exam="other")
    told = foveola("plan", "--why", one, other).stdout
    assert told.splitlines() == [
        "stage: differs: `inferior_thickness` 80.0 became 70.0",
        "line: the same",
    ]
    assert json.loads(foveola("plan", "--why", one, one, "--json").stdout)[0] == {"step": "stage", "reason": None}


def test_why_needs_two_things(folder):
    """A recipe alone ran on nothing."""
    assert foveola("plan", "--why", folder / "stage.yaml").exit_code == 2
    assert foveola("plan", "--why", ran(folder), folder / "absent.json").exit_code == 2
    assert foveola("plan", "--why", ran(folder), ran(folder), "--set", "a.b=1").exit_code == 2


PLUGIN = """
from typing import Annotated
import numpy as np
from foveola import Array, Output, operation


class Line(Output):
    line: Annotated[np.ndarray, Array("n")]


@operation("acme.line")
def line(count: int) -> Line:
    return Line(line=np.arange(float(count)))
"""
LINES = """
recipe: lines
inputs: {count: int}
steps:
  long: {use: acme.line}
  short: {use: acme.line, with: {count: 2}}
outputs: {long: $long.line, short: $short.line}
"""


def test_operations_of_a_file_are_checked_planned_and_verified(tmp_path, monkeypatch):
    """As they are run; a result of which an output lies beside it alone is verified with that."""
    monkeypatch.setenv("FOVEOLA_MEMO", str(tmp_path / "memo"))
    recipe, plugin, exam = tmp_path / "lines.yaml", ["--plugin", tmp_path / "acme.py"], tmp_path / "exam"
    recipe.write_text(LINES, encoding="utf-8")
    (tmp_path / "acme.py").write_text(PLUGIN, encoding="utf-8")
    exam.mkdir()
    (exam / "exam.json").write_text('{"count": 20000}', encoding="utf-8")
    assert foveola("check", recipe, exam, *plugin).exit_code == 0
    assert "acme.line" in foveola("plan", recipe, exam, *plugin).stdout
    assert foveola("plan", "--why", recipe, exam, *plugin).exit_code == 0
    assert foveola("run", recipe, exam, "-o", tmp_path / "results", *plugin).exit_code == 0
    result = tmp_path / "results/exam.json"
    assert set(json.loads(result.read_bytes())["outputs"]) == {"short"}
    assert foveola("verify", result, *plugin).exit_code == 0
    assert foveola("verify", result).exit_code == 2
