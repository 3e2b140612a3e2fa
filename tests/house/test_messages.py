"""Every message is provoked once and compared to the letter with a file; `--update` rewrites the files."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Annotated, Any, Literal
from zipfile import ZipFile

import numpy as np
import pytest
from click.testing import CliRunner
from pydantic import BeforeValidator, ConfigDict, Field

import foveola
from foveola import (
    Alias,
    Array,
    Exam,
    FoveolaError,
    Micrometres,
    Millimetres,
    Output,
    PluginWarning,
    Reader,
    Record,
    Unit,
    UnitBy,
    hookimpl,
    operation,
)
from foveola.archives import Archive, join, load
from foveola.plugins import GROUP, Manager, make_manager
from foveola.recipes.reader import parse_recipe, read_recipe
from foveola.registry import FETCHERS, OPERATIONS, READERS, RECIPES, TYPES, Registry
from foveola.running.executor import execute
from foveola.surfaces.cli import cli
from foveola.surfaces.report.graph import as_svg

MESSAGES = Path(__file__).parent / "messages"
ENGINE = Path(foveola.__file__).parent

PixelMap = Annotated[np.ndarray, Array("rows", "columns"), Unit("px")]
MicrometreMap = Annotated[np.ndarray, Array("rows", "columns"), Unit("µm")]


def _stumble(value: Any) -> Any:
    raise KeyError(value)


class Map(Record, bare="values"):
    """A map."""

    values: PixelMap


class Found(Output):
    """What was found."""

    status: Literal["found", "not_found"]
    width: Millimetres
    height: Millimetres | None
    map: PixelMap
    depth: MicrometreMap
    record: Annotated[Map, Unit("mm")]
    either: Annotated[float, UnitBy("real", {True: "mm", False: "px"})]
    listed: tuple[float | None, ...]


class Number(Output):
    """A number."""

    value: float


@operation("find")
def find(threshold: Annotated[float, Field(ge=0, le=1)] = 0.5, *, real: bool = False) -> Found:
    """Find something."""
    grid = np.full((2, 2), threshold)
    return Found(
        status="found",
        width=1.0,
        height=None,
        map=grid,
        depth=grid,
        record=Map(values=grid),
        either=float(real),
        listed=(1.0, None),
    )


@operation("average")
def average(thickness: MicrometreMap) -> Number:
    """Average a map."""
    return Number(value=float(thickness.mean()))


@operation("add")
def add(value: float, more: float = 1.0) -> Number:
    """Add."""
    return Number(value=value + more)


@operation("count")
def count(numbers: Annotated[np.ndarray, Array("n", dtype="int64")]) -> Number:
    """Count."""
    return Number(value=float(len(numbers)))


@operation("take")
def take(
    mm: Millimetres = 0,
    pair: tuple[Millimetres, Millimetres] = (0, 0),
    listed: list[float] | None = None,
    named: Mapping[str, float] | None = None,
    record: Annotated[Map, Unit("µm")] | None = None,
    slice_thickness: Annotated[Micrometres, Field(le=3000)] = 1,
    stumbling: Annotated[float, BeforeValidator(_stumble)] = 0,
    either: Annotated[float, UnitBy("real", {True: "mm", False: "px"})] = 0,
    anything: Any = None,
    point: Point | None = None,
    *,
    real: bool = False,
) -> Number:
    """Take whatever is given."""
    return Number(value=len(locals()))


@operation("fail")
def fail(value: float) -> Number:
    """Fail."""
    raise ZeroDivisionError(f"by {value:g}")


@operation("lie")
def lie(value: float) -> Number:
    """Answer something else."""
    return value


@operation("scribble")
def scribble(values: Annotated[np.ndarray, Array("rows", "columns")]) -> Number:
    """Write into what was given."""
    values[0, 0] = 9.0
    return Number(value=1.0)


@operation("alias")
def aliased(a: Annotated[float, Alias("b")]) -> Number:
    """Take a number that has two names."""
    return Number(value=a)


@operation("untyped")
def untyped(value) -> Number:
    """Do not say what is taken."""
    return Number(value=value)


@operation("by_place")
def by_place(value: float, /) -> Number:
    """Take what cannot be given by name."""
    return Number(value=value)


@operation("twice")
def twice(a: Annotated[float, Alias("b")], b: float) -> Number:
    """Take two numbers of one name."""
    return Number(value=a + b)


@operation("unsigned")
def unsigned(value: float):
    """Do not say what is answered."""
    return value


class Thawed(Output):
    """Something that can be changed."""

    model_config = ConfigDict(frozen=False)


@operation("thaw")
def thaw(value: float) -> Thawed:
    """Answer something that can be changed."""
    return Thawed(warnings=(str(value),))


class Scan(Exam):
    """An exam."""

    slice_thickness: Annotated[Millimetres, Field(gt=0)]
    laterality: Literal["L", "R"]


class Hooked:
    """A plugin that answers what nobody asks."""

    @hookimpl
    def foveola_what(self, cli: object) -> object:
        """Answer."""
        return cli

    def __repr__(self) -> str:
        return "acme"


class Stumbling:
    """A plugin that raises."""

    @hookimpl
    def foveola_commands(self, cli: object) -> object:
        """Raise."""
        raise KeyError(cli)


class Point(Record):
    """Two numbers."""

    x: float
    y: float


@dataclass(frozen=True)
class Brought:
    """An entry point that has its thing at hand."""

    group: str
    name: str
    thing: Any
    dist: Any = None
    value: str = "acme:thing"

    def load(self) -> Any:
        """The thing, or what importing it raises."""
        if isinstance(self.thing, Exception):
            raise self.thing
        return self.thing


WORKING = (find, average, add, count, take, fail, lie, scribble, aliased)


def read_numbers(path: Path) -> dict[str, Any]:
    """Read the exam of a number, or of another exam's path."""
    content = path.read_text(encoding="utf-8")
    return {"beside": content} if path.stem == "beside" else {"start": float(content)}


