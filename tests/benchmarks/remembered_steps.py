"""Ten steps with nine arrays of a mebibyte between them: cold, remembered, with the last changed; a process each.

Every contestant is a process of its own that ran once before on the same folder. Told is the best time of the run
alone, after imports and building, and how many array files were opened in it. joblib, pipefunc, Hamilton, doit and
redun remember the same ten steps in the way that their documentation shows first.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from types import ModuleType
from typing import Any

from measuring import OURS, optional, read_options, report

STEPS = 10
COUNT = 131_072
Run = Callable[[float], object]


def recipe_of(count: int) -> str:
    """The recipe: one step begins, eight shift, the last sums; `last` is that one's parameter."""
    shifts = [
        f"  s{k}: {{use: bench.shift, with: {{values: $s{k - 1}.values, by: {k}.0}}}}\n" for k in range(1, STEPS - 1)
    ]
    return (
        "recipe: ten\ninputs: {start: float, last: float}\nsteps:\n"
        f"  s0: {{use: bench.begin, with: {{value: $start, count: {count}}}}}\n{''.join(shifts)}"
        f"  s9: {{use: bench.total, with: {{values: $s{STEPS - 2}.values, by: $last}}}}\n"
        "outputs: {total: $s9.value}\n"
    )


def in_foveola(folder: Path, count: int) -> Run:
    """The recipe with the store that `FOVEOLA_MEMO` names; tells the run's own time."""
    from adding import OPERATIONS  # noqa: PLC0415  each contestant imports what it needs

    import foveola  # noqa: PLC0415  likewise
    from foveola.testing import closed_registry  # noqa: PLC0415  likewise

    os.environ["FOVEOLA_MEMO"] = str(folder / "memo")
    path = folder / "ten.yaml"
    path.write_text(recipe_of(count), encoding="utf-8")
    registry = closed_registry(OPERATIONS)

    def run(last: float) -> object:
        result = foveola.run(path, {"start": 1.0, "last": last}, registry=registry)
        states = [step.state for step in result.steps.values()]
        return {"value": result.outputs["total"], "seconds": result.seconds, "computed": states.count("computed")}

    return run


def in_joblib(folder: Path, count: int) -> Run:
    """Functions cached by `joblib.Memory`, arrays memory-mapped."""
    import joblib  # noqa: PLC0415  a peer
    import peer_steps as steps  # noqa: PLC0415  likewise

    memory = joblib.Memory(folder / "joblib", mmap_mode="r", verbose=0)
    begin, shift, total = (memory.cache(step) for step in (steps.begin, steps.shift, steps.total))

    def run(last: float) -> object:
        values = begin(1.0, count)
        for k in range(1, STEPS - 1):
            values = shift(values, float(k))
        return float(total(values, last))

    return run


def in_pipefunc(folder: Path, count: int) -> Run:
    """A `Pipeline` with a cache on disk."""
    import peer_steps as steps  # noqa: PLC0415  a peer
    from pipefunc import PipeFunc, Pipeline  # noqa: PLC0415  likewise

    functions = [PipeFunc(steps.begin, "v0", renames={"value": "start"}, cache=True)]
    functions += [
        PipeFunc(steps.shift, f"v{k}", renames={"values": f"v{k - 1}", "by": f"by{k}"}, cache=True)
        for k in range(1, STEPS - 1)
    ]
    functions += [PipeFunc(steps.total, "total", renames={"values": "v8", "by": "last"}, cache=True)]
    line = Pipeline(functions, cache_type="disk", cache_kwargs={"cache_dir": folder / "pipefunc"})
    fixed = {f"by{k}": float(k) for k in range(1, STEPS - 1)}
    return lambda last: float(line("total", start=1.0, count=count, last=last, **fixed))


def in_hamilton(folder: Path, count: int) -> Run:
    """Functions named after what they make, a driver with its cache."""
    from hamilton import driver  # noqa: PLC0415  a peer

    lines = [
        "import numpy as np",
        "def v0(start: float, count: int) -> np.ndarray:\n    return np.arange(count, dtype=np.float64) + start",
        *(f"def v{k}(v{k - 1}: np.ndarray) -> np.ndarray:\n    return v{k - 1} + {k}.0" for k in range(1, STEPS - 1)),
        "def total(v8: np.ndarray, last: float) -> float:\n    return float(v8.sum()) * last",
    ]
    (folder / "hamilton_steps.py").write_text("\n\n".join(lines) + "\n", encoding="utf-8")
    sys.path.insert(0, str(folder))
    import hamilton_steps  # noqa: PLC0415  written above

    built = driver.Builder().with_modules(hamilton_steps).with_cache(path=folder / "hamilton").build()
    return lambda last: built.execute(["total"], inputs={"start": 1.0, "count": count, "last": last})["total"]


