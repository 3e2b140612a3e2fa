"""Processes that use one store at once and are killed at random, for a while; then every entry must be whole.

Each process remembers arrays and reads them back, within a bound that makes them delete what others remember. A tenth
of the rounds flips a byte or cuts a file. In the end: what was damaged is found and nothing else, the bound is held,
strays are swept. Then a recipe runs with its memo on a disk that is full, and on one that is read-only: it warns, and
answers what it answers without one. Exits with 1 if not.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
import warnings
from argparse import ArgumentParser
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from foveola.running.codec import CodecError
from foveola.running.store import Store
from foveola_oct.readers.exam_folder import write_exam
from foveola_oct.retina.phantoms import macula_phantom

LIMIT = 2_000_000


def use(folder: Path, seed: int) -> None:
    """Use the store until somebody kills this process."""
    chosen = random.Random(seed)  # noqa: S311  no secret
    store = Store(folder, LIMIT)
    while True:
        for _ in range(chosen.randint(1, 5)):
            number = chosen.randint(0, 400)
            key, length = f"k{number}", 100 + 97 * (number % 31)
            tree = store.get(key)
            if tree is None:
                parts = {"operation": "torture", "code": "", "inputs": {"n": {"value": number}}}
                store.put(key, "step", parts, {"n": number, "a": np.full(length, float(number))})
                continue
            try:
                array = store.load(dict(tree[1])["a"][1])
            except CodecError:  # another process deleted it, or it was damaged on purpose
                warnings.simplefilter("ignore")
                store.forget(key)
                continue
            if array.shape != (length,) or (array != number).any():
                sys.exit(f"{key} is not what was remembered")
        store.commit()


def damage(folder: Path, chosen: random.Random) -> None:
    """Flip a byte of some file, or cut it."""
    files = list(folder.rglob("*.npy"))
    if not files:
        return
    path = chosen.choice(files)
    try:
        content = bytearray(path.read_bytes())
        content[chosen.randrange(len(content))] ^= 1 << chosen.randrange(8)
        path.write_bytes(content if chosen.random() < 0.5 else content[: len(content) // 2])
    except (FileNotFoundError, ValueError):
        return


def run(exam: Path, memo: Path, *words: str) -> tuple[bytes, bytes]:
    """What a run prints, and what it says beside that."""
    command = [sys.executable, "-m", "foveola", "run", "macula_from_layers", str(exam), *words]
    ended = subprocess.run(command, env={**os.environ, "FOVEOLA_MEMO": str(memo)}, capture_output=True, check=True)
    return ended.stdout, ended.stderr


def on_disk(exam: Path, options: str) -> str:
    """What becomes of a run whose memo lies on a disk that was mounted so."""
    with TemporaryDirectory() as name:
        mounted = subprocess.run(
            ["/bin/mount", "-t", "tmpfs", "-o", options, "tmpfs", name], capture_output=True, check=False
        )
        if mounted.returncode:
            return "not tried: may not mount a file system"
        try:
            (answer, _), (found, said) = run(exam, Path(name), "--no-memo"), run(exam, Path(name))
        finally:
            subprocess.run(["/bin/umount", "--lazy", name], check=True)
    if found != answer:
        return "ANOTHER ANSWER"
    return "warned, right" if b"warning: the memo in" in said else "NOT WARNED"


def main() -> None:
    """Torture a store."""
    parser = ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chosen = random.Random(options.seed)  # noqa: S311  no secret
    killed = damaged = 0
    with TemporaryDirectory() as name:
        folder, ends = Path(name), time.monotonic() + options.seconds
        workers: list[subprocess.Popen[bytes]] = []
        while time.monotonic() < ends:
            while len(workers) < options.processes:
                command = [sys.executable, __file__, "--use", name, str(chosen.randrange(10**9))]
                workers.append(subprocess.Popen(command))
            time.sleep(chosen.random())
            if chosen.random() < 0.1:
                damage(folder, chosen)
                damaged += 1
            worker = workers.pop(chosen.randrange(len(workers)))
            if worker.poll() is not None:
                sys.exit(f"a process ended by itself, with status {worker.returncode}")
            worker.send_signal(signal.SIGKILL)
            worker.wait()
            killed += 1
        for worker in workers:
            worker.kill()
            worker.wait()
        store = Store(folder, LIMIT)
        found = store.verify()
        store.prune()
        strays = store.sweep(0)
        info, files = store.info(), list(folder.rglob("*.npy"))
        line = {
            "what": "memo torture",
            "seconds": options.seconds,
            "killed": killed,
            "damaged on purpose": damaged,
            "found damaged in the end": len(found),
            "damaged after that": len(store.verify()),
            "bytes": info.bytes,
            "limit": info.limit,
            "stray bytes swept": strays,
            "arrays": info.arrays,
            "files": len(files),
        }
    with TemporaryDirectory() as name:
        exam = Path(name, "exam")
        write_exam(macula_phantom(images=False, num_slices=25, pixel_image_width=512), exam)
        disks = {"full disk": on_disk(exam, "size=128k"), "read-only disk": on_disk(exam, "size=4m,ro")}
    line |= disks
    sys.stdout.write(json.dumps(line) + "\n")
    is_sound = len(found) <= damaged and not line["damaged after that"] and info.bytes <= LIMIT
    is_sound &= all(said in {"warned, right", "not tried: may not mount a file system"} for said in disks.values())
    sys.exit(0 if is_sound and len(files) == info.arrays else 1)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--use"]:
        use(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        main()
