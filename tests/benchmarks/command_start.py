"""`foveola --help` and `foveola check`, start of process to its end.

Floor: a click program of one command, which says its help.
"""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from measuring import best_seconds, read_options, report

BARE = """\
import click


@click.group()
def cli():
    "A program."


@cli.command()
def run():
    "Run."


cli(["--help"])
"""
HEAVY = ("cv2", "scipy", "skimage", "shapely", "networkx")


def told(*command: str) -> str:
    """What a command says on both streams; it must end well."""
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    return ended.stdout + ended.stderr


def main() -> None:
    """Measure."""
    options = read_options(__doc__ or "", sized=False)
    with TemporaryDirectory() as folder:
        bare = Path(folder, "bare.py")
        bare.write_text(BARE, encoding="utf-8")
        for words in (["--help"], ["check", "macula"]):
            command = [sys.executable, "-m", "foveola", *words]
            contestants = {
                "foveola": partial(told, *command),
                "floor": partial(told, sys.executable, str(bare)),
                "python -c pass": partial(told, sys.executable, "-c", "pass"),
            }
            times = told(sys.executable, "-X", "importtime", *command[1:])
            loaded = {line.rpartition("|")[2].strip() for line in times.splitlines() if line.startswith("import time:")}
            found = [name for name in HEAVY if name in loaded]
            seconds = best_seconds(contestants, options.seconds, fewest=3)
            note = f"loads {', '.join(found)}" if found else "loads none of " + ", ".join(HEAVY)
            report(f"`foveola {' '.join(words)}`", "<= 2 x floor", "a process", seconds, note=note)


if __name__ == "__main__":
    main()
