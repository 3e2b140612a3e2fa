"""What is installed is served: operations, recipes, and what a broken plugin does not take with it."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import EntryPoint
from io import BytesIO
from pathlib import Path

import numpy as np
from starlette.testclient import TestClient

from foveola import run
from foveola.surfaces.serve.bodies import JSON, NPZ
from foveola.values import json_bytes, plain
from foveola_oct.readers.exam_folder import write_exam
from foveola_oct.retina.phantoms import macula_phantom

from .conftest import Serve

Install = Callable[..., list[EntryPoint]]

ASYMMETRY = '''
from foveola import Micrometres, Output, operation


class Asymmetry(Output):
    ratio: float


@operation("tiny.asymmetry")
def asymmetry(superior: Micrometres, inferior: Micrometres) -> Asymmetry:
    """Superior thickness divided by inferior thickness."""
    return Asymmetry(ratio=superior / inferior)
'''

FETCHER = '''
from foveola import Fetcher, Output, Record, operation


class Words(Record, bare="words"):
    words: tuple[str, ...]


class Count(Output):
    count: int


@operation("tiny.count")
def count(words: Words) -> Count:
    """Count words."""
    return Count(count=len(words.words))


def fetch(path: str) -> list[str]:
    """Read a file."""
    return open(path).read().split()


WORDS = Fetcher(Words, fetch)
'''

SMALL = {"num_slices": 9, "pixel_image_width": 64}

RECIPE = """
recipe: ratio
about: Superior by inferior
inputs: {superior: float, inferior: float}
steps:
  asymmetry: {use: tiny.asymmetry, with: {superior: $superior, inferior: $inferior}}
outputs: {ratio: $asymmetry.ratio}
"""


def asymmetry(install: Install) -> list[EntryPoint]:
    """The eleven lines of a stranger."""
    return install("tiny", "tiny_asymmetry", ASYMMETRY, operations={"tiny.asymmetry": "tiny_asymmetry:asymmetry"})


def test_a_plugin_installed_is_a_path_served(install: Install, serve: Serve) -> None:
    """By both methods, in the document, without a line of code."""
    with serve(asymmetry(install)) as client:
        values = {"superior": 90.0, "inferior": 100.0}
        assert client.post("/tiny.asymmetry", json=values).json() == {"ratio": 0.9}
        assert client.get("/tiny.asymmetry", params=values).json() == {"ratio": 0.9}
        path = client.get("/openapi.json").json()["paths"]["/tiny.asymmetry"]
        schema = path["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert schema["properties"]["superior"]["x-unit"] == "µm"


def test_a_recipe_installed_is_a_path_served(install: Install, serve: Serve, tmp_path: Path) -> None:
    """Its body is an exam, its answer the outputs; what does not fit is told with its place in no file."""
    folder = tmp_path / "recipes"
    folder.mkdir()
    (folder / "ratio.yaml").write_text(RECIPE, encoding="utf-8")
    source = f"FOLDER = {str(folder)!r}\n"
    points = install("tinier", "tiny_recipes", source, recipes={"tiny": "tiny_recipes:FOLDER"})
    with serve([*asymmetry(install), *points]) as client:
        assert client.post("/recipes/ratio", json={"superior": 90, "inferior": 100}).json() == {"ratio": 0.9}
        refused = client.post("/recipes/ratio", json={"superior": 90})
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, "RECIPE_ERROR")
        assert "inferior" in refused.json()["error"]["message"]
        assert str(tmp_path) not in refused.text
        failed = client.post("/recipes/ratio", json={"superior": 90, "inferior": 0})
        assert (failed.status_code, failed.json()["error"]["code"]) == (500, "INTERNAL_ERROR")


def test_a_broken_plugin_is_not_served_and_the_others_are(install: Install, serve: Serve) -> None:
    """The log names it."""
    broken = install("broken", "broken_operation", "1 / 0", operations={"broken.one": "broken_operation:one"})
    with serve([*asymmetry(install), *broken]) as client:
        assert client.post("/tiny.asymmetry", json={"superior": 1, "inferior": 1}).status_code == 200
        assert client.post("/broken.one", json={}).status_code == 404
        notes = [one for one in client.log if one["event"] == "not served"]  # type: ignore[attr-defined]
        assert [one["operation"] for one in notes] == ["broken.one"]


def test_a_broken_recipe_is_not_served_and_the_others_are(install: Install, serve: Serve, tmp_path: Path) -> None:
    """The log names it, the document leaves it out."""
    (tmp_path / "ratio.yaml").write_text(RECIPE, encoding="utf-8")
    (tmp_path / "torn.yaml").write_text("steps: [", encoding="utf-8")
    points = install("torn", "torn_recipes", f"FOLDER = {str(tmp_path)!r}\n", recipes={"torn": "torn_recipes:FOLDER"})
    with serve([*asymmetry(install), *points]) as client:
        assert client.post("/recipes/ratio", json={"superior": 90, "inferior": 100}).json() == {"ratio": 0.9}
        assert client.post("/recipes/torn", json={}).status_code == 404
        paths = client.get("/openapi.json").json()["paths"]
        assert ("/recipes/ratio" in paths, "/recipes/torn" in paths) == (True, False)
        assert [one["recipe"] for one in client.log if one["event"] == "not served"] == ["torn"]  # type: ignore[attr-defined]


def test_an_operation_does_not_take_a_path_of_the_service(install: Install, serve: Serve) -> None:
    """One that is called `health` is not served, and the log says so."""
    source = ASYMMETRY.replace("tiny.asymmetry", "health")
    with serve(install("well", "well_health", source, operations={"health": "well_health:asymmetry"})) as client:
        assert client.get("/health").json() == {"status": "ok"}
        assert client.post("/health", json={}).status_code == 405
        (note,) = [one["note"] for one in client.log if one["event"] == "not served"]  # type: ignore[attr-defined]
        assert note == "its path is one of the service's own"


def test_what_fetches_without_a_bucket_does_not_fetch_over_http(install: Install, serve: Serve) -> None:
    """A fetcher that reads any path is for whoever owns the machine."""
    points = install(
        "reading",
        "tiny_words",
        FETCHER,
        operations={"tiny.count": "tiny_words:count"},
        fetchers={"w": "tiny_words:WORDS"},
    )
    with serve(points) as client:
        assert client.post("/tiny.count", json={"words": ["a", "b"]}).json() == {"count": 2}
        answer = client.post("/tiny.count", json={"path": "/etc/passwd"})
        assert (answer.status_code, answer.json()["error"]["field"]) == (422, "path")
        assert client.get("/tiny.count", params={"path": "/etc/passwd"}).status_code == 405


def test_a_shipped_recipe_is_answered_as_by_run(installed: TestClient, tmp_path: Path) -> None:
    """An exam as JSON, and as the two files of its folder in one `.npz`."""
    write_exam(macula_phantom(images=False, **SMALL), tmp_path)
    arrays = dict(np.load(tmp_path / "exam.npz"))
    buffer = BytesIO()
    np.savez(buffer, json=np.array((tmp_path / "exam.json").read_text(encoding="utf-8")), **arrays)
    expected = json_bytes(run("macula", tmp_path, memo=None).outputs)
    answer = installed.post("/recipes/macula", content=buffer.getvalue(), headers={"content-type": NPZ})
    assert answer.content == expected
    exam = json_bytes(plain(macula_phantom(images=False, **SMALL)))
    answer = installed.post("/recipes/macula", content=exam, headers={"content-type": JSON})
    assert answer.content == expected
