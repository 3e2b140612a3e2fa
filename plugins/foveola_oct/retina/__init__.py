"""The vocabulary of retinal OCT and the mathematics written in it, for operations of ours and of anybody."""

from __future__ import annotations

from foveola_oct.retina import phantoms
from foveola_oct.retina.circles import (
    GANGLION_CELL_COMPLEX,
    SectorStatistics,
    SectorThickness,
    Statistics,
    UsedLayers,
    map_warnings,
    measure_layers,
    nested_by_ring,
    number,
    sector_names,
    sector_places,
)
from foveola_oct.retina.exam import BScanImages, DiseaseFlags, LandmarkPredictions, OctExam
from foveola_oct.retina.geometry import (
    AS_ACQUIRED,
    ORIENTATIONS,
    EnFaceGeometry,
    Laterality,
    Orientation,
    PixelSpacingColumn,
    PixelSpacingRow,
    ScanGeometry,
    SliceThickness,
)
from foveola_oct.retina.instances import BScanPoint, Instance, Outlines
from foveola_oct.retina.laid_map import CircleGrid, LaidMap, lay
from foveola_oct.retina.layer_names import LAYER_NAMES, names_between
from foveola_oct.retina.maps import LayerThicknessMaps, PathologyThicknessMaps, ThicknessMap, ThicknessMaps
from foveola_oct.retina.rings import ETDRS_RINGS, GCC_RINGS, Ring, halves, quarters
from foveola_oct.retina.sectors import (
    SectorWeights,
    cell_overlaps,
    sector_weights,
    weighted_statistics,
    weighted_totals,
)
from foveola_oct.retina.segmentation import Borders, LayerSegmentation, PathologySegmentation
from foveola_oct.retina.window import (
    DEFAULT_MIN_EXAM_WIDTH_MM,
    DEFAULT_ZONE_MM,
    AxisWindow,
    ExamCenter,
    MinExamWidth,
    PaddingValue,
    WindowStatus,
    ZoneOfInterest,
    ZoneWindow,
    zone_window,
)

__all__ = [
    "AS_ACQUIRED",
    "DEFAULT_MIN_EXAM_WIDTH_MM",
    "DEFAULT_ZONE_MM",
    "ETDRS_RINGS",
    "GANGLION_CELL_COMPLEX",
    "GCC_RINGS",
    "LAYER_NAMES",
    "ORIENTATIONS",
    "AxisWindow",
    "BScanImages",
    "BScanPoint",
    "Borders",
    "CircleGrid",
    "DiseaseFlags",
    "EnFaceGeometry",
    "ExamCenter",
    "Instance",
    "LaidMap",
    "LandmarkPredictions",
    "Laterality",
    "LayerSegmentation",
    "LayerThicknessMaps",
    "MinExamWidth",
    "OctExam",
    "Orientation",
    "Outlines",
    "PaddingValue",
    "PathologySegmentation",
    "PathologyThicknessMaps",
    "PixelSpacingColumn",
    "PixelSpacingRow",
    "Ring",
    "ScanGeometry",
    "SectorStatistics",
    "SectorThickness",
    "SectorWeights",
    "SliceThickness",
    "Statistics",
    "ThicknessMap",
    "ThicknessMaps",
    "UsedLayers",
    "WindowStatus",
    "ZoneOfInterest",
    "ZoneWindow",
    "cell_overlaps",
    "halves",
    "lay",
    "map_warnings",
    "measure_layers",
    "names_between",
    "nested_by_ring",
    "number",
    "phantoms",
    "quarters",
    "sector_names",
    "sector_places",
    "sector_weights",
    "weighted_statistics",
    "weighted_totals",
    "zone_window",
]
