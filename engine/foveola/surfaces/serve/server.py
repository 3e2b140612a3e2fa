"""The server that runs the application, and ends when it is told to: what is under way is answered first."""

from __future__ import annotations

import logging
import signal
from math import ceil
from socket import socket

import uvicorn
from fastapi import FastAPI

from foveola.surfaces.serve.app import create_app
from foveola.surfaces.serve.guards import log_to_stderr
from foveola.surfaces.serve.refusals import place_of
from foveola.surfaces.serve.settings import Settings

SECONDS_KEPT_ALIVE = 15


def run(listening: socket, settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM; ends like any function then.

    Args:
        listening: where.
        settings: what.
    """
    logger = logging.getLogger("uvicorn")
    logger.addHandler(Lines(logging.WARNING))
    logger.propagate = False
    for told in (signal.SIGINT, signal.SIGTERM):
        signal.signal(told, lambda *_: None)  # uvicorn raises them again when it is done
    host, port = listening.getsockname()[:2]
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    log_to_stderr({"event": "listening", "url": url, "workers": settings.workers, "token": settings.token is not None})
    server_of(create_app(settings), settings).run(sockets=[listening])
    log_to_stderr({"event": "stopped"})


def server_of(app: FastAPI, settings: Settings) -> uvicorn.Server:
    """What reads HTTP, and asks the application.

    It is h11, whatever else is installed: that bounds the heads of requests, before anybody has shown a token.
    """
    return uvicorn.Server(
        uvicorn.Config(
            app,
            http="h11",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            ws="none",
            lifespan="on",
            timeout_keep_alive=SECONDS_KEPT_ALIVE,
            timeout_graceful_shutdown=ceil(settings.seconds),
        )
    )


class Lines(logging.Handler):
    """What the server has to say, in the same log; of an error its place alone, since its text may hold data."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        error = record.exc_info[1] if record.exc_info else None
        note = {"note": place_of(error)} if error is not None else {}
        log_to_stderr({"event": "server", "level": record.levelname.lower(), "message": record.getMessage(), **note})
