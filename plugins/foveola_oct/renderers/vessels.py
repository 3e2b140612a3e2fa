"""The vessel map as a clinician sees the fundus."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error
from typing import Any

import numpy as np

from foveola.hookspecs import Picture, Subject, Table
from foveola_oct.renderers.fundus import Frame, Laid, geometry_of, laterality_of, lay_map
from foveola_oct.renderers.images import data_uri

WIDTH = 400.0
LARGE_BYTES = 150_000
"""A larger PNG becomes a JPEG: speckle does not compress without loss."""
QUALITY = 82


def draw_picture(subject: Subject) -> Picture | None:
    """The picture that `get_vessel_map` answers."""
    value = subject.value.get("vessel_map") if isinstance(subject.value, dict) else subject.value
    if subject.part not in {(), ("vessel_map",)} or not isinstance(value, str) or subject.before is not None:
        return None
    geometry = geometry_of(subject.exam)
    try:
        png = b64decode(value, validate=True)
    except Error:
        return None
    image = _decoded(png) if png else None
    if image is None or geometry is None:
        return None
    scale = float(subject.given.get("scaling_factor_visualization") or 100.0)
    laid = Laid(np.zeros(image.shape), (1 / scale, 1 / scale), None, laterality_of(subject.given, subject.exam))
    return _picture(laid, data_uri(png) if len(png) < LARGE_BYTES else _jpeg(image), subject)


def draw_samples(subject: Subject) -> Picture | None:
    """The same sample by sample, in the zone of the thickness maps."""
    value = subject.value.get("vessel_map") if isinstance(subject.value, dict) else subject.value
    if subject.part not in {(), ("vessel_map",)} or value is None or subject.before is not None:
        return None
    laid = lay_map(value, subject.given, subject.beside, subject.exam)
    if laid is None:
        return None
    image = np.nan_to_num(laid.values).clip(0, 255).astype(np.uint8)
    return _picture(laid, _jpeg(image), subject)


def _picture(laid: Laid, uri: str, subject: Subject) -> Picture:
    frame = Frame(laid, WIDTH)
    width, height = laid.size
    picture = frame.draw(f"Vessel map, {width:.1f} by {height:.1f} mm", frame.image(uri), frame.cross())
    painted = subject.beside.get("inpainted_slices")
    rows = [
        ("width, mm", width),
        ("height, mm", height),
        ("slices painted from their neighbours", None if painted is None else len(painted)),
    ]
    return Picture(
        "Vessel map" if subject.operation == "get_vessel_map" else "Vessel map in the zone of the maps",
        f'<figure class="wheel">{picture}</figure>',
        Table(("", "value"), rows),
        "Shadows of the vessels on the layers below, as the fundus is seen.",
    )


def _decoded(png: bytes) -> Any:
    import cv2  # noqa: PLC0415  a listing must not pay for it

    return cv2.imdecode(np.frombuffer(png, dtype=np.uint8), cv2.IMREAD_GRAYSCALE)


def _jpeg(image: Any) -> str:
    import cv2  # noqa: PLC0415  likewise

    longest = max(image.shape)
    if longest > 2 * WIDTH:
        share = 2 * WIDTH / longest
        image = cv2.resize(image, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    _, content = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return data_uri(content.tobytes(), "image/jpeg")
