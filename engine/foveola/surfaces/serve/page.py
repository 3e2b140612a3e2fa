"""The page that shows the service's document and tries its paths. It needs nothing from anywhere else."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from importlib.resources import files

PAGE = (files(__package__) / "page.html").read_bytes()


def _source_of(tag: bytes) -> str:
    """The one inline script or style of the page, as a policy names it."""
    found = re.findall(rb"<%b>(.*?)</%b>" % (tag, tag), PAGE, re.DOTALL)
    return " ".join(f"'sha256-{b64encode(sha256(text).digest()).decode()}'" for text in found)


PAGE_HEADERS = {
    "content-security-policy": (
        f"default-src 'none'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
        f"frame-ancestors 'none'; script-src {_source_of(b'script')}; style-src {_source_of(b'style')}"
    ),
    "referrer-policy": "no-referrer",
}
"""Nothing is loaded, and nothing is sent but to this service."""
