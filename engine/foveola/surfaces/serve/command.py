"""`foveola serve`: the operations and recipes over HTTP."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from socket import socket

TOKEN, BUCKETS = "FOVEOLA_TOKEN", "FOVEOLA_BUCKETS"
PORT = 8000


@click.command()
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Where to listen; beyond this machine with a token."
)
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(0, 65535), help="0: any that is free.")
@click.option(
    "--token-file", type=click.Path(path_type=Path), help=f"Holds what callers must bear; else ${TOKEN} does."
)
@click.option(
    "--bucket",
    "buckets",
    multiple=True,
    help=f"What may be fetched from, NAME or CLOUD:NAME; repeatable. Else ${BUCKETS}.",
)
@click.option("--workers", type=click.IntRange(1), help="Processes that answer; by default one a processor.")
@click.option("--places", type=click.IntRange(1), help="Requests under way at once; more are answered 429.")
@click.option("--max-body", "max_mebi", type=click.IntRange(1), metavar="MIB", help="The largest body.")
@click.option("--max-memory", type=click.IntRange(64), metavar="MIB", help="What a worker may take.")
@click.option(
    "--body-timeout", "body_seconds", type=click.FloatRange(0, min_open=True), metavar="S", help="For a body."
)
@click.option("--timeout", "seconds", type=click.FloatRange(0, min_open=True), metavar="S", help="For an answer.")
def serve(
    host: str,
    port: int,
    token_file: Path | None,
    buckets: tuple[str, ...],
    max_mebi: int | None,
    max_memory: int | None,
    **given: float | None,
) -> None:
    """Serve the operations and recipes over HTTP, until interrupted; /docs shows them."""
    try:
        from foveola.surfaces.serve import guards, server  # noqa: PLC0415  only who serves pays for it
    except ModuleNotFoundError as error:
        raise click.UsageError(f"{error.name} is not installed: pip install 'foveola[serve]'") from None
    from foveola.surfaces.serve.settings import MEBI, Settings  # noqa: PLC0415  likewise

    token = _token(token_file)
    if token is None and not guards.is_loopback(host):
        raise click.UsageError(f"{host} can be reached from elsewhere: give --token-file or ${TOKEN}")
    limits = {name: value for name, value in given.items() if value is not None}
    if max_mebi is not None:
        limits["most_bytes"] = max_mebi * MEBI
    if max_memory is not None:
        limits["most_memory"] = max_memory * MEBI
    allowed = buckets or tuple(os.environ.get(BUCKETS, "").replace(",", " ").split())
    server.run(_socket(host, port), Settings(token=token, buckets=allowed, **limits))  # type: ignore[arg-type]


def _token(file: Path | None) -> str | None:
    """What callers must bear; None if nobody said."""
    if file is None and TOKEN not in os.environ:
        return None
    try:
        token = os.environ[TOKEN] if file is None else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"--token-file cannot be read: {type(error).__name__}") from None
    token = token.strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise click.UsageError("the token is empty, or holds what a header cannot; one word of ASCII is needed")
    return token


def _socket(host: str, port: int) -> socket:
    """A socket that listens."""
    import socket  # noqa: PLC0415  only who serves pays for it

    listening = None
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen()  # who calls while the service gets ready is answered when it is
    except OSError as error:
        if listening is not None:
            listening.close()
        raise click.UsageError(f"cannot listen on {host}, port {port}: {error.strerror or error}") from None
    return listening
