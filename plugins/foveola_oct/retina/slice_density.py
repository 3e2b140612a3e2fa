"""How close together B-scans must lie for what lies between them not to be missed."""

from __future__ import annotations

from collections.abc import Iterator

OVER_MM = 6.0
"""The length over which studies count B-scans."""
FEWEST_FOR_LAYERS = 16
"""16 give the central subfield to 2.9 µm on average, 8 to 7.3 (Sadda, IOVS 2126359)."""
FEWEST_FOR_LESIONS = 32
"""With 32 volumes of fluid err by 3.5 % on average and by up to 22 % (Velaga, PMC5233945)."""


def sparse_warnings(slice_thickness: float | None, fewest: int, hence: str) -> Iterator[str]:
    """Warn of B-scans that are too few.

    Args:
        slice_thickness: from B-scan to B-scan, mm; None: nobody said.
        fewest: how many there should be in 6 mm.
        hence: what follows of fewer.

    >>> list(sparse_warnings(0.5, FEWEST_FOR_LAYERS, "means are uncertain"))
    ['B-scans 0.5 mm apart are fewer than 16 in 6 mm: means are uncertain']
    """
    if slice_thickness is not None and OVER_MM / slice_thickness < fewest:
        yield f"B-scans {slice_thickness:g} mm apart are fewer than {fewest} in {OVER_MM:g} mm: {hence}"
