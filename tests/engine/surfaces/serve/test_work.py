"""What a worker does with a job, in this process: the answer, or the refusal that whatever went wrong becomes."""

from __future__ import annotations

from functools import partial
from importlib.metadata import EntryPoint
from typing import Any
from urllib.parse import parse_qsl

import orjson
import pytest

from foveola import run
from foveola.registry import Registry
from foveola.surfaces.serve.bodies import JSON, NPZ
from foveola.surfaces.serve.settings import Settings
from foveola.surfaces.serve.work import Answer, Desk, Job
from foveola.values import json_bytes, plain
from foveola_oct.retina.phantoms import macula_phantom

POINTS = {"point_from": [0, 0], "point_to": [3, 4], "pixel_spacing_column": 0.01, "pixel_spacing_row": 0.01}
DISTANCE = "get_distance_between_two_points"
SMALL = {"num_slices": 9, "pixel_image_width": 64}


@pytest.fixture(scope="module")
def desk() -> Desk:
    """Where everything that is installed is answered."""
    return Desk(Settings())


def posted(desk: Desk, name: str, values: Any) -> Answer:
    """What an operation answers to a body."""
    return desk.answer(Job("operation", name, content_type=JSON), json_bytes(values))


def error_of(answer: Answer) -> dict[str, Any]:
    """What a refusal says."""
    assert answer.media_type == JSON
    return dict(orjson.loads(answer.body)["error"])


def test_an_operation_is_answered(desk: Desk) -> None:
    """By what the body holds."""
    assert posted(desk, DISTANCE, POINTS) == Answer(200, JSON, b'{"distance":0.05}')


def test_a_query_is_answered(desk: Desk) -> None:
    """Its texts are what the parameters' types say; lists are repeated."""
    query = parse_qsl(
        "point_from=0&point_from=0&point_to=3&point_to=4&pixel_spacing_column=1e-2&pixel_spacing_row=0.01"
    )
    assert desk.answer(Job("operation", DISTANCE, tuple(query)), b"").body == b'{"distance":0.05}'


def test_an_answer_is_an_npz_where_that_is_accepted(desk: Desk) -> None:
    """The refusal of a wrong one is JSON all the same."""
    job = Job("operation", DISTANCE, content_type=JSON, accept=NPZ)
    assert desk.answer(job, json_bytes(POINTS)).media_type == NPZ
    assert error_of(desk.answer(job, b"{}"))["code"] == "VALIDATION_ERROR"


def test_a_wrong_value_is_refused_by_its_name(desk: Desk) -> None:
    """And not told."""
    answer = posted(desk, DISTANCE, {**POINTS, "point_from": [0, "Ann Secret"]})
    assert (answer.status, error_of(answer)["field"]) == (422, "point_from.1")
    assert b"Secret" not in answer.body


def test_words_of_the_description_are_told(desk: Desk) -> None:
    """A name that is nearly right gets the right one."""
    answer = posted(desk, "get_exam_type", {"fovea_status": "found", "nerve_status": "fuond"})
    assert "not_found" in error_of(answer)["message"]
    assert "fuond" not in error_of(answer)["message"]


def test_a_recipe_is_answered_by_its_outputs(desk: Desk) -> None:
    """As `foveola.run` tells them."""
    exam = plain(macula_phantom(images=False, **SMALL))  # type: ignore[arg-type]
    answer = desk.answer(Job("recipe", "macula", content_type=JSON), json_bytes(exam))
    assert answer == Answer(200, JSON, json_bytes(run("macula", exam, memo=None).outputs))


def test_an_exam_that_a_recipe_cannot_use_is_refused(desk: Desk) -> None:
    """By the recipe's code, and with no place of this machine."""
    answer = desk.answer(Job("recipe", "macula", content_type=JSON), b"{}")
    assert (answer.status, error_of(answer)["code"]) == (422, "RECIPE_ERROR")
    assert b".yaml" not in answer.body


def test_a_step_that_refuses_its_value_is_named(desk: Desk) -> None:
    """A wrong exam is not a fault of the service."""
    exam = plain(macula_phantom(images=False, **SMALL))  # type: ignore[arg-type]
    exam["landmarks"]["indices"] = [0] * len(exam["landmarks"]["indices"])
    answer = desk.answer(Job("recipe", "macula", content_type=JSON), json_bytes(exam))
    assert (answer.status, error_of(answer)["code"]) == (422, "STEP_FAILED")
    assert error_of(answer)["field"] in {"fovea", "nerve"}


def test_what_is_not_there_is_404(desk: Desk) -> None:
    """Though no route leads to it."""
    assert posted(desk, "get_nothing", {}).status == 404


def test_a_plugin_that_fails_is_an_answer(acme: list[EntryPoint]) -> None:
    """500 and a note for the log, without the error's text; a broken one does not hinder the start."""
    torn = EntryPoint("acme.torn", "acme_is_not_there:torn", "foveola.operations")
    desk = Desk(Settings(registry=partial(Registry, (*acme, torn))))
    desk.warm_up()
    failed = posted(desk, "acme.fail", {"patient": "Ann Secret"})
    assert failed.status == 500
    assert (failed.note or "").startswith("RuntimeError at ")
    assert "Secret" not in (failed.note or "") + failed.body.decode()
    assert posted(desk, "acme.torn", {}).status == 500
