"""The application: a route for each operation and recipe of a registry, and for those who look after the service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import cache
from typing import Literal

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from foveola.surfaces.serve.bodies import JSON, media_type
from foveola.surfaces.serve.document import document_of
from foveola.surfaces.serve.guards import CLIENT_GONE, NOTE, Gate, Journal, as_response, log_to_stderr
from foveola.surfaces.serve.limits import Places, gone, read_whole
from foveola.surfaces.serve.metrics import Metrics
from foveola.surfaces.serve.offer import OWN_PATHS, Log, Offer, offer_of
from foveola.surfaces.serve.page import PAGE, PAGE_HEADERS
from foveola.surfaces.serve.queries import query_parameters
from foveola.surfaces.serve.refusals import CODES, Refusal
from foveola.surfaces.serve.settings import Settings
from foveola.surfaces.serve.work import Answer, Job
from foveola.surfaces.serve.workers import WorkerDiedError, Workers
from foveola.values import json_bytes

Endpoint = Callable[[Request], Awaitable[Response]]
SECONDS_OF_GRACE = 1.0
"""How long an answer that nobody waits for any more may still take: stopping a worker costs about as much."""


def create_app(settings: Settings, log: Log = log_to_stderr) -> FastAPI:
    """The application that serves a registry.

    Args:
        settings: what it is told.
        log: takes the entries of the log.
    """
    metrics, offer = Metrics(), offer_of(settings.registry(), log)
    workers = Workers(settings, metrics.replaced.inc)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        workers.start()
        try:
            yield
        finally:
            await run_in_threadpool(workers.close)

    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, lifespan=lifespan)
    app.add_middleware(Gate, settings=settings)
    app.add_middleware(Journal, metrics=metrics, log=log)
    app.add_exception_handler(HTTPException, _refuse_by_status)

    @cache
    def document() -> bytes:
        return json_bytes(document_of(offer, with_token=settings.token is not None))

    _add_own_routes(app, document, metrics)
    _add_routes(app, offer, _Reception(settings, workers))
    return app


def _add_own_routes(app: FastAPI, document: Callable[[], bytes], metrics: Metrics) -> None:
    async def openapi(_request: Request) -> Response:
        return Response(await run_in_threadpool(document), media_type=JSON)

    async def page(_request: Request) -> Response:
        return Response(PAGE, headers=PAGE_HEADERS, media_type="text/html")

    async def health(_request: Request) -> Response:
        return Response(json_bytes({"status": "ok"}), media_type=JSON)

    async def counts(_request: Request) -> Response:
        return Response(metrics.text(), media_type=metrics.media_type)

    for path, endpoint in zip(OWN_PATHS, (page, page, health, counts, openapi), strict=True):
        app.add_api_route(path, endpoint, methods=["GET"])


def _add_routes(app: FastAPI, offer: Offer, reception: _Reception) -> None:
    for name, operation in offer.operations.items():
        methods = ["POST"] if query_parameters(offer.registry, operation) is None else ["GET", "POST"]
        app.add_api_route(f"/{name}", reception.endpoint("operation", name), methods=methods)
    for name in offer.recipes:
        app.add_api_route(f"/recipes/{name}", reception.endpoint("recipe", name), methods=["POST"])


class _Reception:
    """Where requests are taken to the workers."""

    def __init__(self, settings: Settings, workers: Workers) -> None:
        self._settings = settings
        self._workers = workers
        self._places = Places(settings)

    def endpoint(self, kind: Literal["operation", "recipe"], name: str) -> Endpoint:
        """What answers requests for an operation or a recipe."""

        async def endpoint(request: Request) -> Response:
            try:
                with self._places.one() as place:
                    body = await read_whole(request, place, self._settings)
                    answer = await self._answer(_job(request, kind, name), body, request)
            except Refusal as refusal:
                request.scope[NOTE] = refusal.note
                return as_response(refusal)
            except ClientDisconnect:
                return Response(status_code=CLIENT_GONE)
            request.scope[NOTE] = answer.note
            return Response(answer.body, answer.status, dict(answer.headers), answer.media_type)

        return endpoint

    async def _answer(self, job: Job, body: bytes, request: Request) -> Answer:
        """A worker's answer, unless it takes too long or nobody waits for it any more."""
        answer = asyncio.ensure_future(self._workers.answer(job, body))
        nobody = asyncio.ensure_future(gone(request))
        try:
            done, _ = await asyncio.wait(
                {answer, nobody}, timeout=self._settings.seconds, return_when=asyncio.FIRST_COMPLETED
            )
            if nobody in done and answer not in done:
                await asyncio.wait({answer}, timeout=SECONDS_OF_GRACE)
                raise ClientDisconnect
            if answer not in done:
                raise Refusal(504, f"An answer may take {self._settings.seconds:g} s.")
            return answer.result()
        except WorkerDiedError:
            raise Refusal(500, note="the worker died") from None
        finally:
            for task in (answer, nobody):
                task.cancel()
            await asyncio.gather(answer, nobody, return_exceptions=True)


def _job(request: Request, kind: Literal["operation", "recipe"], name: str) -> Job:
    by_query, said = request.method == "GET", tuple(request.query_params.multi_items())
    if said and not by_query:
        raise Refusal(422, "The values stand in the body; the query must be empty.")
    headers = request.headers
    content_type = media_type(headers.get("content-type", ""))
    return Job(kind, name, said if by_query else None, content_type, headers.get("accept", ""))


async def _refuse_by_status(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = getattr(error, "headers", None)
    return as_response(Refusal(status if status in CODES else 500, headers=headers))
