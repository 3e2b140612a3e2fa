"""200 phantom exams, three of them broken and one that kills its worker: here, in two processes, and on a Dask cluster.

Asserted is that all give the same files but for `run`, that the table has 196 exams, that `errors.jsonl` names four,
and that what was killed at half time does the rest alone when it is started again.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, perf_counter, sleep
from typing import IO, Any

from measuring import machine

from foveola_oct.readers.exam_folder import write_exam
from foveola_oct.retina.phantoms import macula_phantom

SECONDS = 600

PLUGIN = """
import os, signal
from foveola import Output, operation


class Survival(Output):
    survived: bool


@operation("acme.survive")
def survive(kills: bool) -> Survival:
    \"\"\"Kill the process that runs this, if the exam says so.\"\"\"
    if kills:
        os.kill(os.getpid(), signal.SIGKILL)
    return Survival(survived=True)
"""

RECIPE = """
recipe: survivors
inputs:
  layer_segmentation: LayerSegmentation
  kills: {type: bool, default: false}
steps:
  survival: {use: acme.survive}
  macula: {use: macula_from_layers}
outputs: {survived: $survival.survived, macula: $macula}
"""


class Cohort:
    """The exams, and how to run them."""

    def __init__(self, folder: Path, count: int) -> None:
        self.folder, self.count = folder, count
        self.exams = folder / "exams"
        (folder / "acme.py").write_text(PLUGIN, encoding="utf-8")
        (folder / "survivors.yaml").write_text(RECIPE, encoding="utf-8")
        for place in range(count):
            scan = {"num_slices": 13, "pixel_image_width": 96}
            write_exam(macula_phantom(seed=place, images=False, **scan), self.exams / f"exam_{place:03}")
        truncated, lacking, impossible, self.killer = (self.exams / f"exam_{count * k // 5:03}" for k in range(1, 5))
        archive = truncated / "exam.npz"
        archive.write_bytes(archive.read_bytes()[:-1000])
        (lacking / "exam.npz").unlink()
        self._change(impossible, pixel_spacing_column=-1)
        self._change(self.killer, kills=True)
        self.broken = {path.name for path in (truncated, lacking, impossible)}

    @staticmethod
    def _change(exam: Path, **values: Any) -> None:
        path = exam / "exam.json"
        path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | values), encoding="utf-8")

    def command(self, results: str, *words: str, exams: list[str] | None = None) -> list[str]:
        """The command that runs them."""
        of = [str(self.exams)] if exams is None else exams
        recipe, plugin = str(self.folder / "survivors.yaml"), str(self.folder / "acme.py")
        out = str(self.folder / results)
        return [sys.executable, "-m", "foveola", "run", recipe, *of, "-o", out, "--plugin", plugin, "--no-memo", *words]

    def run(self, results: str, *words: str, exams: list[str] | None = None) -> float:
        """Run them; how long it took. Some are broken, so status is 1."""
        clock = perf_counter()
        command = self.command(results, *words, exams=exams)
        ended = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
        assert ended.returncode == 1, ended.stderr
        return perf_counter() - clock

    def survivors(self) -> list[str]:
        """The exams that kill nobody."""
        return [str(path) for path in sorted(self.exams.iterdir()) if path != self.killer]

    def files(self, results: str) -> dict[str, Any]:
        """What lies in a folder of results, but for what may differ from run to run."""
        found: dict[str, Any] = {}
        for path in sorted((self.folder / results).iterdir()):
            found[path.name] = path.read_bytes()
            if path.suffix == ".json":
                found[path.name] = json.loads(found[path.name])
                del found[path.name]["run"]
        return found

    def check(self, results: str, expected: dict[str, Any]) -> None:
        """Assert that all is as it is in the run of those that kill nobody, and that the killer is told of."""
        found = self.files(results)
        errors = [json.loads(line) for line in found.pop("errors.jsonl").splitlines()]
        assert found == {name: content for name, content in expected.items() if name != "errors.jsonl"}
        assert {error["exam"] for error in errors} == {*self.broken, self.killer.name}
        (died,) = (error for error in errors if error["exam"] == self.killer.name)
        assert (died["step"], died["code"]) == (None, "WORKER_DIED")
        rows = found["results.csv"].decode().splitlines()[1:]
        assert len({row.partition(",")[0] for row in rows}) == self.count - 4

    def started(self, results: str) -> dict[str, str]:
        """When each result was computed."""
        paths = (self.folder / results).glob("*.json")
        return {path.stem: json.loads(path.read_bytes())["run"]["started"] for path in paths}


@contextmanager
def started(command: list[str], log: IO[bytes] | int, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A command in a session of its own, all of which ends with it."""
    process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, start_new_session=True)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(SECONDS)


@contextmanager
def dask_cluster(folder: Path) -> Iterator[str]:
    """A scheduler and two workers on free ports of this machine; its address."""
    file, elsewhere = folder / "scheduler.json", folder / "elsewhere"
    elsewhere.mkdir()
    dask, local = (
        [sys.executable, "-m", "dask"],
        ["--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(file)],
    )
    with ExitStack() as stack:
        log = stack.enter_context((folder / "dask.log").open("wb"))
        stack.enter_context(started([*dask, "scheduler", *local, "--port", "0"], log, elsewhere))
        wait_for(lambda: file.exists() and file.read_text(encoding="utf-8").endswith("}"))
        for _ in range(2):
            stack.enter_context(started([*dask, "worker", *local, "--nthreads", "1"], log, elsewhere))
        yield json.loads(file.read_bytes())["address"]


def wait_for(is_so: Any) -> None:
    """Wait until something is so."""
    end = monotonic() + SECONDS
    while not is_so():
        assert monotonic() < end
        sleep(0.02)


def main() -> None:
    """Run, assert, and say how long it took."""
    parser = ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--exams", type=int, default=200)
    parser.add_argument("--no-dask", action="store_true")
    options = parser.parse_args()
    with TemporaryDirectory() as name:
        cohort = Cohort(Path(name), options.exams)
        seconds = {"here": cohort.run("here", exams=cohort.survivors())}
        expected = cohort.files("here")
        seconds["-j 2"] = cohort.run("pool", "-j", "2")
        cohort.check("pool", expected)
        if not options.no_dask:
            with dask_cluster(cohort.folder) as address:
                seconds["dask"] = cohort.run("cluster", "--scheduler", address)
            cohort.check("cluster", expected)

        stopped = cohort.folder / "stopped"
        with started(cohort.command("stopped", "-j", "2"), subprocess.DEVNULL, cohort.folder) as process:
            wait_for(lambda: len(list(stopped.glob("*.json"))) >= options.exams // 2)
            os.killpg(process.pid, signal.SIGKILL)
        before = cohort.started("stopped")
        seconds["the rest, -j 2"] = cohort.run("stopped", "-j", "2")
        after = cohort.started("stopped")
        kept = sum(before.get(one) == when for one, when in after.items())
        assert kept == len([one for one in before if one not in cohort.broken])
        for stray in stopped.glob(".*"):
            stray.unlink()
        cohort.check("stopped", expected)
    line = {
        "what": f"{options.exams} exams, three broken, one kills its worker",
        "seconds": {key: round(value, 2) for key, value in seconds.items()},
        "table": options.exams - 4,
        "errors": 4,
        "done when it was killed": len(before),
        "kept of these": kept,
        "machine": machine(),
    }
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