NUMBERS = Reader("numbers", lambda path: path.suffix == ".txt", read_numbers)
BROUGHT = (Brought(TYPES, "Exam", Scan), Brought(READERS, "numbers", NUMBERS))
REGISTRY = Registry(BROUGHT, WORKING)


def registry_with(*brought: Brought) -> Registry:
    """What there is, and something more."""
    return Registry((*BROUGHT, *brought), WORKING)


# How messages are provoked

Provocation = Callable[[Path], str]


def raised(act: Callable[[], object]) -> str:
    """What an error of ours says."""
    with pytest.raises(FoveolaError) as caught:
        act()
    return str(caught.value)


def text(content: str, exam: Mapping[str, Any] | None = None, **settings: str) -> Provocation:
    """Check a recipe's whole text."""

    def provoke(folder: Path) -> str:
        named = {target.replace("__", "."): value for target, value in settings.items()}
        loaded = None if exam is None else Scan(exam, name="eye")

        def act() -> object:
            recipe = parse_recipe(content, "recipe.yaml", folder)
            return foveola.plan(recipe, loaded, registry=REGISTRY, settings=named)

        return raised(act)

    return provoke


def steps(
    *lines: str, head: str = "", outputs: str = "{o: $s}", exam: Mapping[str, Any] | None = None, **settings: str
) -> Provocation:
    """Check a recipe of some steps."""
    written = "\n".join(f"  {line}" for line in lines)
    return text(f"recipe: example\n{head}steps:\n{written}\noutputs: {outputs}\n", exam, **settings)


def within(content: str, step: str = "s: {use: ./inner.yaml}") -> Provocation:
    """Check a recipe that uses another as a step."""

    def provoke(folder: Path) -> str:
        (folder / "inner.yaml").write_text(content, encoding="utf-8")
        outer = folder / "outer.yaml"
        outer.write_text(f"recipe: outer\nsteps:\n  {step}\noutputs: {{o: $s}}\n", encoding="utf-8")
        return raised(lambda: foveola.plan(read_recipe(outer), registry=REGISTRY))

    return provoke


