"""Recipes in an editor: the real yaml-language-server, told by the schema, completes, explains and marks."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from foveola.registry import Registry
from foveola.surfaces.schema import recipe_schema
from foveola.values import json_bytes

ROOT = Path(__file__).parents[3]
SERVER = ROOT / "tests" / "node" / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
MODELINE = "# yaml-language-server: $schema=foveola.schema.json"
RECIPE = f"""{MODELINE}
recipe: central
inputs:
  layer_segmentation: LayerSegmentation
steps:
  thickness:
    use: get_layer_thickness_map
    with: {{segmentation_instances: $layer_segmentation}}
  etdrs:
    use: get_etdrs
    with:
      used_layers: [rnfl]
      statistics: [mean]
outputs: {{etdrs: $etdrs.statistics}}
"""

pytestmark = pytest.mark.skipif(
    not SERVER.is_file() or shutil.which("node") is None,
    reason="node, or yaml-language-server in tests/node, is missing",
)


class Editor:
    """An editor, as far as its server sees it: one document, and questions about places in it."""

    def __init__(self, server: subprocess.Popen[bytes], folder: Path) -> None:
        self._server = server
        self._folder = folder
        self._asked = 0
        self._marked: dict[str, list[dict[str, Any]]] = {}
        self.ask("initialize", {"processId": None, "rootUri": folder.as_uri(), "capabilities": CAPABILITIES})
        self._tell("initialized", {})

    def open(self, text: str) -> str:
        """Open a recipe; its address."""
        self._asked += 1
        uri = (self._folder / f"recipe_{self._asked}.yaml").as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._tell("textDocument/didOpen", {"textDocument": document})
        return uri

    def ask_at(self, question: str, text: str) -> Any:
        """Ask about the place of `|` in a recipe."""
        before, _, after = text.partition("|")
        uri = self.open(before + after)
        position = {"line": before.count("\n"), "character": len(before.rpartition("\n")[2])}
        return self.ask(f"textDocument/{question}", {"textDocument": {"uri": uri}, "position": position})

    def completions(self, text: str) -> dict[str, str]:
        """What is offered at the place of `|`, with what is said of each."""
        found = self.ask_at("completion", text)
        items = found["items"] if isinstance(found, dict) else found
        return {item["label"]: _said(item.get("documentation", "")) for item in items}

    def marked(self, text: str) -> list[tuple[str, str]]:
        """What is marked as wrong in a recipe: the text, and what is said of it."""
        uri = self.open(text)
        while uri not in self._marked:
            self._hear()
        lines = text.splitlines()
        places = [(one["range"]["start"], one["range"]["end"], one["message"]) for one in self._marked[uri]]
        return [(lines[start["line"]][start["character"] : end["character"]], said) for start, end, said in places]

    def ask(self, method: str, params: dict[str, Any]) -> Any:
        """The answer to a request."""
        self._asked += 1
        number = self._asked
        self._send({"id": number, "method": method, "params": params})
        while (message := self._hear()).get("id") != number or "method" in message:
            pass
        return message["result"]

    def _tell(self, method: str, params: dict[str, Any]) -> None:
        self._send({"method": method, "params": params})

    def _send(self, message: dict[str, Any]) -> None:
        content = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._server.stdin is not None
        self._server.stdin.write(b"Content-Length: %d\r\n\r\n" % len(content) + content)
        self._server.stdin.flush()

    def _hear(self) -> dict[str, Any]:
        """The next message; what the server asks is answered, what it marks is kept."""
        assert self._server.stdout is not None
        size = 0
        while (line := self._server.stdout.readline().strip()) or not size:
            if line.lower().startswith(b"content-length:"):
                size = int(line.partition(b":")[2])
        message: dict[str, Any] = json.loads(self._server.stdout.read(size))
        if "id" in message and "method" in message:
            asked = message["params"].get("items", []) if isinstance(message.get("params"), dict) else []
            self._send({"id": message["id"], "result": [SETTINGS.get(one.get("section"), {}) for one in asked]})
        if message.get("method") == "textDocument/publishDiagnostics":
            self._marked[message["params"]["uri"]] = message["params"]["diagnostics"]
        return message


CAPABILITIES = {
    "workspace": {"configuration": True},
    "textDocument": {"completion": {"completionItem": {"documentationFormat": ["markdown"]}}, "hover": {}},
}
SETTINGS = {"yaml": {"validate": True, "hover": True, "completion": True, "schemaStore": {"enable": False}}}


def _said(words: Any) -> str:
    return str(words["value"] if isinstance(words, dict) else words)


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    """An editor beside whose recipes lies what `foveola schema` prints."""
    folder = tmp_path_factory.mktemp("editor")
    schema = json_bytes(recipe_schema(Registry.installed()))
    (folder / "foveola.schema.json").write_bytes(schema)
    command = ["node", str(SERVER), "--stdio"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        yield Editor(server, folder)
        server.terminate()


def test_a_good_recipe_is_not_marked(editor: Editor) -> None:
    """The modeline leads to the schema, and the schema takes it."""
    assert editor.marked(RECIPE) == []


@pytest.mark.parametrize("path", Registry.installed().recipes.values(), ids=lambda path: path.stem)
def test_a_shipped_recipe_has_the_modeline_and_is_not_marked(editor: Editor, path: Path) -> None:
    """As the server sees it."""
    text = path.read_text(encoding="utf-8")
    assert text.startswith(MODELINE)
    assert editor.marked(text) == []


def test_operations_and_recipes_complete_at_use(editor: Editor) -> None:
    """Every one, with what it is for."""
    offered = editor.completions(RECIPE.replace("use: get_etdrs", "use: |"))
    registry = Registry.installed()
    assert set(offered) == {*registry.operation_names, *registry.recipes}
    assert offered["get_etdrs"] == registry.operation("get_etdrs").about
    assert offered["macula"].startswith("Layer thickness, ETDRS, GCC")


def test_parameters_complete_within_with(editor: Editor) -> None:
    """Those of the step's own operation that are not there yet, with unit and description."""
    offered = editor.completions(RECIPE.replace("[mean]", "[mean]\n      |"))
    parameters = Registry.installed().operation("get_etdrs").parameters
    assert set(offered) == set(parameters) - {"used_layers", "statistics"}
    assert offered["pixel_spacing_row"].startswith(parameters["pixel_spacing_row"].description)
    assert "Unit: mm." in offered["pixel_spacing_row"]


