"""Limits: how many requests, how large, how slow. Who exceeds one is told so before it costs anything."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.requests import Request

from foveola.surfaces.serve.refusals import Refusal
from foveola.surfaces.serve.settings import Settings

CLOSE = {"connection": "close"}
"""What is left of a body that nobody reads shall not be taken for the next request."""


class Places:
    """The requests under way, and the bytes of their bodies.

    Args:
        settings: of the service.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._bytes = 0
        self.taken = 0

    @contextmanager
    def one(self) -> Iterator[Place]:
        """A place for a request.

        Raises:
            Refusal: all are taken.
        """
        if self.taken >= self._settings.places:
            raise _full()
        place = Place(self)
        self.taken += 1
        try:
            yield place
        finally:
            self.taken -= 1
            self._bytes -= place.bytes

    def add(self, place: Place, count: int) -> None:
        """Count bytes that arrived.

        Raises:
            Refusal: all bodies together are too large.
        """
        place.bytes += count
        self._bytes += count
        if self._bytes > self._settings.most_bytes_at_once:
            raise _full()


class Place:
    """One request under way."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self.bytes = 0

    def add(self, count: int) -> None:
        """Count bytes that arrived."""
        self._places.add(self, count)


async def read_whole(request: Request, place: Place, settings: Settings) -> bytes:
    """The body of a request.

    Raises:
        Refusal: it is too large, declared or not, or too slow.
        ClientDisconnect: nobody is there any more.
    """
    most = settings.most_bytes
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > most:
        raise _too_large(most)
    chunks: list[bytes] = []
    try:
        async with asyncio.timeout(settings.body_seconds):
            async for chunk in request.stream():
                place.add(len(chunk))
                if place.bytes > most:
                    raise _too_large(most)
                chunks.append(chunk)
    except TimeoutError:
        raise Refusal(408, f"A body must arrive within {settings.body_seconds:g} s.", headers=CLOSE) from None
    return b"".join(chunks)


async def gone(request: Request) -> None:
    """Return when nobody waits for the answer any more."""
    while (await request.receive())["type"] != "http.disconnect":
        continue


def _full() -> Refusal:
    return Refusal(429, headers={"retry-after": "1", **CLOSE})


def _too_large(most: int) -> Refusal:
    return Refusal(413, f"A body may have {most} bytes.", headers=CLOSE)
