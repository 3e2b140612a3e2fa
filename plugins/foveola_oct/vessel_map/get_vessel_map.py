"""A fundus-like picture of an exam, in which vessels are dark."""

from __future__ import annotations

from base64 import b64encode
from math import floor
from typing import Annotated

from foveola import EXTRA, InputError, Output, operation
from foveola_oct.retina import AS_ACQUIRED, EnFaceGeometry
from foveola_oct.retina.projection import (
    ArtifactK,
    Images,
    Projection,
    ScalingFactor,
    fundus_picture,
    resample,
)

MOST_PIXELS, LONGEST_SIDE_PX = 2**26, 65_535
"""Of a picture: 8 mm at the largest scale; and longer than any picture that is looked at."""


class VesselMap(Output):
    """A picture as a clinician sees the fundus."""

    vessel_map: str
    """PNG in base64; the scanned zone's width and height in mm, each times the scaling factor."""
    inpainted_slices: Annotated[tuple[int, ...], EXTRA, AS_ACQUIRED]
    """Slices that were artifacts and are painted from their neighbours."""


@operation("get_vessel_map")
def get_vessel_map(
    bscan_images: Images,
    geometry: EnFaceGeometry,
    inpaint_artifacts: bool = True,
    scaling_factor_visualization: ScalingFactor = 100.0,
    projection: Projection = "rpe_band",
    artifact_k: ArtifactK = 5.0,
) -> VesselMap:
    """Draw the vessels by the shadows that they throw on the layers below.

    Each A-scan becomes one grey value, the brightness of the bright outer band or of its whole depth; the 1st to the
    99th percentile are stretched from black to white. Superior is up, and the image's left is left, in either eye.

    Args:
        bscan_images: grey values of the B-scans [slices][rows][columns].
        geometry: pitches and orientation of the scan.
        inpaint_artifacts: whether slices that are black or stray in brightness are painted from their neighbours.
        scaling_factor_visualization: pixels of the picture per mm.
        projection: what makes the picture.
        artifact_k: robust deviations that make a slice an artifact.

    Raises:
        InputError: no images, no grey values, or a picture too large; naming the field.

    Sources:
        Shadows of vessels: Biomed Opt Express 3(7):1478.
        What the outer band is, and from where on a slice is an artifact: our choice.

    >>> scan = dict(scan_protocol="HORIZONTAL_3D", slice_direction="TOP_BOTTOM", pixel_direction="LEFT_RIGHT")
    >>> scan |= dict(pixel_spacing_column=0.03, slice_thickness=0.02)
    >>> get_vessel_map.call({"bscan_images": [[[0, 50, 100]], [[0, 50, 100]]], **scan})["vessel_map"][:22]
    'iVBORw0KGgoAAAANSUhEUg'
    """
    import cv2  # noqa: PLC0415  a listing must not pay for it

    picture = fundus_picture(bscan_images, projection, artifact_k, inpaint=inpaint_artifacts)
    canonical = geometry.canonicalise(picture.grey)
    rows, columns = (
        max(1, floor(count * pitch * scaling_factor_visualization + 0.5))
        for count, pitch in zip(canonical.shape, geometry.canonical_pitch, strict=True)
    )
    if rows * columns > MOST_PIXELS or max(rows, columns) > LONGEST_SIDE_PX:
        raise InputError(
            "scaling_factor_visualization", f"makes a picture of {columns} x {rows} pixels; choose a smaller one"
        )
    _, png = cv2.imencode(".png", resample(canonical, (rows, columns)))
    return VesselMap(
        vessel_map=b64encode(png.tobytes()).decode("ascii"),
        inpainted_slices=picture.inpainted,
        warnings=picture.warnings,
    )
