"""Keys that are sound: what changes an operation's results changes its key, as fresh processes on one store tell."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import time
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[3]
CACHES = shutil.ignore_patterns("__pycache__")

RUN = """
import json, site, sys
for folder in sys.argv[3:]:
    site.addsitedir(folder)
import foveola
result = foveola.run(sys.argv[1], json.loads(sys.argv[2]))
states = {name: step.state for name, step in result.steps.items()}
print(json.dumps([result.outputs["o"], states, {name: step.reason for name, step in result.steps.items()}]))
"""

OPERATIONS = """
from foveola import Output, operation

from .scaling import scaled

OFFSET = 1.0


class Number(Output):
    value: float


def shifted(value):
    return value + OFFSET


@operation("acme.scale")
def scale(value: float) -> Number:
    \"\"\"Scale.\"\"\"
    return Number(value=shifted(scaled(value)))
"""
SCALING = """
FACTOR = 2.0


def scaled(value):
    return value * FACTOR
"""
RECIPE = """
recipe: keys
inputs: {value: float}
steps: {s: {use: acme.scale, with: {value: $value}}}
outputs: {o: $s.value}
"""
OUR_RECIPE = """
recipe: keys
inputs: {value: float}
steps: {s: {use: get_glaucoma_stage, with: {superior_thickness: 80, inferior_thickness: $value}}}
outputs: {o: $s.glaucoma_stage}
"""


@dataclass
class Bench:
    """A package that may be changed, a store, and fresh processes that run a recipe on it."""

    folder: Path
    package: Path
    recipe: str = RECIPE
    value: float = 70.0

    def write(self, files: dict[str, str]) -> Bench:
        """Write files of the package."""
        for name, text in files.items():
            path = self.package / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return self

    def change(self, name: str, old: str, new: str) -> Bench:
        """Change a file of the package in one place."""
        text = (self.package / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} in {name}"
        return self.write({name: text.replace(old, new)})

    def run(self, **exam: object) -> tuple[object, str]:
        """What a fresh process answers, and whether it computed it."""
        recipe = self.folder / "keys.yaml"
        recipe.write_text(self.recipe, encoding="utf-8")
        environment = {
            **os.environ,
            "FOVEOLA_MEMO": str(self.folder / "memo"),
            "PYTHONPATH": os.pathsep.join([str(self.folder / "path"), str(user_site(self.folder))]),
            "PYTHONUSERBASE": str(self.folder / "user"),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        words = [str(recipe), json.dumps(exam or {"value": self.value}), str(user_site(self.folder))]
        command = [sys.executable, "-W", "error", "-c", RUN, *words]
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
        assert ran.returncode == 0, ran.stderr
        answer, states, reasons = json.loads(ran.stdout)
        assert states["s"] != "failed", reasons
        return answer, states["s"]


def user_site(folder: Path) -> Path:
    """Where packages are installed under a user's folder of this kind."""
    scheme = sysconfig.get_preferred_scheme("user")
    return Path(sysconfig.get_path("purelib", scheme, {"userbase": str(folder / "user")}))


def distribution(site: Path, name: str, record: str = "", entry_points: str = "", version: str = "1.0") -> None:
    """Write what an installer writes beside a package."""
    for old in site.glob(f"{name}-*.dist-info"):
        shutil.rmtree(old)
    folder = site / f"{name}-{version}.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(f"Name: {name}\nVersion: {version}\n", encoding="utf-8")
    (folder / "RECORD").write_text(f"{record}{folder.name}/METADATA,,\n{folder.name}/RECORD,,\n", encoding="utf-8")
    (folder / "entry_points.txt").write_text(entry_points, encoding="utf-8")


