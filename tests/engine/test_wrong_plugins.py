"""Plugins that go wrong, all installed at once, in processes of their own: each is named, and the rest goes on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from foveola.registry import FETCHERS, OPERATIONS, READERS, RECIPES, TYPES

OPERATION = """
from foveola import Output, operation

class Number(Output):
    number: float

@operation({name!r})
def one(value: float = 1.0) -> Number:
    "Give it back."
    return Number(number=value)
"""
THAWED = OPERATION.replace("    number: float", "    model_config = {{'frozen': False}}\n    number: float")
SCRIBBLES = """
from typing import Annotated
import numpy as np
from foveola import Array, Output, operation

class Number(Output):
    number: float

@operation("wrong.scribbles")
def one(values: Annotated[np.ndarray, Array("rows")]) -> Number:
    "Write into what was given."
    values[0] = 9.0
    return Number(number=1.0)
"""
READER = """
from foveola import Reader

def raises(path):
    {recognises}

def read(path):
    return {{}}["nothing"]

one = Reader("wrong", raises, read)
"""
HOOK = """
from foveola import hookimpl

@hookimpl
def foveola_commands(cli):
    raise KeyError("no command")

@hookimpl
def foveola_step_finished(step):
    raise KeyError("deaf")
"""


def of(template: str, name: str) -> str:
    """A module that brings one operation of a name."""
    return template.format(name=name)


PACKAGES: Mapping[str, tuple[str, str, str, str]] = {
    # distribution: group, name, source, what is said of it
    "raises": (OPERATIONS, "wrong.raises", "1 / 0", "cannot be imported: ZeroDivisionError: division by zero"),
    "syntax": (OPERATIONS, "wrong.syntax", "def", "cannot be imported: SyntaxError: invalid syntax"),
    "exits": (OPERATIONS, "wrong.exits", "raise SystemExit(3)", "cannot be imported: SystemExit: 3"),
    "first": (OPERATIONS, "wrong.twice", of(OPERATION, "wrong.twice"), "first and second both bring the operation"),
    "second": (OPERATIONS, "wrong.twice", of(OPERATION, "wrong.twice"), ""),
    "annotation": (
        OPERATIONS,
        "wrong.annotation",
        of(OPERATION, "wrong.annotation").replace("value: float", "value: 'Nothing'"),
        "cannot be used: name 'Nothing' is not defined",
    ),
    "thawed": (
        OPERATIONS,
        "wrong.thawed",
        of(THAWED, "wrong.thawed"),
        "cannot be used: its answer Number is not frozen; steps share what they are given",
    ),
    "kind": (OPERATIONS, "wrong.kind", "one = 5", "is int, not an operation; decorate it with @operation"),
    "folder": (RECIPES, "wrong_recipes", "one = '/no/such/folder'", "is '/no/such/folder', not the path of a folder"),
    "shadow": (RECIPES, "zz_shadow", "", "brings the recipe 'macula', which "),
    "reader": (READERS, "wrong_reader", "one = 5", "is int, not a foveola.Reader"),
    "fetcher": (FETCHERS, "wrong_fetcher", "one = 5", "is int, not a foveola.Fetcher"),
    "type": (TYPES, "WrongType", "one = 5", "is int, not a type"),
    "hook": ("foveola.plugins", "wrong_hook", "1 / 0", "cannot be imported: ZeroDivisionError: division by zero"),
}
LATER: Mapping[str, tuple[str, str, str]] = {
    # what can be seen only when it is used
    "scribbles": (OPERATIONS, "wrong.scribbles", SCRIBBLES),
    "good": (OPERATIONS, "good.one", of(OPERATION, "good.one")),
    "stumbles": (READERS, "a_stumbling_reader", READER.format(recognises="raise KeyError(path.name)")),
    "breaks": (READERS, "breaking_reader", READER.format(recognises="return path.suffix == '.wrong'")),
    "deaf": ("foveola.plugins", "deaf_hook", HOOK),
}
RECIPE = """
recipe: good
inputs: {start: float}
steps:
  one: {use: good.one, with: {value: $start}}
  two: {use: wrong.scribbles, with: {values: [1, 2]}}
outputs: {one: $one.number, two: $two.number}
"""


def bring(site: Path, distribution: str, group: str, name: str, source: str) -> None:
    """Install a package of one module."""
    module = f"{distribution}_things"
    (site / f"{module}.py").write_text(source, encoding="utf-8")
    folder = site / f"{distribution}-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n", encoding="utf-8")
    value = module if group == "foveola.plugins" else f"{module}:one"
    (folder / "entry_points.txt").write_text(f"[{group}]\n{name} = {value}\n", encoding="utf-8")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which every wrong package is installed, and a good one."""
    site = tmp_path_factory.mktemp("site")
    recipes = site / "shadowing"
    recipes.mkdir()
    (recipes / "macula.yaml").write_text("recipe: macula\nsteps: {}\noutputs: {}\n", encoding="utf-8")
    for distribution, (group, name, source, *_) in {**PACKAGES, **LATER}.items():
        written = f"one = {str(recipes)!r}" if distribution == "shadow" else source
        bring(site, distribution, group, name, written)
    return {**os.environ, "PYTHONPATH": str(site), "FOVEOLA_MEMO": str(site / "memo")}


