"""`foveola run full_exam` on the synthetic exam's folder, start of process to result file, cold and remembered.

Beside it `skilled_script.py`, what a skilled user would write with eyepy, cv2 and numpy for the macular part of it.
Floor: a process that imports numpy and reads the exam's arrays.
"""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from measuring import best_seconds, optional, read_options, report
from synthetic import Size, exam_folder

READ = "import sys, numpy; a = numpy.load(sys.argv[1]); [a[name] for name in a.files]"


def run(*command: str, memo: Path) -> None:
    """A process, from its start to its end; it must end well."""
    environment = {**os.environ, "FOVEOLA_MEMO": str(memo)}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if ended.returncode:
        sys.exit(ended.stderr)


def main() -> None:
    """Measure."""
    options = read_options(__doc__ or "")
    size = Size.of(options)
    fresh = count()
    with TemporaryDirectory() as name:
        place = Path(name)
        exam = exam_folder(size, place / "exam")
        ours = [sys.executable, "-m", "foveola", "run", "full_exam", str(exam), "-o", str(place / "results")]
        script = Path(__file__).with_name("skilled_script.py")
        contestants = {
            "foveola": lambda: run(*ours, "--overwrite", memo=place / f"memo{next(fresh)}"),
            "remembered": partial(run, *ours, "--overwrite", memo=place / "memo"),
            "without a memo": partial(run, *ours, "--overwrite", "--no-memo", memo=place / "memo"),
            "floor": partial(run, sys.executable, "-c", READ, str(exam / "exam.npz"), memo=place),
            "the script": partial(run, sys.executable, str(script), str(exam), str(place / "script.json"), memo=place)
            if optional("cv2") and optional("eyepy")
            else None,
        }
        contestants["remembered"]()
        seconds = best_seconds(contestants, options.seconds)
    report("`foveola run full_exam`, a process", "sooner than the script", size, seconds, contestants)


if __name__ == "__main__":
    main()
