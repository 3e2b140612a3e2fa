"""`get_etdrs` over HTTP on 11 maps of 128 x 1024: as JSON and as `.npz`, beside a plain FastAPI handler with lists.

Each service has as many worker processes as the other and is asked by as many clients at once, in turns; the clients
share the machine with it. All answers are compared with `foveola.call`.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from socket import AF_INET, SOCK_STREAM, create_connection, socket
from time import perf_counter, sleep

import numpy as np
from measuring import OURS, read_options, report
from synthetic import Size

import foveola
from foveola.archives import write_archive
from foveola.values import json_bytes

PATH = "/get_etdrs"
NPZ, PLAIN = "foveola .npz", "plain FastAPI"
MEDIA_TYPES = {OURS: "application/json", NPZ: "application/x-npz", PLAIN: "application/json"}
START_SECONDS = 30


def request_of(size: Size) -> dict[str, object]:
    """Maps of noise, in thousandths of a pixel as models give them."""
    noise = np.random.default_rng(0)
    maps = {name: np.round(noise.uniform(5, 60, (size.slices, size.columns)), 3) for name in size.layer_names}
    asked = {"used_layers": list(maps), "statistics": ["mean", "std"]}
    return {"layers_thickness_maps": maps, **asked, **size.spacings}


def as_npz(request: dict[str, object]) -> bytes:
    """The request as an `.npz`."""
    rest = dict(request)
    maps: dict[str, np.ndarray] = rest.pop("layers_thickness_maps")  # type: ignore[assignment]
    buffer = BytesIO()
    members = {f"layers_thickness_maps/{name}": values for name, values in maps.items()}
    write_archive(buffer, {**members, "json": np.array(json_bytes(rest).decode())})
    return buffer.getvalue()


@contextmanager
def running(*command: str) -> Iterator[int]:
    """A service on a free port, ready to answer."""
    with socket(AF_INET, SOCK_STREAM) as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    log = subprocess.DEVNULL
    words = [sys.executable, "-m", *command, "--port", str(port)]
    service = subprocess.Popen(words, cwd=Path(__file__).parent, stdout=log, stderr=log)
    try:
        for _ in range(START_SECONDS * 20):
            try:
                create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                sleep(0.05)
        yield port
    finally:
        service.terminate()
        service.wait()


@dataclass
class Tally:
    """What came of many requests."""

    latencies: list[float] = field(default_factory=list)
    errors: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def as_json(self) -> dict[str, float]:
        """The figures."""
        p50, p99 = (round(float(cut), 3) for cut in np.percentile(self.latencies, (50, 99)))
        return {
            "rate": round(self.rate, 2),
            "p50": p50,
            "p99": p99,
            "errors": self.errors,
            "requests": len(self.latencies),
        }


async def ask(
    tally: Tally, port: int, media_type: str, body: bytes, expected: object, clients: int, seconds: float
) -> None:
    """Ask with so many clients at once, each again as soon as it is answered."""
    head = (
        f"POST {PATH} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: {media_type}\r\ncontent-length: {len(body)}\r\n\r\n"
    ).encode()
    clock = perf_counter()

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        begun = clock
        while begun == clock or perf_counter() - clock < seconds:  # once at least
            begun = perf_counter()
            writer.write(head)
            writer.write(body)
            await writer.drain()
            status, *lines = (await reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
            length = next(int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length"))
            answer = await reader.readexactly(length)
            tally.latencies.append(perf_counter() - begun)
            tally.errors += b" 200 " not in status or json.loads(answer) != expected
        writer.close()

    ended = await asyncio.gather(*(client() for _ in range(clients)), return_exceptions=True)
    tally.errors += sum(isinstance(one, BaseException) for one in ended)
    tally.seconds += perf_counter() - clock


def main() -> None:
    """Measure."""
    options = read_options(__doc__ or "", clients=32, rounds=1, workers=os.cpu_count() or 1)
    size = Size.of(options)
    request = request_of(size)
    expected = json.loads(json_bytes(foveola.call("get_etdrs", **request)))  # type: ignore[arg-type]
    bodies = {OURS: json_bytes(request), NPZ: as_npz(request), PLAIN: json_bytes(request)}
    workers = ("--workers", str(options.workers))
    tallies = {name: Tally() for name in bodies}
    with (
        running("foveola", "serve", *workers) as ours,
        running("uvicorn", "plain_service:app", "--log-level", "error", *workers) as plain,
    ):
        ports = {OURS: ours, NPZ: ours, PLAIN: plain}
        for turn in range(options.rounds + 1):
            for name, body in bodies.items():
                tally, seconds = (tallies[name], options.seconds) if turn else (Tally(), 1.0)  # once to get warm
                asyncio.run(ask(tally, ports[name], MEDIA_TYPES[name], body, expected, options.clients, seconds))
    figures = {name: tally.as_json() for name, tally in tallies.items()}
    report(
        f"`POST {PATH}`, {options.clients} clients, a request",
        f"{PLAIN} takes >= 2 x as long; as .npz >= 4 x",
        f"{len(bodies[OURS]) / 1e6:.1f} MB of JSON, {len(bodies[NPZ]) / 1e6:.1f} MB of .npz",
        {name: 1 / tally.rate for name, tally in tallies.items()},
        note="; ".join(
            f"{name}: {one['rate']:.3g}/s, p50 {one['p50']:.2f} s, p99 {one['p99']:.2f} s, {one['errors']:.0f} errors"
            for name, one in figures.items()
        )
        + f"; as .npz {tallies[NPZ].rate / tallies[PLAIN].rate:.3g} x the rate of {PLAIN}",
        figures=figures,
    )


if __name__ == "__main__":
    main()
