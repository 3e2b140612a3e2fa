"""The registry: names to things, and what is said of an installed thing that is wrong."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from foveola import Exam, InputError, Output, PluginError, PluginWarning, Reader, UnknownNameError, operation
from foveola.registry import OPERATIONS, RECIPES, TYPES, Registry
from foveola.testing import closed_registry

ACME = """
from pathlib import Path
from foveola import Exam, Fetcher, Group, Output, Reader, Record, hookimpl, operation

class Ratio(Output):
    ratio: float

@operation("acme.ratio")
def ratio(one: float, other: float) -> Ratio:
    "One by the other."
    return Ratio(ratio=one / other)

@operation("acme.untyped")
def untyped(one) -> Ratio: ...

@operation("acme.answerless")
def answerless(one: float): ...

class Thawed(Output):
    model_config = {"frozen": False}

@operation("acme.thawed")
def thawed(one: float) -> Thawed: ...

@operation("acme.undefined")
def undefined(one: "Nothing") -> Ratio: ...

class Ring(Record):
    radius: float

@operation("acme.inside")
def inside(ring: Ring, point: float) -> Ratio:
    "How far out a point is."
    return Ratio(ratio=point / ring.radius)

def fetch(shelf: str, number: int = 1):
    "From a shelf."
    return {"radius": float(shelf) * number}

class AcmeExam(Exam):
    acme: float

def function(): ...

fetcher = Fetcher(Ring, fetch)
reader = Reader("acme", lambda path: path.suffix == ".acme", lambda path: {})
folder = Path(__file__).parent
"""


class Sum(Output):
    """A sum."""

    total: float


@operation("add")
def add(one: float, other: float) -> Sum:
    """Add two numbers."""
    return Sum(total=one + other)


@pytest.fixture
def acme(install):
    """A registry of one package, given its entry points."""

    def make(**groups: dict[str, str]) -> Registry:
        return Registry(install("acme", "acme_things", ACME, **groups))

    return make


# Operations


def test_an_operation_is_imported_when_it_is_asked_for(acme):
    """Listing names imports nothing; asking for one gives always the same."""
    registry = acme(operations={"acme.ratio": "acme_things:ratio"})
    assert registry.operation_names == ["acme.ratio"]
    assert registry.origin_of("acme.ratio").distribution == "acme"
    assert "acme_things" not in sys.modules
    found = registry.operation("acme.ratio")
    assert found.call({"one": 1, "other": 2}) == {"ratio": 0.5}
    assert registry.operation("acme.ratio") is found


@pytest.mark.parametrize("asked", [True, False], ids=["hooks first", "operation first"])
def test_a_loaded_operation_is_a_plugin(acme, asked):
    """It joins those whom the engine asks, beside any plugin that bears its name."""
    registry = acme(operations={"acme.ratio": "acme_things:ratio"}, plugins={"acme.ratio": "acme_things"})
    if asked:
        _ = registry.hooks
    found = registry.operation("acme.ratio")
    assert found.name == "acme.ratio"
    assert found in registry.hooks.get_plugins()
    assert sys.modules["acme_things"] in registry.hooks.get_plugins()


def test_a_broken_plugin_does_not_take_operations_with_it(install):
    """Who only hears of steps is not needed to plan them."""
    broken = install("broken", "broken_hooks", "1 / 0", plugins={"broken": "broken_hooks"})
    registry = Registry(
        [*broken, *install("acme", "acme_things", ACME, operations={"acme.ratio": "acme_things:ratio"})]
    )
    assert registry.operation("acme.ratio").name == "acme.ratio"
    with pytest.warns(PluginWarning, match=r"^plugin 'broken = broken_hooks' of broken: cannot be imported: "):
        assert registry.hooks.get_plugins() == {registry.operation("acme.ratio")}


def test_a_plugin_is_no_operation(acme):
    """The name of a plugin that brings hooks is no operation's."""
    registry = acme(plugins={"acme": "acme_things"})
    assert registry.hooks.has_plugin("acme")
    with pytest.raises(UnknownNameError, match=r"^no operation is called 'acme'$"):
        registry.operation("acme")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        pytest.param(
            "acme.gone",
            "acme_gone:ratio",
            "cannot be imported: ModuleNotFoundError: No module named 'acme_gone'",
            id="no such module",
        ),
        pytest.param(
            "acme.gone",
            "acme_things:gone",
            "cannot be imported: AttributeError: module 'acme_things' has no attribute 'gone'",
            id="no such thing",
        ),
        pytest.param(
            "acme.function",
            "acme_things:function",
            "is function, not an operation; decorate it with @operation('acme.function')",
            id="no operation",
        ),
        pytest.param(
            "acme.module",
            "acme_things",
            "is module, not an operation; decorate it with @operation('acme.module')",
            id="a module",
        ),
        pytest.param(
            "ratio", "acme_things:ratio", "is the operation 'acme.ratio'; name the entry point so", id="another name"
        ),
        pytest.param(
            "acme.untyped", "acme_things:untyped", "cannot be used: its argument 'one' says no type", id="no type"
        ),
        pytest.param(
            "acme.answerless",
            "acme_things:answerless",
            "cannot be used: its signature does not say which Output it returns",
            id="no answer",
        ),
        pytest.param(
            "acme.thawed",
            "acme_things:thawed",
            "cannot be used: its answer Thawed is not frozen; steps share what they are given",
            id="an answer that can be changed",
        ),
        pytest.param(
            "acme.undefined",
            "acme_things:undefined",
            "cannot be used: name 'Nothing' is not defined",
            id="a type that is not there",
        ),
    ],
)
def test_a_wrong_operation_is_told_with_its_package(acme, name, value, message):
    """Its distribution and entry point are named, each time it is asked for; the others still work."""
    registry = acme(operations={name: value, "acme.ratio": "acme_things:ratio"})
    for _ in range(2):
        with pytest.raises(PluginError) as caught:
            registry.operation(name)
        assert str(caught.value) == f"plugin '{name} = {value}' of acme: {message}"
    assert registry.operation("acme.ratio").name == "acme.ratio"
    assert [str(fault) for fault in registry.faults()[OPERATIONS]] == [f"plugin '{name} = {value}' of acme: {message}"]
    assert [one.name for one in registry.usable_operations()] == ["acme.ratio"]


