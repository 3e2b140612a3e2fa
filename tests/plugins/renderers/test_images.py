"""Pictures with a palette."""

from __future__ import annotations

from base64 import b64decode

import cv2
import numpy as np

from foveola_oct.renderers.images import indexed_png


def test_pixels_have_their_palette_colours_and_what_is_below_zero_is_clear():
    """Read back by another decoder."""
    palette = np.array([[10, 20, 30], [200, 100, 0]], dtype=np.uint8)
    uri = indexed_png(np.array([[0, 1, -1], [1, 1, 0]]), palette)
    content = np.frombuffer(b64decode(uri.removeprefix("data:image/png;base64,")), dtype=np.uint8)
    read = cv2.imdecode(content, cv2.IMREAD_UNCHANGED)[..., [2, 1, 0, 3]]
    assert read.shape == (2, 3, 4)
    assert read[0, 0].tolist() == [10, 20, 30, 255]
    assert read[0, 1].tolist() == [200, 100, 0, 255]
    assert read[0, 2, 3] == 0
