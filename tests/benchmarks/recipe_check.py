"""`foveola.check` of shipped recipes of about sixty lines, after imports: their text is read, each wire is checked.

Floor: the same text composed by PyYAML's C loader, nothing made of it.
"""

from __future__ import annotations

from functools import partial

import yaml
from measuring import best_seconds, read_options, report

import foveola
from foveola.registry import Registry


def main() -> None:
    """Measure."""
    options = read_options(__doc__ or "", sized=False)
    for name in ("macula", "glaucoma", "pathology"):
        path = Registry.installed().recipes[name]
        text = path.read_text(encoding="utf-8")
        assert foveola.check(path) == []
        contestants = {
            "foveola": partial(foveola.check, path),
            "floor": partial(yaml.compose, text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)),
        }
        seconds = best_seconds(contestants, options.seconds)
        report(f"check of `{name}`, after imports", "<= 5 ms", f"{len(text.splitlines())} lines", seconds)


if __name__ == "__main__":
    main()
