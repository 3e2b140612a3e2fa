"""A page as PDF, printed by a browser that is installed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

from foveola.errors import FoveolaError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "chrome")
SECONDS = 120


def print_pdf(page: Path, path: Path) -> None:
    """Print a page that lies on the disk.

    Raises:
        FoveolaError: no browser is installed, or it does not print.
    """
    browser = next((found for name in BROWSERS if (found := which(name))), None)
    if browser is None:
        raise FoveolaError(f"--pdf needs a browser that prints: {', '.join(BROWSERS[:3])}; none is installed")
    path.unlink(missing_ok=True)
    with TemporaryDirectory() as profile:
        command = [
            *(browser, "--headless", "--disable-gpu", "--no-pdf-header-footer", *_unsandboxed()),
            *(f"--user-data-dir={profile}", f"--print-to-pdf={path.absolute()}", page.absolute().as_uri()),
        ]
        try:
            ran = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603  our own page, by the browser found above
        except subprocess.TimeoutExpired:
            raise FoveolaError(f"{browser} did not print {page} within {SECONDS} s") from None
    if not path.is_file():
        raise FoveolaError(f"{browser} did not print {page}: {ran.stderr.strip().splitlines()[-1:] or 'no word why'}")


def _unsandboxed() -> tuple[str, ...]:
    """What Chromium wants of the superuser, for whom it has no sandbox; the page may run and fetch nothing anyway."""
    return ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
