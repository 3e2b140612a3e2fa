"""Keys that are sound: what changes an operation's results changes its key, as fresh processes on one store tell."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest

from foveola import Output, operation


@pytest.fixture(params=["ours", "installed", "editable"], scope="module")
def kept(request, tmp_path_factory, make_bench):
    """A package that ran once."""
    bench = make_bench(request.param, tmp_path_factory.mktemp(request.param))
    assert bench.run() == ("MODERATE_GLAUCOMA" if bench.is_ours else 141.0, "computed")
    return bench


@pytest.fixture
def bench(kept):
    """The same, put back after a test."""
    files = {path: path.read_bytes() for path in kept.package.rglob("*.py")}
    yield kept
    for path, content in files.items():
        if path.read_bytes() != content:
            path.write_bytes(content)


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
    name, old, new, answer = change.ours if bench.is_ours else change.theirs
    assert bench.change(name, old, new).run() == (answer, "computed")


@pytest.mark.parametrize("text", ["# a comment\n", "\n\n\n"], ids=["comment", "lines above"])
def test_what_says_nothing_changes_nothing(bench, text):
    """Comments and layout are not code."""
    for name in (STAGE, LIMITS) if bench.is_ours else ("operations.py", "scaling.py"):
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
def with_helpers(tmp_path_factory, make_bench):
    """A stranger's package that adds up what helpers say, each imported in another way; it ran twice."""
    bench = make_bench("editable", tmp_path_factory.mktemp("helpers"))
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
    site = stranger.site
    (site / "helper.py").write_text("def doubled(value):\n    return 2 * value\n", encoding="utf-8")
    stranger.install("helper", "helper.py,sha256=one,1\n")
    stranger.change("operations.py", "OFFSET = 1.0", "from helper import doubled")
    stranger.change("operations.py", "value + OFFSET", "doubled(value)")
    assert [stranger.run(), stranger.run()] == [(280.0, "computed"), (280.0, "remembered")]
    (site / "helper.py").write_text("def doubled(value):\n    return 3 * value\n", encoding="utf-8")
    stranger.install("helper", "helper.py,sha256=two,1\n", version="1.0")
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
    factory = (stranger.package / "operations.py").read_text(encoding="utf-8")
    factory = factory.replace("@operation", "def made(offset):\n    @operation").replace("def scale(", "    def scale(")
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


ALONE = """
from foveola import Output, operation


@operation("acme.alone")
def alone() -> Output:
    return Output()
"""


def test_a_file_that_changes_while_a_process_lives_is_not_remembered(tmp_path, monkeypatch):
    """Its text may not be what runs."""
    from foveola import operations  # noqa: PLC0415  for this test alone
    from foveola.origins import load_file  # noqa: PLC0415  likewise
    from foveola.running import code, stamps  # noqa: PLC0415  likewise

    path = tmp_path / "late.py"
    path.write_text(ALONE, encoding="utf-8")
    [operation] = load_file(path, operations.Operation)
    with pytest.raises(TypeError, match="changed after this process began"):
        code.code_of(operation)
    monkeypatch.setattr(stamps, "_BEGAN", time.time() + 1)
    monkeypatch.setattr(code, "_known", {})
    assert code.code_of(operation)


def test_code_without_a_file_is_not_remembered():
    """What was typed into a notebook is forgotten with it."""
    from foveola.running.code import code_of  # noqa: PLC0415  for this test alone

    space: dict[str, object] = {"Output": Output, "operation": operation, "__name__": "a_notebook"}
    exec("@operation('typed')\ndef typed() -> Output:\n    return Output()", space)  # noqa: S102  as a notebook does
    with pytest.raises(TypeError, match="cannot be read"):
        code_of(space["typed"])


def test_a_package_that_reads_its_own_files_counts_with_them(stranger):
    """A constant may stand in a file that is no code."""
    stranger.write({"limits/table.txt": "2", "scaling.py": READING})
    assert [stranger.run(), stranger.run()] == [(141.0, "computed"), (141.0, "remembered")]
    stranger.write({"limits/table.txt": "3"})
    assert stranger.run() == (211.0, "computed")


READING = """
from pathlib import Path

FACTOR = float(Path(__file__).with_name("limits").joinpath("table.txt").read_text())


def scaled(value):
    return value * FACTOR
"""


def test_what_an_installed_package_needs_and_somebody_edits_is_followed(stranger):
    """Its own list of files does not say what stands in the other."""
    (stranger.site / "acme_base.py").write_text("import acme_edited\n\nFACTOR = acme_edited.FACTOR\n", encoding="utf-8")
    edited = stranger.folder / "path/acme_edited.py"
    edited.write_text("FACTOR = 2.0\n", encoding="utf-8")
    stranger.install("acme_base", "acme_base.py,sha256=0,1\n", requires="acme_edited")
    stranger.install("acme_edited", "acme_edited.pth,,\n", origin='{"dir_info": {"editable": true}, "url": "file:"}')
    stranger.change("scaling.py", "FACTOR = 2.0", "from acme_base import FACTOR")
    assert [stranger.run(), stranger.run()] == [(141.0, "computed"), (141.0, "remembered")]
    edited.write_text("FACTOR = 3.0\n", encoding="utf-8")
    assert stranger.run() == (211.0, "computed")