def make(kind: str, folder: Path) -> Bench:
    """A package of ours beside an engine that is installed, or of a stranger who is installed too, or editable."""
    site = user_site(folder)
    own = metadata.distribution("foveola")
    shutil.copytree(HOUSE / "engine/foveola", site / "foveola", ignore=CACHES)
    distribution(site, "foveola", "foveola/__init__.py,sha256=0,1\n", own.read_text("entry_points.txt") or "")
    package = folder / "path/foveola_oct"
    shutil.copytree(HOUSE / "plugins/foveola_oct", package, ignore=CACHES)
    shutil.copytree(HOUSE / "recipes", package / "recipes")
    if kind == "ours":
        return Bench(folder, package, OUR_RECIPE)
    points = "[foveola.operations]\nacme.scale = acme.operations:scale\n"
    if kind == "installed":
        package = site / "acme"
        distribution(site, "acme", "acme/operations.py,sha256=0,1\n", points)
    else:
        package = folder / "source/acme"
        (site / "acme.pth").write_text(f"{package.parent}\n", encoding="utf-8")
        distribution(site, "acme", "acme.pth,,\n", points)
    return Bench(folder, package).write({"__init__.py": "", "operations.py": OPERATIONS, "scaling.py": SCALING})


@pytest.fixture(params=["ours", "installed", "editable"], scope="module")
def kept(request, tmp_path_factory) -> Bench:
    """A package that ran once."""
    bench = make(request.param, tmp_path_factory.mktemp(request.param))
    assert bench.run() == ("MODERATE_GLAUCOMA" if request.param == "ours" else 141.0, "computed")
    return bench


@pytest.fixture
def bench(kept):
    """The same, put back after a test."""
    files = {path: path.read_bytes() for path in kept.package.rglob("*.py")}
    yield kept
    for path, content in files.items():
        if path.read_bytes() != content:
            path.write_bytes(content)


@pytest.fixture
def stranger(tmp_path) -> Bench:
    """A stranger's package that is editable."""
    return make("editable", tmp_path)


@dataclass
class Change:
    """A change of code, for us and for the stranger: file, what stands there, what shall, and the answer then."""

    ours: tuple[str, str, str, str]
    theirs: tuple[str, str, str, float]


