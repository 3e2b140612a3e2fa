"""What is said instead of an answer: a status, a code, the field and a sentence; never a traceback, never the input.

A sentence may name numbers and words that the operation's own description uses. Any other text of the request is
replaced by an ellipsis: it may be a patient's name, or a script.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from foveola.errors import VALIDATION_ERROR, FoveolaError, InputError, RecipeError, StepError, UnknownNameError
from foveola.values import json_bytes

CODES: Mapping[int, tuple[str, str]] = {
    400: ("BAD_REQUEST", "The request is no HTTP that can be understood."),
    401: ("UNAUTHORIZED", "The bearer token is missing or wrong."),
    404: ("NOT_FOUND", "There is nothing of this name, or not in the bucket."),
    405: ("METHOD_NOT_ALLOWED", "The path takes another method."),
    408: ("BODY_TIMEOUT", "The body took too long to arrive."),
    413: ("TOO_LARGE", "The body is too large."),
    415: ("UNSUPPORTED_MEDIA_TYPE", "The body is neither JSON nor .npz."),
    421: ("MISDIRECTED_REQUEST", "Without a token the service answers only to the names of this machine."),
    422: (VALIDATION_ERROR, "A value is wrong; `field` names it."),
    429: ("TOO_MANY_REQUESTS", "All places are taken; try again."),
    500: ("INTERNAL_ERROR", "The operation failed; that is its fault, not the request's."),
    502: ("BUCKET_UNREADABLE", "The bucket cannot be read now; try again."),
    504: ("TIMEOUT", "The answer took too long."),
}
HIDDEN = "…"
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}", re.ASCII)
WORD = re.compile(r"\w+")


class Refusal(Exception):  # noqa: N818  it is one, and `except Refusal` reads as such
    """What is said instead of an answer.

    Attributes:
        status: of HTTP.
        message: the sentence; that of the status if None.
        field: what is wrong in the request.
        code: for programs; that of the status if None.
        headers: to be sent with it.
        note: for the log, about the service and not about the request.
    """

    def __init__(
        self,
        status: int,
        message: str | None = None,
        *,
        field: str | None = None,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
        note: str | None = None,
    ) -> None:
        usual_code, usual_message = CODES[status]
        self.status = status
        self.message = message or usual_message
        self.field = field or None
        self.code = code or usual_code
        self.headers = dict(headers or {})
        self.note = note
        super().__init__(self.message)

    def body(self) -> bytes:
        """The refusal as JSON."""
        return json_bytes({"error": {"code": self.code, "field": self.field, "message": self.message}})


def refusal_of(error: Exception, given: object, vocabulary: Collection[str]) -> Refusal:
    """How an error is told to whoever sent a request.

    Args:
        error: what was raised.
        given: the values of the request, which are not to be told.
        vocabulary: the words that may be told all the same.
    """
    match error:
        case Refusal():
            return error
        case InputError(field=field, message=message):
            first, dot, rest = field.partition(".")
            shown = first if IDENTIFIER.fullmatch(first) else without_echo(first, given, vocabulary)
            return Refusal(
                _status_of(error),
                without_echo(message, given, vocabulary),
                field=shown + dot + without_echo(rest, given, vocabulary),
            )
        case StepError(cause=InputError() as cause):
            told = refusal_of(cause, given, vocabulary)
            place = f"{told.field}: " if told.field else ""
            return Refusal(422, place + told.message, field=error.step, code=error.code)
        case StepError(cause=Exception() as cause):
            return Refusal(500, note=f"step {error.step}: {place_of(cause)}")
        case RecipeError(problems=problems):
            sentences = (f"{one.message} ({one.hint})" if one.hint else one.message for one in problems)
            return Refusal(422, without_echo("; ".join(sentences), given, vocabulary), code=error.code)
        case UnknownNameError():
            return Refusal(404, code=error.code)
        case FoveolaError():
            return Refusal(500, note=place_of(error))
        case RecursionError():
            return Refusal(422, "The body is nested too deeply.")
        case MemoryError():
            return Refusal(422, "The request asks for more memory than there is.")
    return Refusal(500, note=place_of(error))


def place_of(error: BaseException) -> str:
    """Where in the code an error was raised, and its class. Its sentence may hold what was given, and is left out."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" at {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else ""
    return type(error).__name__ + where


def without_echo(sentence: str, given: object, vocabulary: Collection[str]) -> str:
    """A sentence without the texts of a request, but those made of words that everybody may hear.

    >>> without_echo("'Ann' was not segmented (rnfl)", {"layer": "Ann", "maps": {"rnfl": []}}, {"rnfl"})
    "'…' was not segmented (rnfl)"
    """
    told = {
        form
        for text in _texts(given)
        for form in (text, repr(text)[1:-1])
        if len(form) <= len(sentence) and form.strip() and form in sentence
    }
    for text in sorted(told, key=len, reverse=True):
        if not set(WORD.findall(text.casefold())) <= set(vocabulary):
            start, end = (r"(?<!\w)" if text[0].isalnum() else ""), (r"(?!\w)" if text[-1].isalnum() else "")
            sentence = re.sub(start + re.escape(text) + end, HIDDEN, sentence)
    return sentence


def words_of(text: str) -> frozenset[str]:
    """The words of a text, in small letters."""
    return frozenset(WORD.findall(text.casefold()))


def _texts(value: object) -> Iterator[str]:
    """Every text in a request, keys among them."""
    pending: list[Any] = [value]
    while pending:
        match pending.pop():
            case str() as text:
                yield text
            case Mapping() as mapping:
                pending += mapping
                pending += mapping.values()
            case list() as items:
                pending += (item for item in items if isinstance(item, str | list | dict))


def _status_of(error: InputError) -> int:
    """404 where there is nothing at an address, 502 where nobody answers there, else 422: the value is wrong."""
    match error.__cause__:
        case FileNotFoundError() | NotADirectoryError():
            return 404
        case ConnectionError() | TimeoutError():
            return 502
    return 422