def ran(*lines: str, outputs: str, exam: Mapping[str, Any] | None = None) -> Provocation:
    """Run a recipe of some steps; what is said of those that did not end well."""

    def provoke(_: Path) -> str:
        written = "\n".join(f"  {line}" for line in lines)
        content = (
            f"recipe: example\ninputs: {{n: {{type: float, default: null}}}}\nsteps:\n{written}\noutputs: {outputs}\n"
        )
        result = foveola.run(parse_recipe(content), Scan(exam or {}), registry=REGISTRY, memo=None)
        return "\n".join(f"{one.state}: {one.name}: {one.reason}" for one in result.steps.values() if one.reason)

    return provoke


def failing(*lines: str) -> Provocation:
    """Run a recipe of some steps; the error of the one that fails."""

    def act() -> None:
        written = "\n".join(f"  {line}" for line in lines)
        recipe = parse_recipe(f"recipe: example\nsteps:\n{written}\noutputs: {{o: $s}}\n")
        error = foveola.run(recipe, Scan({}), registry=REGISTRY, memo=None).steps["s"].error
        assert error is not None
        raise error

    return lambda _: raised(act)


def without(package: str, act: Callable[[], object]) -> Provocation:
    """Do something where a package is not installed."""

    def provoke(_: Path) -> str:
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(sys.modules, package, None)
            return raised(act)

    return provoke


def brought(*points: Brought, ask: Callable[[Registry], object]) -> Provocation:
    """Ask a registry with something broken in it."""
    return of_path(lambda _: ask(registry_with(*points)))


def command(*words: str, stdin: str = "", result: str = "") -> Provocation:
    """Run the command beside a file that may be a result; what it says on stderr."""

    def provoke(folder: Path) -> str:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Registry, "installed", lambda: REGISTRY)
            patch.chdir(folder)
            (folder / "eye.txt").write_text("2", encoding="utf-8")
            (folder / "result.json").write_text(result, encoding="utf-8")
            step = "s: {use: add, with: {value: $start}}"
            content = f"recipe: sum\ninputs: {{start: float}}\nsteps:\n  {step}\noutputs: {{o: $s}}\n"
            (folder / "sum.yaml").write_text(content, encoding="utf-8")
            ended = CliRunner().invoke(cli, words, input=stdin, catch_exceptions=False)
        assert ended.exit_code in {1, 2}
        return ended.stderr.rstrip("\n").rpartition("Error: ")[2]  # how it is used is told by click, above

    return provoke


def left_out(*points: Brought) -> Provocation:
    """Look for what is wrong in a registry with something broken in it."""

    def provoke(folder: Path) -> str:
        faults = [fault for of_group in Registry(points).faults().values() for fault in of_group]
        return from_folder(str(faults[0]), folder)

    return provoke


def warned(act: Callable[[Path], object]) -> Provocation:
    """Do something; what it warns of."""

    def provoke(folder: Path) -> str:
        with pytest.warns(PluginWarning) as caught, suppress(FoveolaError):
            act(folder)
        return from_folder("\n".join(str(one.message) for one in caught), folder)

    return provoke


def fail_to_read(path: Path) -> bool:
    """Raise what no reader may."""
    raise KeyError(path.name)


def read_by(folder: Path, *, read: Any = read_numbers, recognises: Any = lambda _: True) -> object:
    """Read an exam with a reader that somebody brought."""
    (folder / "eye.acme").write_text("2", encoding="utf-8")
    found = registry_with(Brought(READERS, "acme", Reader("acme", recognises, read)))
    return foveola.run(
        parse_recipe("recipe: r\nsteps: {s: {use: find}}\noutputs: {o: $s}\n"), folder / "eye.acme", registry=found
    )


def archive(*members: str, content: bytes | None = None) -> Provocation:
    """Read an exam that has an array already, with an archive of these members beside it."""

    def act(folder: Path) -> object:
        path = folder / "eye.npz"
        with ZipFile(path, "w") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the second member of a name
            for member in members:
                array = BytesIO()
                np.save(array, np.zeros(1))
                file.writestr(member, array.getvalue() if content is None else content)
        if not members:
            path.write_bytes(b"none")
        return read_by(folder, read=lambda _: load(join({"said": 5}, Archive(path))))

    return of_path(act)


