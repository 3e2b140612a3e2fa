"""Refusals: which status an error is, and that no sentence tells what was sent."""

from __future__ import annotations

import pytest

from foveola import InputError
from foveola.errors import ExamError, StepError, UnknownNameError
from foveola.surfaces.serve.refusals import CODES, Refusal, place_of, refusal_of, without_echo

VOCABULARY = {"rnfl", "mean"}


def caused(error: Exception, cause: Exception) -> Exception:
    """An error that was raised from another."""
    error.__cause__ = cause
    return error


WRONG = InputError("size", "must be > 0")
STATUSES: dict[str, tuple[Exception, int, str, str | None]] = {
    "a refusal": (Refusal(413), 413, "TOO_LARGE", None),
    "a wrong value": (WRONG, 422, "VALIDATION_ERROR", "size"),
    "no such file": (caused(InputError("at", "none"), FileNotFoundError()), 404, "NOT_FOUND", "at"),
    "a file for a folder": (caused(InputError("at", "none"), NotADirectoryError()), 404, "NOT_FOUND", "at"),
    "a cloud that is away": (caused(InputError("at", "none"), ConnectionError()), 502, "BUCKET_UNREADABLE", "at"),
    "a value that another error showed": (caused(InputError("at", "x"), ValueError()), 422, "VALIDATION_ERROR", "at"),
    "a wrong value of a step": (StepError("halves", WRONG), 422, "STEP_FAILED", "halves"),
    "a fault of a step": (StepError("halves", ZeroDivisionError()), 500, "INTERNAL_ERROR", None),
    "no such operation": (UnknownNameError("operation", "x", []), 404, "UNKNOWN_NAME", None),
    "an error of ours": (ExamError("x", "is no exam"), 500, "INTERNAL_ERROR", None),  # type: ignore[arg-type]
    "too deep": (RecursionError(), 422, "VALIDATION_ERROR", None),
    "too large": (MemoryError(), 422, "VALIDATION_ERROR", None),
    "a fault": (ZeroDivisionError("Ann"), 500, "INTERNAL_ERROR", None),
}


@pytest.mark.parametrize(("error", "status", "code", "field"), STATUSES.values(), ids=STATUSES)
def test_an_error_is_a_status_a_code_and_a_field(error: Exception, status: int, code: str, field: str | None) -> None:
    """The status is one that is documented; a fault is told by no word of its own."""
    refusal = refusal_of(error, {}, VOCABULARY)
    assert (refusal.status, refusal.code, refusal.field) == (status, code, field)
    assert refusal.status in CODES
    assert "Ann" not in refusal.message


def test_a_step_tells_which_of_its_values_was_wrong() -> None:
    """The field is the step, the sentence begins with its parameter."""
    assert refusal_of(StepError("halves", WRONG), {}, VOCABULARY).message == "size: must be > 0"


def test_a_field_that_is_no_name_is_not_told() -> None:
    """It may be a patient's."""
    error = InputError("Ann Secret.1", "is unknown")
    assert refusal_of(error, {"Ann Secret": {"1": 0}}, VOCABULARY).field == "….…"


def test_the_place_of_an_error_is_told_without_its_sentence() -> None:
    """The class, the file and the line."""
    try:
        raise RuntimeError("Ann")  # noqa: TRY301  it must have a place
    except RuntimeError as error:
        place = place_of(error)
    assert place.startswith("RuntimeError at ")
    assert "Ann" not in place
    assert place_of(RuntimeError("Ann")) == "RuntimeError"


SENTENCES = {
    "a word of the description": ("'rnfl' was not segmented", "rnfl", "'rnfl' was not segmented"),
    "another word": ("'Ann' was not segmented", "Ann", "'…' was not segmented"),
    "a word within another": ("Anna was there, Ann was not", "Ann", "Anna was there, … was not"),
    "a text as Python writes it": (r"'a\nb' is unknown", "a\nb", "'…' is unknown"),
    "signs": ("<b> is unknown", "<b>", "… is unknown"),
    "the longer first": ("Ann Secret is unknown", ["Ann", "Ann Secret"], "… is unknown"),
    "nothing": ("must be > 0", ["", " "], "must be > 0"),
}


@pytest.mark.parametrize(("sentence", "given", "expected"), SENTENCES.values(), ids=SENTENCES)
def test_a_sentence_does_not_echo(sentence: str, given: object, expected: str) -> None:
    """What was sent is an ellipsis unless everybody may hear it."""
    assert without_echo(sentence, [given] if isinstance(given, str) else given, VOCABULARY) == expected