BOXES = """
from acme.things import Thing
from foveola import Output, operation


class Doubled(Thing):
    def size(self):
        return 2 * self.value


class Box(Output):
    thing: Thing


@operation("boxes.pack")
def pack(value: float) -> Box:
    return Box(thing=Doubled(value=value))
"""


def test_the_class_of_what_is_given_counts(stranger):
    """Its methods may be those of a package that the operation does not know."""
    stranger.write({"things.py": "from foveola import Record\n\n\nclass Thing(Record):\n    value: float\n"})
    stranger.change(
        "operations.py", "from .scaling import scaled", "from .scaling import scaled\nfrom .things import Thing"
    )
    stranger.change("operations.py", "def scale(value: float)", "def scale(thing: Thing)")
    stranger.change("operations.py", "shifted(scaled(value))", "shifted(thing.size())")
    boxes = stranger.folder / "path/boxes.py"
    boxes.write_text(BOXES, encoding="utf-8")
    stranger.install("boxes", entry_points="[foveola.operations]\nboxes.pack = boxes:pack\n")
    stranger.recipe = RECIPE_OF_BOXES
    assert [stranger.run(), stranger.run()] == [(141.0, "computed"), (141.0, "remembered")]
    boxes.write_text(BOXES.replace("2 * self", "3 * self"), encoding="utf-8")
    assert stranger.run() == (211.0, "computed")


RECIPE_OF_BOXES = """
recipe: boxes
inputs: {value: float}
steps:
  box: {use: boxes.pack}
  s: {use: acme.scale, with: {thing: $box.thing}}
outputs: {o: $s.value}
"""


def test_who_calls_operations_by_name_is_computed_each_time(stranger):
    """What they do is not told from the text."""
    stranger.change("operations.py", "from foveola import Output", "import foveola\nfrom foveola import Output")
    said = "foveola.call('get_vertical_cdr', **foveola.operation.__dict__)"
    stranger.change("operations.py", "value=shifted(", f"value=len([lambda: {said}]) * shifted(")
    assert [stranger.run(), stranger.run()] == [(141.0, "computed")] * 2


def test_what_changes_between_an_import_and_the_first_run_is_not_remembered(stranger):
    """Else the next process would be given what older code answered."""
    edited = "import acme.scaling as m, pathlib, time; time.sleep(0.05); p = pathlib.Path(m.__file__)"
    change = "p.write_text(p.read_text().replace('FACTOR = 2.0', 'FACTOR = 3.0'))"
    assert stranger.run(f"{edited}; {change}") == (141.0, "computed")
    assert [stranger.run(), stranger.run()] == [(211.0, "computed"), (211.0, "remembered")]


@operation("stays")
def code_that_stays() -> Output:
    """Answer."""
    return Output()


@pytest.mark.parametrize("is_changed", [False, True], ids=["unchanged", "changed"])
def test_code_that_changed_after_it_was_read_is_not_remembered(tmp_path, monkeypatch, is_changed):
    """A module may have been imported since, within a function."""
    from foveola.operations import Operation  # noqa: PLC0415  for this test alone
    from foveola.origins import load_file  # noqa: PLC0415  likewise
    from foveola.running import stamps  # noqa: PLC0415  likewise
    from foveola.running.calls import Call  # noqa: PLC0415  likewise
    from foveola.running.memo import StoreMemo  # noqa: PLC0415  likewise
    from foveola.running.store import Store  # noqa: PLC0415  likewise

    monkeypatch.setattr(stamps, "_BEGAN", time.time() + 1000)
    monkeypatch.setattr(stamps, "_stamped", {})
    path = tmp_path / "acme_late.py"
    path.write_text(ALONE, encoding="utf-8")
    [operation] = load_file(path, Operation)
    memo = StoreMemo(Store(tmp_path / "memo"))
    call = Call(operation, {}, memo.store)
    memo.remember("s", call, operation())
    if is_changed:
        path.write_text(f"{ALONE}# changed\n", encoding="utf-8")
    memo.commit()
    assert (memo.recall("s", call) is None) is is_changed
    assert memo.store.info().actions == (not is_changed)
    other = Call(code_that_stays, {}, memo.store)
    memo.remember("t", other, code_that_stays())
    memo.commit()
    assert memo.recall("t", other) is not None


def test_the_code_that_reads_exams_is_known():
    """Of every reader that is installed, through what guards it; no two are the same, nor are two kinds of exam."""
    from foveola.exams import Exam  # noqa: PLC0415  for this test alone
    from foveola.registry import Registry  # noqa: PLC0415  likewise
    from foveola.running.code import code_of_reading  # noqa: PLC0415  likewise

    registry = Registry.installed()
    kinds = Exam, registry.exam_type
    readings = [code_of_reading(reader.read, kind) for reader in registry.readers.values() for kind in kinds]
    assert len(set(readings)) == 2 * len(registry.readers) > 2
