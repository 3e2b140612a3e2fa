"""`foveola run macula_from_layers` over a folder of exams: by one process and by two, in one run.

Half a second of each process goes into starting; how much that is of the whole depends on the number of exams.
"""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

from measuring import best_seconds, read_options, report
from synthetic import Size, exam_folder


def run_all(exams: Path, workers: int) -> None:
    """All exams, from nothing."""
    results = exams.parent / "results"
    rmtree(results, ignore_errors=True)
    command = [sys.executable, "-m", "foveola", "run", "macula_from_layers", str(exams), "-o", str(results)]
    ended = subprocess.run([*command, "-j", str(workers), "--no-memo"], capture_output=True, text=True, check=False)
    if ended.returncode:
        sys.exit(ended.stderr)
    assert len(list(results.glob("exam_*.json"))) == len(list(exams.iterdir()))


def main() -> None:
    """Measure."""
    options = read_options(__doc__ or "", exams=96)
    size = Size.of(options)
    with TemporaryDirectory() as name:
        exams = Path(name, "exams")
        first = exam_folder(size, exams / "exam_0")
        for place in range(1, options.exams):
            (exams / f"exam_{place}").symlink_to(first)  # the same bytes, read and measured anew
        contestants = {"foveola": partial(run_all, exams, 2), "one process": partial(run_all, exams, 1)}
        seconds = best_seconds(contestants, options.seconds)
        report("many exams, 2 workers", "one process >= 1.8 x as long", f"{options.exams} exams of {size}", seconds)


if __name__ == "__main__":
    main()