def in_doit(folder: Path, count: int) -> Run:
    """Tasks whose targets are files; what is up to date is known by the files' digests."""
    import numpy as np  # noqa: PLC0415  a peer
    import peer_steps as steps  # noqa: PLC0415  likewise
    from doit.cmd_base import ModuleTaskLoader  # noqa: PLC0415  likewise
    from doit.doit_cmd import DoitMain  # noqa: PLC0415  likewise
    from doit.tools import config_changed  # noqa: PLC0415  likewise

    files = [str(folder / f"doit{k}.npy") for k in range(STEPS)]

    def make(k: int, last: float) -> None:
        if k == 0:
            np.save(files[0], steps.begin(1.0, count))
        elif k < STEPS - 1:
            np.save(files[k], steps.shift(np.load(files[k - 1]), float(k)))
        else:
            np.save(files[k], steps.total(np.load(files[k - 1]), last))

    def run(last: float) -> object:
        def task_step() -> Any:
            for k in range(STEPS):
                yield {
                    "name": str(k),
                    "actions": [(make, [k, last])],
                    "file_dep": files[k - 1 : k] if k else [],
                    "targets": [files[k]],
                    "uptodate": [config_changed(str(last if k == STEPS - 1 else k))],
                }

        configuration = {"dep_file": str(folder / "doit.db"), "verbosity": 0, "reporter": "zero"}
        tasks = ModuleType("dodo")
        vars(tasks).update(task_step=task_step, DOIT_CONFIG=configuration)
        DoitMain(ModuleTaskLoader(tasks)).run([])
        return float(np.load(files[-1]))

    return run


def in_redun(folder: Path, count: int) -> Run:
    """Tasks run by a scheduler with its database beside."""
    import logging  # noqa: PLC0415  a peer

    import peer_steps as steps  # noqa: PLC0415  likewise
    from redun import Scheduler, task  # noqa: PLC0415  likewise
    from redun.config import Config  # noqa: PLC0415  likewise

    logging.getLogger("redun").setLevel(logging.ERROR)
    begin, shift, total = (
        task(name=step.__name__, namespace="bench", version="1")(step)
        for step in (steps.begin, steps.shift, steps.total)
    )
    scheduler = Scheduler(config=Config({"backend": {"db_uri": f"sqlite:///{folder / 'redun.db'}"}}))
    scheduler.load()

    def run(last: float) -> object:
        values = begin(1.0, count)
        for k in range(1, STEPS - 1):
            values = shift(values, float(k))
        return float(scheduler.run(total(values, last)))

    return run


CONTESTANTS = {
    OURS: ("foveola", in_foveola),
    "doit": ("doit", in_doit),
    "pipefunc": ("pipefunc", in_pipefunc),
    "Hamilton": ("hamilton", in_hamilton),
    "joblib": ("joblib", in_joblib),
    "redun": ("redun", in_redun),
}


def run_once(name: str, folder: Path, count: int, last: float) -> None:
    """In a process of its own: build, run, tell."""
    run = CONTESTANTS[name][1](folder, count)
    opened: list[str] = []
    endings = (".npy", ".pkl", ".pickle")
    sys.addaudithook(lambda event, words: opened.append(str(words[0])) if event == "open" else None)
    clock = perf_counter()
    told = run(last)
    seconds = perf_counter() - clock
    told = told if isinstance(told, dict) else {"value": told, "seconds": seconds}
    arrays = {path for path in opened if path.endswith(endings) and str(folder) in path}
    sys.stdout.write("\n" + json.dumps({**told, "whole": seconds, "opened": len(arrays)}) + "\n")


def in_a_process(name: str, folder: Path, count: int, last: float) -> dict[str, Any]:
    """What a fresh process tells of its run."""
    command = [sys.executable, __file__, "--one", name, str(folder), str(count), str(last)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        sys.exit(f"{name}: {ended.stderr}")
    return json.loads(ended.stdout.splitlines()[-1])


def main() -> None:
    """Measure."""
    options = read_options(__doc__ or "", sized=False, numbers=COUNT, rounds=5)
    with TemporaryDirectory() as folder:
        cold: dict[str, float] = {}
        remembered: dict[str, float] = {}
        changed: dict[str, float] = {}
        peers: dict[str, Any] = {}
        notes = {}
        for name, (module, _) in CONTESTANTS.items():
            peers[name] = optional(module)
            if peers[name] is None:
                continue
            places = [Path(folder, f"{name}{k}") for k in range(options.rounds)]
            for place in places:
                place.mkdir()
            begun = [in_a_process(name, place, options.numbers, 1.0) for place in places]
            first, place = begun[0], places[0]
            again = [in_a_process(name, place, options.numbers, 1.0) for _ in range(options.rounds)]
            other = [in_a_process(name, place, options.numbers, 2.0 + k) for k in range(options.rounds)]
            assert other[0]["value"] == 2 * first["value"] == 2 * again[0]["value"], name
            cold[name], remembered[name], changed[name] = (
                min(one["seconds"] for one in runs) for runs in (begun, again, other)
            )
            notes[name] = [first, again[-1], other[-1]]
        size = f"{STEPS} steps, {options.numbers * 8 / 2**20:.3g} MiB each"
        rows = (
            ("ten steps, nothing remembered", "", cold),
            ("ten steps, all remembered", "<= 5 ms, one array file", remembered),
            ("ten steps, last parameter changed", "one step run, two array files", changed),
        )
        for (what, reach, seconds), own in zip(rows, notes[OURS], strict=True):
            note = (
                f"{own['computed']} computed, {own['opened']} array files opened, "
                f"with reading and planning {own['whole'] * 1e3:.3g} ms"
            )
            report(what, reach, size, seconds, peers, note=note)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        contestant, where, numbers, parameter = sys.argv[2:]
        run_once(contestant, Path(where), int(numbers), float(parameter))
    else:
        main()
