"""Bodies as values and answers as bodies: JSON, and `.npz` with arrays under their path."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import orjson
import pytest

from foveola import InputError
from foveola.surfaces.serve.bodies import JSON, MOST_MEMBERS, NPZ, media_type, read_body, write_answer
from foveola.surfaces.serve.refusals import Refusal

MOST = 2**20
PICKLED = np.array([{"a": 1}], dtype=object)


def npz(**members: Any) -> bytes:
    """An `.npz`."""
    buffer = BytesIO()
    np.savez(buffer, **members)
    return buffer.getvalue()


def test_json_is_its_values() -> None:
    """Null stays null; who reads a map takes it for NaN."""
    assert read_body(JSON, b'{"a": [1, null], "b": {"c": "d"}}', MOST) == {"a": [1, None], "b": {"c": "d"}}


def test_arrays_join_the_text_under_their_paths() -> None:
    """They come as they are, and what is nested in the text stands beside them."""
    maps = np.array([[1.5, np.nan]])
    body = npz(json=np.array('{"maps": {"about": "x"}, "size": 2}'), **{"maps/rnfl": maps, "count": np.array(3)})
    values = read_body(NPZ, body, MOST)
    np.testing.assert_array_equal(values["maps"]["rnfl"], maps)
    assert (values["maps"]["about"], values["size"], values["count"]) == ("x", 2, 3)


def test_an_npz_may_have_no_text() -> None:
    """Arrays alone are values too."""
    assert read_body(NPZ, npz(size=np.array(2.5)), MOST) == {"size": 2.5}


WRONG: dict[str, tuple[str, bytes, str, str]] = {
    "no JSON": (JSON, b"{", "body", "is not JSON"),
    "no object": (JSON, b"[]", "body", "must be one JSON object"),
    "NaN": (JSON, b'{"a": NaN}', "body", "is not JSON"),
    "no zip": (NPZ, b"PK", "body", "is truncated or no .npz file"),
    "text that is no JSON": (NPZ, npz(json=np.array("{")), "body.json", "is not JSON"),
    "text that is a number": (NPZ, npz(json=np.zeros(2)), "body.json", "must be one text"),
    "a pickle": (NPZ, npz(a=PICKLED), "body", "member 'a'"),
    "a pickle in the place of the text": (NPZ, npz(json=PICKLED), "body", "member 'json'"),
    "a path through a value": (NPZ, npz(json=np.array('{"a": 1}'), **{"a/b": np.zeros(2)}), "body", "a/b"),
}


@pytest.mark.parametrize(("kind", "body", "field", "message"), WRONG.values(), ids=WRONG)
def test_what_is_malformed_is_a_wrong_value(kind: str, body: bytes, field: str, message: str) -> None:
    """Named by the place in the body; nothing is unpickled."""
    with pytest.raises(InputError) as told:
        read_body(kind, body, MOST)
    assert told.value.field == field
    assert message in told.value.message


TOO_MUCH = {
    "zeros that pack well": npz(a=np.zeros(MOST)),
    "members without end": npz(**{f"a{index}": np.zeros(0) for index in range(MOST_MEMBERS + 1)}),
}


@pytest.mark.parametrize("body", TOO_MUCH.values(), ids=TOO_MUCH)
def test_what_unpacks_to_too_much_is_not_unpacked(body: bytes) -> None:
    """413, by what the file declares."""
    with pytest.raises(Refusal) as told:
        read_body(NPZ, body, MOST)
    assert told.value.status == 413


def test_another_kind_is_refused() -> None:
    """415."""
    with pytest.raises(Refusal) as told:
        read_body("text/plain", b"{}", MOST)
    assert told.value.status == 415


def test_a_media_type_is_told_without_its_parameters() -> None:
    """In any case of letters."""
    assert media_type(" Application/JSON; charset=utf-8") == JSON


ANSWER = {
    "maps": {"rnfl": np.array([[1.0, np.nan]]), "a/b": np.array([1.0])},
    "json": np.array([2.0]),
    "status": "OK",
}


@pytest.mark.parametrize("accept", ["", "*/*", "application/json", "text/html, application/json;q=0.9"])
def test_an_answer_is_json(accept: str) -> None:
    """NaN is null."""
    kind, body = write_answer(ANSWER, accept)
    assert kind == JSON
    assert orjson.loads(body) == {"maps": {"rnfl": [[1.0, None]], "a/b": [1.0]}, "json": [2.0], "status": "OK"}


def test_an_answer_is_an_npz_for_who_accepts_it() -> None:
    """Arrays are members under their paths; what has no path of its own stays in the text, and is read back alike."""
    kind, body = write_answer(ANSWER, "application/json;q=0.5, application/x-npz")
    assert kind == NPZ
    with np.load(BytesIO(body), allow_pickle=False) as members:
        assert set(members.files) == {"maps/rnfl", "json"}
        assert orjson.loads(str(members["json"])) == {"maps": {"a/b": [1.0]}, "json": [2.0], "status": "OK"}
    values = read_body(NPZ, body, MOST)
    np.testing.assert_array_equal(values["maps"]["rnfl"], ANSWER["maps"]["rnfl"])  # type: ignore[index]


def test_an_answer_that_is_a_list_is_text_in_an_npz() -> None:
    """It has no names to be members by."""
    _, body = write_answer([1, 2], NPZ)
    with np.load(BytesIO(body), allow_pickle=False) as members:
        assert str(members["json"]) == "[1,2]"
