"""Plugins: who hears and answers, and what is said of one that is wrong."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from foveola import PluginError, PluginWarning, plugins
from foveola.origins import Origin
from foveola.plugins import GROUP, installed, make_manager

HEARS = """
from foveola import hookimpl

heard = []

@hookimpl
def foveola_step_finished(step, state):
    heard.append((step, state))
"""


def test_a_plugin_hears_what_it_asks_for(install):
    """A hook is called with the arguments that the plugin names."""
    manager = make_manager(install("acme", "acme_hooks", HEARS, plugins={"acme": "acme_hooks"}))
    manager.hook.foveola_step_finished(step="etdrs", operation="get_etdrs", state="computed", seconds=0.1)
    assert manager.get_plugin("acme").heard == [("etdrs", "computed")]


def test_a_manager_without_plugins_asks_nobody():
    """No answer is no error."""
    assert make_manager([]).hook.foveola_commands(cli=None) == []


def test_plugins_are_asked_in_one_order(install):
    """By name, however they are installed; pluggy asks the last one first."""
    both = install("acme", "acme_hooks", HEARS, plugins={"b": "acme_hooks"})
    both += install("other", "other_hooks", HEARS, plugins={"a": "other_hooks"})
    assert [name for name, _ in make_manager(both).list_name_plugin()] == ["a", "b"]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        pytest.param("1 / 0", "cannot be imported: ZeroDivisionError: division by zero", id="raises"),
        pytest.param("def", "cannot be imported: SyntaxError: invalid syntax (acme_hooks.py, line 1)", id="no Python"),
        pytest.param(
            HEARS.replace("foveola_step_finished", "foveola_step_finishd"),
            "unknown hook 'foveola_step_finishd' in plugin <module 'acme_hooks'",
            id="answers what nobody asks",
        ),
        pytest.param(
            HEARS.replace("step, state", "step, colour"),
            "Plugin 'acme' for hook 'foveola_step_finished'",
            id="wants what nobody says",
        ),
    ],
)
def test_a_wrong_plugin_is_named(install, source, message):
    """The error names the distribution and its entry point, and keeps the cause; the plugin is left out."""
    points = install("acme", "acme_hooks", source, plugins={"acme": "acme_hooks"})
    left_out: list[PluginError] = []
    manager = make_manager(points, left_out.append)
    (error,) = left_out
    assert str(error).startswith(f"plugin 'acme = acme_hooks' of acme: {message}")
    assert error.distribution == "acme"
    assert error.__cause__ is not None
    assert manager.list_name_plugin() == []


def test_two_plugins_of_one_name_are_refused(install):
    """The second is told that the name is taken, and the first stays."""
    both = install("acme", "acme_hooks", HEARS, plugins={"hooks": "acme_hooks"})
    both += install("other", "other_hooks", HEARS, plugins={"hooks": "other_hooks"})
    with pytest.warns(PluginWarning, match=r"^plugin 'hooks = other_hooks' of other: has the name of .* acme; "):
        manager = make_manager(both)
    assert [plugin.__name__ for plugin in manager.get_plugins()] == ["acme_hooks"]


def test_each_plugin_is_asked_though_another_raises(install):
    """It is warned of by its package; the others answer."""
    raises = "from foveola import hookimpl\n\n@hookimpl\ndef foveola_picture(subject):\n    raise SystemExit(1)\n"
    answers = raises.replace("raise SystemExit(1)", "return subject")
    both = install("acme", "acme_hooks", raises, plugins={"b": "acme_hooks"})
    both += install("other", "other_hooks", answers, plugins={"a": "other_hooks"})
    manager = make_manager(both)
    with pytest.warns(PluginWarning, match=r"^plugin 'b = acme_hooks' of acme: fails when asked foveola_picture: Sys"):
        assert manager.ask_each("foveola_picture", subject=5) == [5]


def test_an_entry_point_of_no_distribution_has_an_origin():
    """One that a test makes is named all the same."""
    origin = Origin(EntryPoint("acme", "no_such_module", GROUP))
    with pytest.raises(PluginError) as caught:
        origin.load()
    assert str(caught.value) == (
        "plugin 'acme = no_such_module' of an unnamed distribution: "
        "cannot be imported: ModuleNotFoundError: No module named 'no_such_module'"
    )


def test_what_is_installed_is_found_once():
    """The installed manager is made when it is first asked for, and ours are in it."""
    assert installed() is plugins.installed()
    assert installed().has_plugin("foveola_oct")
