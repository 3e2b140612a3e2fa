"""What every request passes on its way in, and every answer on its way out: the token, the log, the counts, faults."""

from __future__ import annotations

import hmac
import sys
from datetime import UTC, datetime
from hashlib import sha256
from ipaddress import ip_address
from time import perf_counter
from typing import Any
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from foveola.surfaces.serve.bodies import JSON
from foveola.surfaces.serve.metrics import Metrics
from foveola.surfaces.serve.offer import Log
from foveola.surfaces.serve.refusals import Refusal, place_of
from foveola.surfaces.serve.settings import Settings
from foveola.values import json_bytes

OPEN = frozenset({"/", "/docs", "/health"})
"""What needs no token: the page, which holds nothing until it is given one, and whether we live."""
UNMATCHED = "(no such path)"
CLIENT_GONE = 499
NOTE = "foveola.note"
"""Where in the scope a route leaves a word for the log."""
HEADERS = {"x-content-type-options": "nosniff", "cache-control": "no-store"}


def log_to_stderr(entry: dict[str, Any]) -> None:
    """Write an entry of the log: a line of JSON."""
    sys.stderr.write(
        json_bytes({"time": datetime.now(UTC).isoformat(timespec="milliseconds"), **entry}).decode() + "\n"
    )
    sys.stderr.flush()


def as_response(refusal: Refusal) -> Response:
    """A refusal as it is sent."""
    return Response(refusal.body(), refusal.status, refusal.headers, JSON)


class Journal:
    """Logs and counts each request by its route: never its query, its body, or a path that is no route of ours.

    What nobody foresaw is answered 500, and the log says where in the code it was.

    Args:
        app: what answers.
        metrics: what is counted.
        log: what is written.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, log: Log) -> None:
        self._app = app
        self._metrics = metrics
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and note it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        clock, identity, status, received, sent = perf_counter(), uuid4().hex, CLIENT_GONE, 0, 0

        async def counted_receive() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            return message

        async def counted_send(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message).update({**HEADERS, "x-request-id": identity})
            sent += len(message.get("body", b""))
            await send(message)

        self._metrics.under_way.inc()
        try:
            await self._app(scope, counted_receive, counted_send)
        except Exception as error:
            if status != CLIENT_GONE:  # the answer has begun: it can only break off
                raise
            scope[NOTE] = place_of(error)
            await as_response(Refusal(500))(scope, counted_receive, counted_send)
        finally:
            seconds = perf_counter() - clock
            route = getattr(scope.get("route"), "path", UNMATCHED)
            self._metrics.under_way.dec()
            self._metrics.count(route, scope["method"], status, seconds)
            note = {"note": scope[NOTE]} if scope.get(NOTE) else {}
            self._log(
                {
                    "event": "request",
                    "id": identity,
                    "method": scope["method"],
                    "route": route,
                    "status": status,
                    "ms": round(seconds * 1000, 1),
                    "received": received,
                    "sent": sent,
                    **note,
                }
            )


class Gate:
    """Lets in who bears the token; where none is asked for, who calls this machine by one of its own names.

    The latter keeps out web pages that have let their own name point here.

    Args:
        app: what answers.
        settings: of the service.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._expected = None if settings.token is None else _digest(settings.token.encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer who may ask."""
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        await (self._app if refusal is None else as_response(refusal))(scope, receive, send)

    def _refusal(self, scope: Scope) -> Refusal | None:
        headers = Headers(scope=scope)
        if self._expected is None:
            return None if is_loopback(_host(headers.get("host", ""))) else Refusal(421)
        scheme, _, token = headers.get("authorization", "").partition(" ")
        is_right = hmac.compare_digest(_digest(token.strip().encode("latin-1")), self._expected)
        if scope["path"] in OPEN or (is_right and scheme.lower() == "bearer"):
            return None
        return Refusal(401, headers={"www-authenticate": 'Bearer realm="foveola"'})


def is_loopback(host: str) -> bool:
    """Whether a name or an address is this machine's own and nobody else's.

    >>> [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "example.org", "")]
    [True, True, True, False, False, False]
    """
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _host(header: str) -> str:
    """The host that a header names, without its port."""
    if header.startswith("["):
        return header[1:].partition("]")[0]
    return header.rpartition(":")[0] if ":" in header else header


def _digest(text: bytes) -> bytes:
    """Digests are of one length, so that comparing them does not tell the token's."""
    return sha256(text).digest()