def test_a_module_that_raises_is_told_with_its_package(install):
    """Whatever a stranger's import raises becomes a sentence with the cause behind it."""
    registry = Registry(install("acme", "acme_broken", "raise OSError('no disk')", operations={"a": "acme_broken:a"}))
    assert registry.operation_names == ["a"]
    with pytest.raises(
        PluginError, match=r"^plugin 'a = acme_broken:a' of acme: cannot be .* OSError: no disk$"
    ) as caught:
        registry.operation("a")
    assert isinstance(caught.value.__cause__, OSError)


@pytest.mark.parametrize(
    ("group", "ask"),
    [
        pytest.param("operation", lambda registry: registry.operation("thing"), id="operation"),
        pytest.param("operation", lambda registry: registry.origin_of("thing"), id="origin"),
        pytest.param("type", lambda registry: registry.type_called("thing"), id="type"),
    ],
)
def test_two_packages_with_one_name_are_both_named(install, group, ask):
    """Neither is taken by chance; the names can still be listed."""
    entries = {f"{group}s": {"thing": "acme_things:ratio"}}
    points = install("zoo", "zoo_things", ACME, **entries) + install("acme", "acme_things", ACME, **entries)
    registry = Registry(points)
    assert registry.operation_names == (["thing"] if group == "operation" else [])
    with pytest.raises(PluginError, match=rf"acme and zoo both bring the {group}.* 'thing'; uninstall one$"):
        ask(registry)


@pytest.mark.parametrize("group", ["reader", "fetcher", "recipe", "plugin"])
def test_what_two_packages_bring_is_neithers(install, group):
    """It is left out with a warning that names both; what else there is can be used."""
    entries = {f"{group}s": {"thing": "acme_things:ratio"}}
    points = install("zoo", "zoo_things", ACME, **entries) + install("acme", "acme_things", ACME, **entries)
    registry = Registry(points)
    with pytest.warns(PluginWarning, match=rf"acme and zoo both bring the {group}.* 'thing'; uninstall one$"):
        found = registry.hooks.get_plugins() if group == "plugin" else getattr(registry, f"{group}s")
    assert len(found) == 0
    assert [fault.distribution for faults in registry.faults().values() for fault in faults] == ["acme"]