def foveola(environment: dict[str, str], *words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The command, in that environment."""
    command = [sys.executable, "-m", "foveola", *words]
    return subprocess.run(command, env=environment, cwd=cwd, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def listed(environment: dict[str, str]) -> list[dict[str, str]]:
    """What `foveola operations --json` says."""
    ran = foveola(environment, "operations", "--json")
    assert ran.returncode == 0, ran.stderr
    rows: list[dict[str, str]] = json.loads(ran.stdout)
    return rows


@pytest.mark.parametrize("distribution", [one for one, (*_, message) in PACKAGES.items() if message])
def test_a_wrong_plugin_is_listed_with_its_package(listed, distribution):
    """By distribution and entry point, with what is wrong."""
    _, name, _, message = PACKAGES[distribution]
    (row,) = [one for one in listed if one["name"] == name]
    assert row["distribution"] == distribution
    assert row["entry_point"].startswith(f"{name} = {distribution}_things")
    assert row["error"].startswith(message)


def test_what_is_right_is_listed_beside_it(listed):
    """A good package, and all of ours."""
    right = {one["name"]: one["distribution"] for one in listed if "error" not in one}
    assert right["good.one"] == "good"
    assert right["get_etdrs"] == "foveola"
    assert not any(name.startswith("wrong.") for name in right if name != "wrong.scribbles")


def test_people_are_told_too(environment):
    """Without `--json` what is right is on stdout, and what is wrong on stderr, each once."""
    ran = foveola(environment, "operations")
    assert ran.returncode == 0
    assert "good.one" in ran.stdout
    assert "wrong.raises" not in ran.stdout
    told = [line for line in ran.stderr.splitlines() if line.startswith("wrong: ")]
    assert len(told) == len([message for *_, message in PACKAGES.values() if message])
    assert "wrong: 'wrong.raises = raises_things:one' of raises: cannot be imported: ZeroDivision" in ran.stderr


def test_a_wrong_operation_is_told_where_a_recipe_uses_it(environment, tmp_path):
    """With line and caret, naming its package."""
    recipe = tmp_path / "wrong.yaml"
    recipe.write_text("recipe: w\nsteps:\n  one: {use: wrong.exits}\noutputs: {o: $one}\n", encoding="utf-8")
    ran = foveola(environment, "check", str(recipe))
    assert ran.returncode == 2
    assert "wrong.yaml:3:14: plugin 'wrong.exits = exits_things:one' of exits: cannot be imported" in ran.stderr
    assert "1 problem\n" in ran.stderr


@pytest.fixture(scope="module")
def ran(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """A run of a recipe of a good operation and of one that writes into what it was given."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "good.yaml").write_text(RECIPE, encoding="utf-8")
    (folder / "eye").mkdir()
    (folder / "eye" / "exam.json").write_text('{"start": 2.5}', encoding="utf-8")
    return foveola(environment, "run", "good.yaml", "eye", cwd=folder)


def test_a_run_goes_on(ran):
    """What does not need the wrong ones is computed."""
    assert json.loads(ran.stdout) == {"one": 2.5, "two": None}
    assert "Traceback" not in ran.stderr


def test_an_operation_that_changes_its_input_is_named(ran):
    """Its step fails, and the message says whose operation it is and what to do."""
    assert ran.returncode == 1
    assert (
        "failed: two: ValueError: assignment destination is read-only "
        "(plugin 'wrong.scribbles = scribbles_things:one' of scribbles); "
        "what steps are given is shared between them: change a copy of it"
    ) in ran.stderr


def test_a_reader_that_stumbles_is_named_and_passed_over(ran):
    """The exam is read by the next one."""
    line = "plugin 'a_stumbling_reader = stumbles_things:one' of stumbles: fails to say whether it knows eye: KeyError"
    assert f"warning: {line}" in ran.stderr


def test_a_plugin_that_fails_to_hear_is_named(ran):
    """Nobody's run is a listener's to end."""
    assert "warning: plugin 'deaf_hook = deaf_things' of deaf: fails when asked foveola_step_finished" in ran.stderr


def test_a_reader_that_breaks_is_named(environment, tmp_path):
    """What it recognised it must read."""
    (tmp_path / "eye.wrong").write_text("", encoding="utf-8")
    broke = foveola(environment, "run", "macula_from_layers", "eye.wrong", cwd=tmp_path)
    assert broke.returncode == 2
    message = "plugin 'breaking_reader = breaks_things:one' of breaks: fails to read eye.wrong: KeyError: 'nothing'"
    assert message in broke.stderr
    assert "Traceback" not in broke.stderr


def test_shipped_recipes_are_checked_as_ever(environment):
    """A recipe whose name two packages have is neither's; the others are what they were."""
    assert foveola(environment, "check", "optic_nerve").returncode == 0
    taken = foveola(environment, "check", "macula")
    assert taken.returncode == 2
    assert "of shadow: brings the recipe 'macula', which " in taken.stderr


def test_help_comes_all_the_same(environment):
    """A plugin whose command cannot be added is warned of."""
    helped = foveola(environment, "--help")
    assert helped.returncode == 0
    assert "  demo " in helped.stdout
    assert "warning: plugin 'deaf_hook = deaf_things' of deaf: fails when asked foveola_commands" in helped.stderr
    assert "warning: plugin 'wrong_hook = hook_things' of hook: cannot be imported" in helped.stderr


def test_the_service_goes_on(environment):
    """It answers for what is right, and says what it does not serve."""
    pytest.importorskip("fastapi")
    served = subprocess.run(
        [sys.executable, "-c", SERVE], env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert served.returncode == 0, served.stderr
    paths = json.loads(served.stdout)
    assert {"/good.one", "/get_etdrs", "/recipes/optic_nerve"} <= set(paths)
    assert not {"/wrong.raises", "/wrong.twice", "/recipes/macula"} & set(paths)


SERVE = """
import json
from foveola.surfaces.serve.app import create_app
from foveola.surfaces.serve.settings import Settings
print(json.dumps([route.path for route in create_app(Settings()).routes]))
"""
