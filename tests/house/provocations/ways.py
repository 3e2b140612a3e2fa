"""Ways to provoke a message, each a function that makes a provocation: of a folder, what is said there."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest
from click.testing import CliRunner

import foveola
from foveola import FoveolaError, PluginWarning, Reader
from foveola.archives import Archive, join, load
from foveola.plugins import Manager, make_manager
from foveola.recipes.reader import parse_recipe, read_recipe
from foveola.registry import READERS, Registry
from foveola.running.executor import execute
from foveola.surfaces.cli import cli
from provocations.things import REGISTRY, Brought, Scan, read_numbers, registry_with

ENGINE = Path(foveola.__file__).parent
EMPTY = parse_recipe("recipe: empty\nsteps:\noutputs:\n", "empty.yaml")
BESIDE = parse_recipe("recipe: two\ninputs: {beside: Exam}\nsteps:\noutputs: {o: $beside.laterality}\n", "two.yaml")

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
