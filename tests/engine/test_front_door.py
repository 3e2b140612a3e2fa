"""The front door: what `foveola` offers, and that it loads no more than is asked for."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

import foveola

LARGE = {"cv2", "scipy", "skimage", "shapely", "networkx"}
NUMBERS = {"numpy", "pydantic", "pydantic_core", "orjson"}
OURS = {"foveola_oct.retina"}

LOADED = """
import sys
sys.argv = ["foveola", *{words}]
try:
    {statement}
except SystemExit as end:
    assert not end.code, end.code
print("LOADED", *sys.modules)
"""
RUN = "from foveola.surfaces.cli import main; main()"


def loaded_by(statement: str, *words: str) -> set[str]:
    """What a fresh interpreter has loaded after a statement."""
    program = LOADED.format(statement=statement, words=words)
    ran = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=60)
    return set(ran.stdout.rpartition("LOADED")[2].split())


@pytest.mark.parametrize(
    ("statement", "words", "spared"),
    [
        pytest.param("import foveola", (), LARGE | NUMBERS | OURS, id="import foveola"),
        pytest.param("from foveola import hookimpl", (), LARGE | NUMBERS | OURS, id="a hook alone"),
        pytest.param("from foveola import operation, Output, Millimetres", (), LARGE | OURS, id="an operation's names"),
        pytest.param("import foveola_oct.retina", (), LARGE, id="import foveola_oct.retina"),
        pytest.param(RUN, ("--help",), LARGE | NUMBERS | OURS, id="foveola --help"),
        pytest.param(RUN, ("run", "--help"), LARGE | NUMBERS | OURS, id="foveola run --help"),
        pytest.param(RUN, ("--version",), LARGE | NUMBERS | OURS, id="foveola --version"),
        pytest.param(RUN, ("operations",), LARGE | OURS, id="foveola operations"),
        pytest.param(RUN, ("operations", "--json"), LARGE | OURS, id="foveola operations --json"),
        pytest.param(RUN, ("recipes",), LARGE | OURS, id="foveola recipes"),
        pytest.param(RUN, ("check", "macula"), LARGE - {"networkx"}, id="foveola check"),
        pytest.param(RUN, ("schema",), LARGE - {"networkx"}, id="foveola schema"),
    ],
)
def test_nothing_is_loaded_before_it_is_needed(statement, words, spared):
    """Listing imports no operation, no help waits for numbers, and no check for what only computing needs."""
    assert loaded_by(statement, *words) & spared == set()


@pytest.mark.parametrize("name", foveola.__all__)
def test_every_name_leads_home(name):
    """A name is the same object here and where it is defined."""
    home = import_module(f"foveola.{foveola._HOME_OF[name]}")
    assert getattr(foveola, name) is getattr(home, name)


def test_the_door_shows_what_it_offers():
    """Completion in a shell sees every name before it was used."""
    assert set(dir(foveola)) == set(foveola.__all__)


def test_what_is_not_offered_is_an_attribute_error():
    """As for any module."""
    with pytest.raises(AttributeError, match=r"^module 'foveola' has no attribute 'opration'$"):
        _ = foveola.opration


def test_a_submodule_never_bears_the_name_of_a_public_thing():
    """`from foveola import plan` means one thing."""
    for name in foveola.__all__:
        assert not hasattr(getattr(foveola, name), "__path__")
        assert f"foveola.{name}" not in sys.modules


def test_one_operation_is_called_by_flat_names():
    """The guide's names in, plain values out, as the docstring shows."""
    assert foveola.call(
        "get_distance_between_two_points",
        point_from=[0, 0],
        point_to=[30, 100],
        pixel_spacing_column=0.01,
        pixel_spacing_row=0.004,
    ) == {"distance": 0.5}


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        pytest.param("get_etdr", {}, "no operation is called 'get_etdr': did you mean 'get_etdrs'?", id="operation"),
        pytest.param(
            "get_distance_between_two_points",
            {"point_form": [0, 0]},
            "point_form: get_distance_between_two_points has no such parameter; did you mean 'point_from'?",
            id="field",
        ),
    ],
)
def test_whatever_is_refused_is_one_error(name, values, message):
    """`except FoveolaError` is enough."""
    with pytest.raises(foveola.FoveolaError) as caught:
        foveola.call(name, **values)
    assert str(caught.value) == message