def joined(plugin: object) -> Manager:
    """A manager with a plugin of this process."""
    manager = make_manager([])
    manager.register(plugin, "acme")
    return manager


def of_path(act: Callable[[Path], object]) -> Provocation:
    """Do something with a folder, whose own path is told as `.`; what is too long is told as `xxx`."""
    return lambda folder: from_folder(raised(lambda: act(folder)).replace("x" * 300, "xxx"), folder)


def from_folder(said: str, folder: Path) -> str:
    """What is said, with the paths of this machine left out."""
    for path, short in {folder: ".", folder.parent: "..", ENGINE.parents[1]: "...", ENGINE.parent: "..."}.items():
        said = said.replace(str(path), short)
    return said


def plugin_file(content: str | None, name: str = "acme.py") -> Provocation:
    """Load a file of operations."""

    def act(folder: Path) -> object:
        path = folder / name
        if content is not None:
            path.write_text(content, encoding="utf-8")
        return REGISTRY.with_files([path])

    return of_path(act)


def call(name: str, **values: Any) -> Provocation:
    """Call an operation."""
    return lambda _: raised(lambda: REGISTRY.call(name, values))


def run_on(name: str, content: str) -> Provocation:
    """Run a recipe on a file of this name."""

    def act(folder: Path) -> object:
        path = folder / name
        path.write_text(content, encoding="utf-8")
        return foveola.run(BESIDE if path.stem == "beside" else EMPTY, path, registry=REGISTRY, memo=None)

    return of_path(act)


def executed_on_nothing(_: Path) -> str:
    """Run a plan on an exam that lacks its input."""
    plan = foveola.plan(parse_recipe("recipe: x\ninputs: {n: float}\nsteps:\noutputs: {o: $n}"), registry=REGISTRY)
    return raised(lambda: execute(plan, Scan({}, name="eye")))


def operation_of(*points: Brought) -> Provocation:
    """Ask for the operation that an entry point brings."""
    return brought(*points, ask=lambda registry: registry.operation(points[0].name))


EMPTY = parse_recipe("recipe: empty\nsteps:\noutputs:\n", "empty.yaml")
ONE = parse_recipe("recipe: one\nsteps:\n  s: {use: find}\noutputs: {o: $s}\n", "one.yaml")
BESIDE = parse_recipe("recipe: two\ninputs: {beside: Exam}\nsteps:\noutputs: {o: $beside.laterality}\n", "two.yaml")
SHIPPED = Brought(RECIPES, "tests", ENGINE.parents[1] / "recipes")
HOOKED = Brought(GROUP, "acme", Hooked())
STUMBLING = Brought(GROUP, "acme", Stumbling())

RUN_ON_VALUES = """{"exam": {"name": "exam"}, "outputs": {}, "steps": {}, "run": {"exam": null, "recipe": null},
"provenance": {"recipe": "", "settings": {}}}"""

