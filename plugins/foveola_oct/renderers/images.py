"""Small pictures as data URIs: PNG with a palette, which cv2 does not write."""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode

import numpy as np
from numpy.typing import NDArray


def indexed_png(indices: NDArray[np.integer], palette: NDArray[np.uint8]) -> str:
    """A picture as a data URI.

    Args:
        indices: of each pixel's colour [rows, columns]; below 0 is transparent.
        palette: red, green and blue [colours, 3], at most 255.
    """
    rows, columns = indices.shape
    shades = np.vstack([np.zeros((1, 3), dtype=np.uint8), palette]).astype(np.uint8)
    pixels = np.maximum(indices + 1, 0).astype(np.uint8)
    lines = np.hstack([np.zeros((rows, 1), dtype=np.uint8), pixels]).tobytes()  # each line begins with its filter: none
    content = b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", shades.tobytes()),
            _chunk(b"tRNS", b"\0"),
            _chunk(b"IDAT", zlib.compress(lines, 9)),
            _chunk(b"IEND", b""),
        )
    )
    return data_uri(content)


def data_uri(content: bytes, kind: str = "image/png") -> str:
    """A file within a page."""
    return f"data:{kind};base64,{b64encode(content).decode('ascii')}"


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