STAGE, LIMITS = "glaucoma/get_glaucoma_stage.py", "retina/glaucoma_limits.py"
CHANGES = {
    "body": Change(
        (
            STAGE,
            "if thickness >= limits.moderate_limit_um",
            "if thickness < limits.moderate_limit_um",
            "EARLY_GLAUCOMA",
        ),
        ("operations.py", "value=shifted(scaled(value))", "value=-shifted(scaled(value))", -141.0),
    ),
    "helper": Change(
        (LIMITS, "min(superior, inferior) if self", "max(superior, inferior) if self", "EARLY_GLAUCOMA"),
        ("operations.py", "value + OFFSET", "value - OFFSET", 139.0),
    ),
    "helper in another module": Change(
        (LIMITS, "else (superior + inferior) / 2", "else superior", "MODERATE_GLAUCOMA"),
        ("scaling.py", "value * FACTOR", "value / FACTOR", 36.0),
    ),
    "module constant": Change(
        (LIMITS, "MODERATE_LIMIT_UM = 75.0", "MODERATE_LIMIT_UM = 70.0", "EARLY_GLAUCOMA"),
        ("scaling.py", "FACTOR = 2.0", "FACTOR = 3.0", 211.0),
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_code_that_changes_is_run_again(bench, change):
    """Wherever in the package it stands."""
    name, old, new, answer = change.ours if bench.recipe == OUR_RECIPE else change.theirs
    assert bench.change(name, old, new).run() == (answer, "computed")


@pytest.mark.parametrize("text", ["# a comment\n", "\n\n\n"], ids=["comment", "lines above"])
def test_what_says_nothing_changes_nothing(bench, text):
    """Comments and layout are not code."""
    for name in (STAGE, LIMITS) if bench.recipe == OUR_RECIPE else ("operations.py", "scaling.py"):
        bench.write({name: text + (bench.package / name).read_text(encoding="utf-8")})
    assert bench.run()[1] == "remembered"


def test_what_did_not_change_is_remembered(bench):
    """By a process that knows nothing of the one before."""
    assert bench.run()[1] == "remembered"


OUTSIDE = {
    "a package on the path": ("import one", "one/__init__.py", "one.doubled(value)"),
    "a module on the path": ("from two import doubled as two", "two.py", "two(value)"),
    "a folder without __init__": ("import three.inner", "three/inner.py", "three.inner.doubled(value)"),
    "within a function": ("", "four.py", "__import__('four').doubled(value)"),
    "by its name": ("import importlib", "five.py", "importlib.import_module('five').doubled(value)"),
    "re-exported": ("from six_ import doubled as six", "six_/inner.py", "six(value)"),
    "re-exported when asked for": ("from seven import doubled as seven", "seven/inner.py", "seven(value)"),
    "beside, by its place": ("from . import eight", "../source/acme/eight.py", "eight.doubled(value)"),
}
EXPORTS = {
    "six_": "from .inner import doubled\n",
    "seven": (
        "from importlib import import_module\n\n\ndef __getattr__(name):\n"
        "    return getattr(import_module(f'{__name__}.inner'), name)\n"
    ),
}


@pytest.fixture(scope="module")
def with_helpers(tmp_path_factory) -> Bench:
    """A stranger's package that adds up what helpers say, each imported in another way; it ran twice."""
    bench = make("editable", tmp_path_factory.mktemp("helpers"))
    for _, file, _ in OUTSIDE.values():
        path = bench.folder / "path" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("def doubled(value):\n    return 2 * value\n", encoding="utf-8")
    for package, text in EXPORTS.items():
        (bench.folder / "path" / package / "__init__.py").write_text(text, encoding="utf-8")
    bench.change("operations.py", "OFFSET = 1.0", "\n".join(statement for statement, _, _ in OUTSIDE.values()))
    bench.change("operations.py", "value + OFFSET", " + ".join(expression for _, _, expression in OUTSIDE.values()))
    answer = 140.0 * 2 * len(OUTSIDE)
    assert [bench.run(), bench.run()] == [(answer, "computed"), (answer, "remembered")]
    return bench


@pytest.mark.parametrize("how", OUTSIDE)
def test_helpers_are_followed(with_helpers, how):
    """However they are imported, as long as they are not installed."""
    path = with_helpers.folder / "path" / OUTSIDE[how][1]
    before = path.read_text(encoding="utf-8")
    path.write_text("def doubled(value):\n    return 2 * value + 1\n", encoding="utf-8")
    assert with_helpers.run() == (140.0 * 2 * len(OUTSIDE) + 1, "computed")
    path.write_text(before, encoding="utf-8")


def test_a_plug_in_loaded_by_a_made_up_name_counts_with_its_package(stranger):
    """What cannot be told from the text is taken for everything."""
    stranger.write({"late/__init__.py": "", "late/one.py": "VALUE = 1\n"})
    stranger.change("operations.py", "OFFSET = 1.0", "from importlib import import_module as load\nOFFSET = 1.0")
    stranger.change("operations.py", "value + OFFSET", "load('.'.join(['acme', 'late', 'one'])).VALUE")
    assert [stranger.run(), stranger.run()] == [(1.0, "computed"), (1.0, "remembered")]
    stranger.write({"late/one.py": "VALUE = 2\n"})
    assert stranger.run() == (2.0, "computed")


def test_a_module_that_comes_to_shadow_another_is_noticed(stranger):
    """A package of the same name takes the place of a module that did not change."""
    assert stranger.run() == (141.0, "computed")
    stranger.write({"scaling/__init__.py": "def scaled(value):\n    return 0.0\n"})
    assert stranger.run() == (1.0, "computed")


def test_an_upgraded_distribution_is_noticed(stranger):
    """Of what is installed counts what its distribution says it is made of, be the version the same or another."""
    site = user_site(stranger.folder)
    (site / "helper.py").write_text("def doubled(value):\n    return 2 * value\n", encoding="utf-8")
    distribution(site, "helper", "helper.py,sha256=one,1\n")
    stranger.change("operations.py", "OFFSET = 1.0", "from helper import doubled")
    stranger.change("operations.py", "value + OFFSET", "doubled(value)")
    assert [stranger.run(), stranger.run()] == [(280.0, "computed"), (280.0, "remembered")]
    (site / "helper.py").write_text("def doubled(value):\n    return 3 * value\n", encoding="utf-8")
    distribution(site, "helper", "helper.py,sha256=two,1\n", version="1.0")
    assert stranger.run() == (420.0, "computed")


def test_a_version_speaks_for_the_code(stranger):
    """Until it changes, code may."""
    stranger.change("operations.py", '"acme.scale")', '"acme.scale", version="2")')
    assert stranger.run() == (141.0, "computed")
    stranger.change("scaling.py", "FACTOR = 2.0", "FACTOR = 3.0")
    assert stranger.run() == (141.0, "remembered")
    stranger.change("operations.py", 'version="2"', 'version="3"')
    assert stranger.run() == (211.0, "computed")


def test_what_a_function_was_made_with_counts(stranger):
    """Two operations of one factory differ in what it was given, though their text is the same."""
    factory = OPERATIONS.replace("@operation", "def made(offset):\n    @operation").replace(
        "def scale(", "    def scale("
    )
    factory = factory.replace('    """Scale."""\n    return Number(value=shifted(scaled(value)))', "{body}")
    body = '        """Scale."""\n        return Number(value=scaled(value) + offset)\n\n    return scale'
    stranger.write({"factory.py": factory.replace("{body}", body)})
    stranger.write({"operations.py": "from acme.factory import made\n\nscale = made(1.0)\n"})
    assert [stranger.run(), stranger.run()] == [(141.0, "computed"), (141.0, "remembered")]
    stranger.change("operations.py", "made(1.0)", "made(2.0)")
    assert stranger.run() == (142.0, "computed")


ALIKE = ["1", "1.0", "true", "'1'", "0.0", "-0.0", "0", "false", "null", "[]", "{}", "[1]", "{'0': 1}", "[[1]]"]


def test_values_that_look_alike_are_told_apart(stranger):
    """Each step answers what it was given, to the type, also when all is remembered."""
    steps = "".join(f"  s{k}: {{use: acme.scale, with: {{value: {value}}}}}\n" for k, value in enumerate(ALIKE))
    outputs = ", ".join(f"$s{k}.value" for k in range(len(ALIKE)))
    stranger.recipe = f"recipe: alike\nsteps:\n{steps}  s: {{use: acme.scale}}\noutputs: {{o: [{outputs}, $s.value]}}\n"
    stranger.change("operations.py", "    value: float", "    value: str")
    stranger.change("operations.py", "(value: float)", "(value: Any = 5)")
    stranger.change("operations.py", "from foveola", "from typing import Any\n\nfrom foveola")
    stranger.change("operations.py", "shifted(scaled(value))", "repr(value)")
    given = ["1", "1.0", "True", "'1'", "0.0", "-0.0", "0", "False", "None", "()", "mappingproxy({})", "(1,)"]
    given += ["mappingproxy({'0': 1})", "((1,),)", "70.0"]
    assert [stranger.run(), stranger.run()] == [(given, "computed"), (given, "remembered")]


def test_a_file_that_changes_while_a_process_lives_is_not_remembered(tmp_path, monkeypatch):
    """Its text may not be what runs."""
    from foveola import operations  # noqa: PLC0415  for this test alone
    from foveola.plugins import load_file  # noqa: PLC0415  likewise
    from foveola.running import code  # noqa: PLC0415  likewise

    path = tmp_path / "late.py"
    path.write_text(OPERATIONS.replace("from .scaling import scaled", "scaled = float"), encoding="utf-8")
    [operation] = load_file(path, operations.Operation)
    with pytest.raises(TypeError, match="changed after this process began"):
        code.code_of(operation)
    code._stamp.cache_clear()
    monkeypatch.setattr(code, "_BEGAN", time.time() + 1)
    monkeypatch.setattr(code, "_known", {})
    assert code.code_of(operation)


def test_code_without_a_file_is_not_remembered():
    """What was typed into a notebook is forgotten with it."""
    from foveola import Output, operation  # noqa: PLC0415  for this test alone
    from foveola.running.code import code_of  # noqa: PLC0415  likewise

    space: dict[str, object] = {"Output": Output, "operation": operation, "__name__": "a_notebook"}
    exec("@operation('typed')\ndef typed() -> Output:\n    return Output()", space)  # noqa: S102  as a notebook does
    with pytest.raises(TypeError, match="cannot be read"):
        code_of(space["typed"])