CASES: dict[str, Provocation] = {
    # YAML
    "yaml_alias": steps("s: {use: add, with: {value: *one}}"),
    "yaml_anchor": steps("s: {use: add, with: {value: &one 1}}"),
    "yaml_beginning": steps("s: {use: add, with: {value: @one}}"),
    "yaml_beginning_of_a_block": steps("s: {use: add}", outputs="\n  o: *"),
    "yaml_broken_line": steps("s:", "  use: add", " with: {}"),
    "yaml_byte": lambda _: raised(lambda: parse_recipe(b"recipe: \xe4\n", "recipe.yaml")),
    "yaml_character": text("recipe: a\x07\n"),
    "yaml_colon": steps("s: use: add"),
    "yaml_colon_after_glue": steps("s:", "  use:add", "  with: {value: 1}"),
    "yaml_colon_indent": steps("s: add", "  with: {value: 1}"),
    "yaml_deep": text("[" * 70),
    "yaml_directive": text("%YAML 1.1\n---\nrecipe: x\nsteps:\noutputs:\n"),
    "yaml_duplicate": steps("s: {use: add, with: {value: 1, value: 2}}"),
    "yaml_empty": text("# nothing\n"),
    "yaml_ended": steps("s: {use: 'add' it}"),
    "yaml_escape": steps('s: {use: "a\\qd"}'),
    "yaml_escape_of_no_character": steps('s: {use: "\\UFFFFFFFF"}'),
    "yaml_glued": steps("s: {use:add}"),
    "yaml_glued_block": text("recipe:x\nsteps:\n"),
    "yaml_key": steps("s: {[use]: add}"),
    "yaml_list": steps("s: - a"),
    "yaml_long": text("#" * 1_000_001),
    "yaml_merge": steps("s: {<<: {use: add}}"),
    "yaml_no_colon": text("recipe\nsteps:\n"),
    "yaml_second_document": text("recipe: x\nsteps:\noutputs:\n---\nrecipe: y\n"),
    "yaml_tab": text("recipe: x\nsteps:\n\ts: {use: add}\n"),
    "yaml_tag": steps("s: {use: !!str find}"),
    "yaml_unclosed": steps("s: {use: add", outputs="{}"),
    "yaml_unclosed_quote": text("recipe: 'x\n"),
    "yaml_value_missing": text("recipe: [a\n"),
    # The ten words
    "word_condition": steps("s: {use: find, when: {$s.status: {is: found}}}"),
    "word_condition_reference": steps("s: {use: find, when: {status: found}}"),
    "word_condition_values": steps("s: {use: find, when: {$s.status: [[found]]}}"),
    "word_default_refers": steps("s: {use: add, with: {value: $n}}", head="inputs: {n: {type: float, default: $s}}\n"),
    "word_misspelt": steps("s: {use: add, wiht: {value: 1}}"),
    "word_missing": text("recipe: x\nsteps:\n"),
    "word_no_map": steps("s: add"),
    "word_no_map_of_names": steps("s: {use: add, with: [1]}"),
    "word_no_name": steps("1s: {use: find}", outputs="{}"),
    "word_no_reference": steps("s: {use: add, with: {value: $a..b}}"),
    "word_no_text": text("recipe: 5\nsteps:\noutputs:\n"),
    "word_reserved": steps("exam: {use: find}", outputs="{}"),
    "word_twice": steps("s: {use: find}", head="inputs: {s: float}\n"),
    "word_unknown": steps("s: {use: find, retries: 3}"),
    "word_when": steps("s: {use: find, when: found}"),
    # Names
    "name_argument": steps("s: {use: add, with: {vlaue: 1}}"),
    "name_argument_twice": steps("s: {use: alias, with: {a: 1, b: 2}}"),
    "name_circle": steps("s: {use: add, with: {value: $t.value}}", "t: {use: add, with: {value: $s.value}}"),
    "name_context_given_in_with": steps("s: {use: add, with: {value: 1}}", head="context: {value: 2}\n"),
    "name_context_unused": steps("s: {use: add, with: {value: 1}}", head="context: {mroe: 2}\n"),
    "name_item": steps("s: {use: add, with: {value: $item}}"),
    "name_missing": steps("f: {use: find}", "s: {use: average}"),
    "name_missing_for_good": steps("s: {use: average}"),
    "name_operation": steps("s: {use: avrage}"),
    "name_output": lambda _: raised(
        lambda: foveola.plan(parse_recipe("recipe: x\nsteps:\noutputs: {etdrs: 1}"), registry=REGISTRY, only=["etrds"])
    ),
    "name_part": steps("f: {use: find}", "s: {use: take, with: {mm: $f.widht}}"),
    "name_part_of_none": steps("f: {use: find}", "s: {use: take, with: {mm: $f.width.mm}}"),
    "name_reference": steps("f: {use: find}", "s: {use: average, with: {thickness: $findd.depth}}"),
    "name_reference_of_the_exam": steps("s: {use: take, with: {anything: $laterality}}"),
    "name_reference_with_offers": steps("f: {use: find}", "s: {use: average, with: {thickness: $zone}}"),
    "name_type": steps("s: {use: add, with: {value: $n}}", head="inputs: {n: flaot}\n"),
    # Types and units
    "fit_constant": steps("s: {use: add, with: {value: wide}}"),
    "fit_constant_part": steps("s: {use: take, with: {listed: [1, two]}}"),
    "fit_constant_range": steps("s: {use: find, with: {threshold: 1.5}}"),
    "fit_constant_stumbles": steps("s: {use: take, with: {stumbling: 1}}"),
    "fit_exam": within(
        "recipe: inner\nsteps:\n  f: {use: find}\noutputs: {o: $f}", "s: {use: ./inner.yaml, with: {exam: 5}}"
    ),
    "fit_length": steps("f: {use: find}", "s: {use: take, with: {pair: [$f.width]}}"),
    "fit_list": steps("f: {use: find}", "s: {use: take, with: {named: [$f.width]}}"),
    "fit_wire": steps("f: {use: find}", "s: {use: add, with: {value: $f.status}}"),
    "unit_constant": steps("s: {use: take, with: {mm: 6 px}}"),
    "unit_decided_by_a_run": steps("s: {use: take, with: {either: 6 px, real: $n}}", head="inputs: {n: bool}\n"),
    "unit_none": steps("s: {use: add, with: {value: 6 mm}}"),
    "unit_record": steps("f: {use: find}", "s: {use: take, with: {record: $f.record}}"),
    "unit_unknown": steps("s: {use: take, with: {mm: 6 MM}}"),
    "unit_wire": steps("f: {use: find}", "s: {use: average, with: {thickness: $f.map}}"),
    # Conditions and loops
    "condition_of_each": steps("f: {use: find, foreach: [1]}", "s: {use: find, when: {$f.status: found}}"),
    "condition_never": steps("f: {use: find}", "s: {use: find, when: {$f.status: fuond}}"),
    "condition_never_a_reference": steps("f: {use: find}", "s: {use: find, when: {$f.width: $exam.laterality}}"),
    "condition_never_null": steps("f: {use: find}", "s: {use: find, when: {$f.status: null}}"),
    "foreach_constant": steps("s: {use: find, foreach: 5}"),
    "foreach_reference": steps("f: {use: find}", "s: {use: find, foreach: $f.width}"),
    "foreach_twice": steps("s: {use: find, foreach: [a, b, a]}"),
    # The exam
    "exam_lacks": steps("s: {use: add, with: {value: $n}}", head="inputs: {n: float}\n", exam={}),
    "exam_misspelt": steps("s: {use: add, with: {value: $exam.slice_thicknes}}", exam={}),
    "exam_range_of_input": steps("s: {use: find}", head="inputs: {threshold: float}\n", exam={"threshold": 2.0}),
    "exam_range_of_parameter": steps("s: {use: take}", exam={"slice_thickness": 4.0}),
    "exam_range_of_reference": steps("s: {use: find, with: {threshold: $exam.age}}", exam={"age": 61}),
    "exam_wrong": steps("s: {use: take}", exam={"slice_thickness": -1.0}),
    "exam_wrong_input": steps("s: {use: add, with: {value: $n}}", head="inputs: {n: float}\n", exam={"n": "six"}),
    "exam_within_is_none": steps("s: {use: find}", head="inputs: {left: Exam}\n", exam={"left": 5}),
    # Recipes within
    "recipe_broken": within("recipe: inner\nsteps:\n  f: {use: fnid}\noutputs: {o: $f}"),
    "recipe_empty": within(""),
    "recipe_itself": within("recipe: inner\nsteps:\n  f: {use: ./outer.yaml}\noutputs: {o: $f}"),
    "recipe_unreadable": within("", "s: {use: ./outher.yaml}"),
    # What was set
    "set_exam_alone": steps("s: {use: find}", exam__laterality="L"),
    "set_exam_reference": steps("s: {use: find}", exam__laterality="$s", exam={}),
    "set_exam_unit": steps("s: {use: find}", exam__slice_thickness="5 px", exam={}),
    "set_exam_unit_unknown": steps("s: {use: find}", exam__slice_thickness="5 MM", exam={}),
    "set_nothing": steps("s: {use: find}", threshold="1"),
    "set_no_step": steps("s: {use: find}", contxt__threshold="1"),
    "set_value": steps("s: {use: find}", s__threshold="[1"),
    "set_wrong": steps("s: {use: find}", s__threshold="2"),
    # Runs
    "run_exam_lacks": executed_on_nothing,
    "run_fails": ran("f: {use: fail, with: {value: 0}}", "s: {use: add, with: {value: $f.value}}", outputs="{o: $s}"),
    "run_foreach_null": ran("s: {use: find, foreach: $exam.eyes}", outputs="{o: $s}"),
    "run_foreach_number": ran("s: {use: find, foreach: $exam.eyes}", outputs="{o: $s}", exam={"eyes": 5}),
    "run_foreach_one": ran(
        "s: {use: find, foreach: $exam.eyes}", outputs="{o: $s}", exam={"eyes": Point(x=1.0, y=2.0)}
    ),
    "run_foreach_twice": ran("s: {use: find, foreach: $exam.eyes}", outputs="{o: $s}", exam={"eyes": ["a", "a"]}),
    "run_lies": ran("s: {use: lie, with: {value: 0}}", outputs="{o: $s}"),
    "run_null": ran("s: {use: add, with: {value: $n}}", "t: {use: add, with: {value: $s.value}}", outputs="{o: $t}"),
    "run_null_within": ran("f: {use: find}", "s: {use: take, with: {listed: $f.listed}}", outputs="{o: $s}"),
    "run_scribbles": ran("f: {use: find}", "s: {use: scribble, with: {values: $f.map}}", outputs="{o: $s}"),
    "run_when": ran("f: {use: find}", "s: {use: find, when: {$f.status: not_found}}", outputs="{o: $s}"),
    "step_raises": failing("s: {use: fail, with: {value: 0}}"),
    # Calls
    "call_missing": call("add"),
    "call_no_parameter": call("add", vlaue=1),
    "call_two_names": call("alias", a=1, b=2),
    "call_wrong": call("take", listed=[1, "two"]),
    "call_wrong_array": call("average", thickness=[[1, 2], [3]]),
    "call_wrong_axes": call("average", thickness=[1, 2]),
    "call_wrong_whole_numbers": call("count", numbers=[1.5]),
    "call_wrong_record": call("take", point=5),
    # Paths
    "path_exam": of_path(lambda folder: foveola.run(EMPTY, folder / "eye.vol", registry=REGISTRY)),
    "path_exam_damaged": run_on("eye.txt", "two"),
    "path_exam_unknown": run_on("eye.png", ""),
    "path_recipe": of_path(lambda folder: foveola.plan(folder / "macula.yaml", registry=REGISTRY)),
    "path_recipe_name": of_path(lambda _: foveola.plan("macla", registry=registry_with(SHIPPED))),
    "path_exam_beside": run_on("beside.txt", "a\0b"),
    "path_exam_elsewhere": run_on("beside.txt", "../../../etc"),
    "path_recipe_unreadable": of_path(lambda _: foveola.plan("x" * 300 + ".yaml", registry=REGISTRY)),
    # Arrays beside an exam
    "archive_broken": archive(),
    "archive_damaged": archive("a.npy", content=b"none"),
    "archive_form": archive("a.npy", content=b"\x93NUMPY\x09\x00"),
    "archive_member": archive("a.txt"),
    "archive_taken": archive("said.npy"),
    "archive_taken_above": archive("said/a.npy"),
    "archive_twice": archive("a.npy", "a.npy"),
    # Plugins
    "plugin_by_place": operation_of(Brought(OPERATIONS, "by_place", by_place)),
    "plugin_exam_type": lambda _: raised(lambda: Registry([Brought(TYPES, "Exam", Map)]).exam_type),
    "plugin_fetcher": left_out(Brought(FETCHERS, "acme", 5)),
    "plugin_file_broken": plugin_file("import acme_that_is_not_there\n"),
    "plugin_file_empty": plugin_file("value = 5\n"),
    "plugin_file_missing": plugin_file(None),
    "plugin_file_of_another_kind": plugin_file("value = 5\n", "acme.txt"),
    "plugin_handed_over": lambda _: raised(lambda: Registry((), [unsigned]).operation("unsigned")),
    "plugin_hook": left_out(HOOKED),
    "plugin_asked": warned(lambda _: registry_with(STUMBLING).hooks.ask_each("foveola_commands", cli=None)),
    "plugin_asked_here": warned(lambda _: joined(Stumbling()).ask_each("foveola_commands", cli=None)),
    "plugin_hook_twice": warned(lambda _: make_manager([STUMBLING, replace(STUMBLING, thing=Hooked())])),
    "plugin_import": operation_of(Brought(OPERATIONS, "acme.find", ImportError("no module named 'acme'"))),
    "plugin_name": operation_of(Brought(OPERATIONS, "acme.find", find)),
    "plugin_no_operation": operation_of(Brought(OPERATIONS, "acme.find", len)),
    "plugin_reader": left_out(Brought(READERS, "acme", 5)),
    "plugin_reader_fails": of_path(lambda folder: read_by(folder, read=fail_to_read)),
    "plugin_reader_reads": of_path(lambda folder: read_by(folder, read=lambda _: 5)),
    "plugin_reader_stumbles": warned(lambda folder: read_by(folder, recognises=fail_to_read)),
    "plugin_recipe_twice": left_out(SHIPPED, replace(SHIPPED, name="more")),
    "plugin_recipes": left_out(Brought(RECIPES, "acme", "/no/such/folder")),
    "plugin_signature": operation_of(Brought(OPERATIONS, "unsigned", unsigned)),
    "plugin_two_names": operation_of(Brought(OPERATIONS, "twice", twice)),
    "plugin_thawed": operation_of(Brought(OPERATIONS, "thaw", thaw)),
    "plugin_type": left_out(Brought(TYPES, "Acme", 5)),
    "plugin_twice": operation_of(*[Brought(OPERATIONS, "acme.find", find)] * 2),
    "plugin_untyped": operation_of(Brought(OPERATIONS, "untyped", untyped)),
    # What is not installed
    "extra_graphviz": without("pygraphviz", lambda: as_svg(foveola.plan(ONE, registry=REGISTRY))),
    # Commands
    "command_call_fails": command("call", "fail", "-", stdin='{"value": 0}'),
    "command_call_json": command("call", "add", "-", stdin="{"),
    "command_call_object": command("call", "add", "-", stdin="[]"),
    "command_check": command("check", "sum.yaml", "--set", "s.more=wide"),
    "command_many": command("run", "sum.yaml", "eye.txt", "sum.yaml"),
    "command_verify": command("verify", "result.json", result="{"),
    "command_verify_nothing": command("verify", "result.json", result="{}"),
    "command_verify_part": command("verify", "result.json", result='{"steps": {}}'),
    "command_verify_values": command("verify", "result.json", result=RUN_ON_VALUES),
    "command_why": command("plan", "sum.yaml", "--why"),
    "command_why_set": command("plan", "--why", "result.json", "result.json", "--set", "s.more=1", result="{}"),
    "command_folder": command("run", "sum.yaml", "eye.txt", "-o", "eye.txt/results"),
    "command_recipe": command("recipes", "smu"),
    "command_setting": command("run", "sum.yaml", "eye.txt", "--set", "s.more"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_message_is_what_its_file_says(name: str, tmp_path: Path, *, update: bool) -> None:
    """To the letter."""
    said = CASES[name](tmp_path) + "\n"
    path = MESSAGES / f"{name}.txt"
    if update:
        path.parent.mkdir(exist_ok=True)
        path.write_text(said, encoding="utf-8")
    assert said == path.read_text(encoding="utf-8")


def test_there_is_a_case_for_every_file() -> None:
    """None is left over."""
    assert {path.stem for path in MESSAGES.iterdir()} == set(CASES)