def test_an_unknown_operation_gets_the_nearest_name(acme):
    """Among all that are there, imported or not."""
    registry = acme(operations={"acme.ratio": "acme_things:ratio"})
    with pytest.raises(UnknownNameError, match=r"^no operation is called 'acme.rato': did you mean 'acme.ratio'\?$"):
        registry.operation("acme.rato")


def test_operations_can_be_handed_over(acme):
    """They stand beside the installed ones, or in the place of one, and have no origin."""
    installed = acme(operations={"acme.ratio": "acme_things:ratio", "add": "acme_things:gone"})
    registry = installed.with_operations([add])
    assert registry.operation_names == ["acme.ratio", "add"]
    assert registry.operation("add") is add
    assert registry.origin_of("add") is None
    assert registry.operation("acme.ratio").name == "acme.ratio"
    assert installed.origin_of("add") is not None


def test_a_wrong_operation_that_was_handed_over_is_told_with_its_module():
    """Where there is no package, the module is named."""

    @operation("mine")
    def mine(one) -> Sum: ...

    with pytest.raises(
        PluginError, match=r"^plugin 'mine' of the module .*: cannot be used: its argument 'one' says no"
    ):
        closed_registry([mine]).operation("mine")


# Types, readers, recipes


def test_types_are_the_plain_ones_and_what_plugins_bring(acme):
    """A plugin's type is imported when it is asked for."""
    registry = acme(types={"Ring": "acme_things:Ring"})
    assert registry.type_names == ["Exam", "Ring", "bool", "float", "int", "str"]
    assert registry.type_called("float") is float
    assert "acme_things" not in sys.modules
    assert registry.type_called("Ring").__name__ == "Ring"
    with pytest.raises(UnknownNameError, match=r"^no type is called 'Rign': did you mean 'Ring'\?$"):
        registry.type_called("Rign")


def test_a_plugin_declares_the_kind_of_exam(acme):
    """Without one an exam declares nothing."""
    assert closed_registry([]).exam_type is Exam
    assert acme(types={"Exam": "acme_things:AcmeExam"}).exam_type.declared() == {"acme": float}


def test_a_kind_of_exam_that_is_none_is_told_with_its_package(acme):
    """What recipes run on must be an exam."""
    registry = acme(types={"Exam": "acme_things:Ring"})
    with pytest.raises(
        PluginError, match=r"^plugin 'Exam = acme_things:Ring' of acme: is no subclass of foveola\.Exam$"
    ):
        _ = registry.exam_type


def test_readers_are_found_by_name(acme):
    """Each is a `Reader`."""
    readers = acme(readers={"acme": "acme_things:reader"}).readers
    assert isinstance(readers["acme"], Reader)
    assert readers["acme"].recognises(Path("eye.acme"))


def test_a_reader_that_is_none_is_told_with_its_package(acme):
    """A function alone does not say what it recognises."""
    registry = acme(readers={"acme": "acme_things:function"})
    with pytest.warns(PluginWarning, match=r"of acme: is function, not a foveola\.Reader$"):
        assert registry.readers == {}


@pytest.fixture
def shelves(acme) -> Registry:
    """A registry in which a shelf may stand for a ring."""
    return acme(operations={"acme.inside": "acme_things:inside"}, fetchers={"ring": "acme_things:fetcher"})


@pytest.mark.parametrize(
    ("values", "ratio"),
    [
        pytest.param({"ring": {"radius": 2.0}}, 3.0, id="the value"),
        pytest.param({"shelf": "3"}, 2.0, id="what stands for it"),
        pytest.param({"shelf": "3", "number": 2}, 1.0, id="all that stands for it"),
    ],
)
def test_a_value_or_what_stands_for_it_is_given(shelves, values, ratio):
    """At flat edges a value may be fetched by its address; the operation never sees the address."""
    assert shelves.call("acme.inside", {**values, "point": 6.0}) == {"ratio": ratio}
    given = {**values, "point": 6.0, "include_extras": True}
    assert shelves.call("acme.inside", given) == {"ratio": ratio, "warnings": []}
    assert "include_extras" in given