def test_inputs_of_a_shipped_recipe_complete_within_with(editor: Editor) -> None:
    """They are its parameters."""
    step = "  whole:\n    use: macula\n    with:\n      |\noutputs:"
    offered = editor.completions(RECIPE.replace("outputs:", step))
    assert {"layer_segmentation", "landmarks", "exam"} <= set(offered)
    assert offered["layer_segmentation"].startswith("LayerSegmentation.")


@pytest.mark.parametrize(
    ("there", "typed", "offered"),
    [
        pytest.param("statistics: [mean]", "coverage: |", {"area", "center"}, id="choices"),
        pytest.param(": LayerSegmentation", ": |", set(Registry.installed().type_names), id="types"),
        pytest.param("    use: get_etdrs", "    use: get_etdrs\n    |", {"when", "foreach"}, id="words of a step"),
        pytest.param("inputs:", "|\ninputs:", {"about", "context"}, id="words of a recipe"),
    ],
)
def test_what_is_known_completes(editor: Editor, there: str, typed: str, offered: set[str]) -> None:
    """Where there is a choice."""
    assert set(editor.completions(RECIPE.replace(there, typed))) == offered


@pytest.mark.parametrize(
    ("place", "words"),
    [
        pytest.param("use: get_|etdrs", "nine ETDRS fields", id="an operation"),
        pytest.param("used_|layers", "Layers to sum, by the names of the maps", id="a parameter"),
        pytest.param("out|puts", "What is asked for", id="a word"),
    ],
)
def test_what_is_written_is_explained(editor: Editor, place: str, words: str) -> None:
    """By hovering over it."""
    shown = editor.ask_at("hover", RECIPE.replace(place.replace("|", ""), place))
    assert words in shown["contents"]["value"].replace("\\", "")


@pytest.mark.parametrize(
    ("good", "bad", "marks"),
    [
        pytest.param(
            "used_layers", "used_layer", [("used_layer", "Property used_layer is not allowed.")], id="parameter"
        ),
        pytest.param(
            "statistics: [mean]\n",
            "statistics: [mean]\n    forech: $a\n",
            [("forech", "Property forech is not allowed.")],
            id="word",
        ),
        pytest.param(
            "outputs:", "about: 5\noutputs:", [("5", 'Incorrect type. Expected "string".')], id="another type"
        ),
        pytest.param(
            "outputs:",
            "  whole: {use: macula, with: {layer_segmentatoin: 1}}\noutputs:",
            [("layer_segmentatoin", "Property layer_segmentatoin is not allowed.")],
            id="input of a recipe",
        ),
    ],
)
def test_what_is_wrong_is_marked(editor: Editor, good: str, bad: str, marks: list[tuple[str, str]]) -> None:
    """In its place, and nothing else is."""
    assert editor.marked(RECIPE.replace(good, bad)) == marks


def test_an_operation_that_is_none_is_marked(editor: Editor) -> None:
    """With those that there are."""
    ((place, said),) = editor.marked(RECIPE.replace("use: get_etdrs", "use: get_etdr"))
    assert place == "get_etdr"
    assert '"get_etdrs"' in said
