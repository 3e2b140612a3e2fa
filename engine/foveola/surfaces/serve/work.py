"""What a worker does: a job and a body become an answer. Nothing here knows HTTP's wire, nor any other job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import orjson

from foveola.errors import StepError
from foveola.registry import Registry
from foveola.surfaces import python
from foveola.surfaces.describe import describe
from foveola.surfaces.serve.bodies import JSON, read_body, write_answer
from foveola.surfaces.serve.buckets import check_addresses
from foveola.surfaces.serve.examples import example_of
from foveola.surfaces.serve.queries import query_parameters, read_query
from foveola.surfaces.serve.refusals import refusal_of, words_of
from foveola.surfaces.serve.settings import Settings
from foveola.values import plain


@dataclass(frozen=True)
class Job:
    """What is asked for.

    Attributes:
        kind: an operation or a recipe.
        name: its name.
        query: what the query says; None where the body says it.
        content_type: the body's media type.
        accept: the media types that the answer may have.
    """

    kind: Literal["operation", "recipe"]
    name: str
    query: tuple[tuple[str, str], ...] | None = None
    content_type: str = ""
    accept: str = ""


@dataclass(frozen=True)
class Answer:
    """What is answered.

    Attributes:
        status: of HTTP.
        media_type: of the body.
        body: the answer, or why there is none.
        note: for the log: where in the code it failed.
        headers: to be sent with it.
    """

    status: int
    media_type: str
    body: bytes = field(repr=False)
    note: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Desk:
    """Where jobs are done, one after another.

    Args:
        settings: of the service.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._vocabularies: dict[str, frozenset[str]] = {}

    @cached_property
    def registry(self) -> Registry:
        """What is served."""
        return self._settings.registry()

    def warm_up(self) -> None:
        """Import every operation, so that no request waits for it; a broken one is told to who asks for it."""
        for name in self.registry.operation_names:
            try:
                self.registry.operation(name)
            except Exception:  # noqa: BLE001, S112  a plugin may raise anything
                continue

    def answer(self, job: Job, body: bytes) -> Answer:
        """Do a job; whatever goes wrong is an answer too."""
        given: dict[str, Any] = {}
        try:
            answer = self._call(job, body, given) if job.kind == "operation" else self._run(job, body, given)
            return Answer(200, *write_answer(answer, job.accept))
        except Exception as error:  # noqa: BLE001  a plugin may raise anything: it becomes this job's answer
            refusal = refusal_of(error, given, self._vocabulary(job))
            return Answer(refusal.status, JSON, refusal.body(), refusal.note, refusal.headers)

    def _call(self, job: Job, body: bytes, given: dict[str, Any]) -> Any:
        operation = self.registry.operation(job.name)
        if job.query is None:
            given |= read_body(job.content_type, body, self._most_bytes)
        else:
            given |= read_query(job.query, query_parameters(self.registry, operation) or {})
        check_addresses(self.registry, operation, given, self._settings.buckets)
        return self.registry.call(job.name, given, lists=False)

    def _run(self, job: Job, body: bytes, given: dict[str, Any]) -> Any:
        given |= read_body(job.content_type, body, self._most_bytes)
        result = python.run(self.registry.recipes[job.name], given, registry=self.registry, memo=None)
        for step in result.failed:
            if step.cause is not None:
                raise StepError(step.name, step.cause)
        return result.outputs

    @property
    def _most_bytes(self) -> int:
        return self._settings.most_bytes * self._settings.expansion

    def _vocabulary(self, job: Job) -> frozenset[str]:
        """The words that everybody may hear: those that describe what was asked for."""
        if job.name not in self._vocabularies:
            try:
                self._vocabularies[job.name] = self._words(job)
            except Exception:  # noqa: BLE001  a broken plugin is told as one, in fewer words
                return frozenset()
        return self._vocabularies[job.name]

    def _words(self, job: Job) -> frozenset[str]:
        if job.kind == "operation":
            return self._words_of_operation(job.name)
        text = self.registry.recipes[job.name].read_text(encoding="utf-8")
        declared = " ".join(self.registry.exam_type.declared())
        used = [self._words_of_operation(name) for name in self.registry.operation_names if name in text]
        return words_of(text).union(words_of(declared), *used)

    def _words_of_operation(self, name: str) -> frozenset[str]:
        operation = self.registry.operation(name)
        said = [describe(operation), plain(example_of(operation)), list(self.registry.stand_ins(operation))]
        return words_of(orjson.dumps(said, default=str).decode())