@pytest.mark.parametrize(
    ("values", "message"),
    [
        pytest.param({}, "ring: acme.inside needs it", id="neither"),
        pytest.param({"number": 2}, "shelf: acme.inside needs it", id="half of what stands for it"),
        pytest.param({"shelf": 3}, "shelf: must be a valid string", id="a wrong address"),
        pytest.param(
            {"ring": {"radius": 2.0}, "shelf": "3"}, "shelf: acme.inside has no such parameter", id="both of them"
        ),
    ],
)
def test_a_wrong_stand_in_is_told_by_its_name(shelves, values, message):
    """The caller's own words are named, whichever way was taken."""
    with pytest.raises(InputError) as caught:
        shelves.call("acme.inside", {**values, "point": 6.0})
    assert str(caught.value) == message


def test_what_may_stand_for_a_value_is_listed(shelves):
    """With types and defaults, beside the operation's own parameters, for those who offer it."""
    offered = shelves.stand_ins(shelves.operation("acme.inside"))
    assert {name: one.required for name, one in offered.items()} == {"shelf": True, "number": False}
    assert closed_registry([add]).stand_ins(add) == {}


def test_a_fetcher_that_is_none_is_told_with_its_package(acme):
    """A function alone does not say what it fills."""
    registry = acme(fetchers={"ring": "acme_things:fetch"})
    with pytest.warns(PluginWarning, match=r"of acme: is function, not a foveola\.Fetcher$"):
        assert registry.fetchers == {}


def test_recipes_are_the_files_of_a_folder(acme, tmp_path):
    """By the names of the files."""
    (tmp_path / "macula.yaml").write_text("recipe: macula")
    (tmp_path / "notes.txt").write_text("")
    assert acme(recipes={"acme": "acme_things:folder"}).recipes == {"macula": tmp_path / "macula.yaml"}


def test_a_folder_of_recipes_that_is_none_is_told_with_its_package(acme):
    """An entry point must name a folder that is there."""
    registry = acme(recipes={"acme": "acme_things:__name__"})
    with pytest.warns(PluginWarning, match=r"of acme: is 'acme_things', not the path of a folder$"):
        assert registry.recipes == {}


def test_two_folders_with_one_recipe_are_refused(install, tmp_path):
    """Neither recipe is taken by chance."""
    (tmp_path / "macula.yaml").write_text("recipe: macula")
    points = install("acme", "acme_things", ACME, recipes={"acme": "acme_things:folder"})
    points += install("zoo", "zoo_things", ACME, recipes={"zoo": "zoo_things:folder"})
    with pytest.warns(PluginWarning, match=r"of zoo: brings the recipe 'macula', which .* holds too$"):
        assert Registry(points).recipes == {}


# What is installed


def test_the_installed_registry_is_made_once():
    """Everybody who asks sees the same."""
    assert Registry.installed() is Registry.installed()


@pytest.mark.parametrize("name", Registry.installed().operation_names)
def test_every_installed_operation_can_be_loaded(name):
    """Each entry point names the operation of its name, in the file of its name."""
    registry = Registry.installed()
    if registry.origin_of(name).distribution != "foveola":
        pytest.skip("somebody else's")
    found = registry.operation(name)
    assert found.name == found.__name__ == found.__module__.rpartition(".")[2] == name


@pytest.mark.parametrize("name", Registry.installed().type_names)
def test_every_installed_type_can_be_loaded(name):
    """Each entry point names a type."""
    assert isinstance(Registry.installed().type_called(name), type)


def test_the_groups_are_those_that_packages_write():
    """What stands in a stranger's `pyproject.toml` must not change."""
    assert (OPERATIONS, TYPES, RECIPES) == ("foveola.operations", "foveola.types", "foveola.recipes")
    point = EntryPoint("Sum", f"{__name__}:Sum", TYPES)
    assert Registry([point]).type_names == ["Exam", "Sum", "bool", "float", "int", "str"]
