"""One eye, scanned in each of the eight orientations at the same places, as the parameters of operations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from foveola import Parameter
from foveola_oct.retina import (
    BScanImages,
    LayerSegmentation,
    LayerThicknessMaps,
    Orientation,
    PathologySegmentation,
    PathologyThicknessMaps,
    ThicknessMap,
    ThicknessMaps,
)
from foveola_oct.retina.phantoms import LAYERS, PATHOLOGICAL, Scan, layer_outlines, phantom_exam

EYE = replace(PATHOLOGICAL, pit_is_recognised=True)
SAMPLES = 120
"""Along and across alike, so that every orientation samples the same places of the eye."""
SCAN = Scan(12.0, 12.0, (2.2, -0.3), num_slices=SAMPLES, pixel_image_width=SAMPLES)
"""Fovea and disc, the fovea far from the middle: a scan that is turned the wrong way misses it."""

_ROWS = 8
_CROSSED = 0.5
"""A slice crosses the disc if a model thinks so rather than not."""


@dataclass(frozen=True)
class TurnedScan:
    """The eye, scanned in one orientation."""

    orientation: Orientation

    @cached_property
    def scan(self) -> Scan:
        """Where its samples lie."""
        return replace(SCAN, **self.orientation.model_dump())

    @cached_property
    def exam(self) -> Mapping[str, Any]:
        """Its exam."""
        return phantom_exam(EYE, self.scan, images=False)

    def values(self, parameters: Iterable[Parameter], example: Mapping[str, Any]) -> dict[str, Any]:
        """Parameters of this scan, by name or by type; others as an example has them."""
        found = {}
        for parameter in parameters:
            name, kind = parameter.name, parameter.kind
            if name in self._by_name:
                found[name] = self._by_name[name]
            elif kind in self._by_kind:
                found[name] = self._by_kind[kind]
            elif isinstance(kind, type) and issubclass(kind, ThicknessMaps):
                found[name] = self._maps(kind, example.get(name))
            elif name in example:
                found[name] = example[name]
        return found

    @cached_property
    def _by_name(self) -> Mapping[str, Any]:
        landmarks = self.exam["landmarks"]
        crossing = np.flatnonzero(landmarks["nerve"] >= _CROSSED)
        borders = self.exam["layer_segmentation"]["borders"]
        x, z = self.scan.locate((0.0, 0.0))
        rnfl = layer_outlines(borders[:2], LAYERS[:1])
        return {
            **{name: value for name, value in self.exam.items() if not isinstance(value, Mapping | list)},
            "exam_center_coordinate_xz": (x, z),
            "map_center": None,  # the maps know
            "artifact_k": 1e6,  # a bad slice is found among slices; here all are good
            "nerve_slices": crossing.tolist(),
            "nerve_slice_indices": crossing.tolist(),
            "nerve_landmarks_list": landmarks["nerve_coordinates"][crossing],
            "ilm_list": [np.column_stack([np.arange(SAMPLES), borders[0, one]]).tolist() for one in crossing],
            "nerve_rnfl_layers": [{"instances": instances} for instances in rnfl],
            "pixel_width": SAMPLES,
            "pixel_height": self.scan.pixel_image_height,
        }

    @cached_property
    def _by_kind(self) -> Mapping[Any, Any]:
        return {
            LayerSegmentation: self.exam["layer_segmentation"],
            PathologySegmentation: self.exam["pathology_segmentation"],
            ThicknessMap: self._map(EYE.lesions[0].thickness(*self.scan.grid) / self.scan.pixel_spacing_row),
            BScanImages: self._images,
        }

    @cached_property
    def _images(self) -> np.ndarray:
        """B-scans that are bright where no vessel shades them, with darker rows above; the tissue has a grain."""
        grain = np.random.default_rng(0).uniform(0.8, 1.0, (SAMPLES, SAMPLES))
        light = self.orientation.to_acquisition(grain) * (1.0 - 0.8 * EYE.vessels(*self.scan.grid))
        return np.linspace(0.2, 1.0, _ROWS)[None, :, None] * light[:, None, :]

    def _maps(self, kind: type[ThicknessMaps], example: Any) -> ThicknessMaps:
        """Maps of the phantom's layers or lesions, and some for whatever other names an example has."""
        found = self._layers if issubclass(kind, LayerThicknessMaps) else self._lesions
        if not issubclass(kind, LayerThicknessMaps | PathologyThicknessMaps):
            found = {**self._layers, **found}
        names = getattr(example, "maps", {})
        any_map = next(iter(found.values()))
        return kind(maps={**dict.fromkeys(names, any_map), **found})

    @cached_property
    def _layers(self) -> dict[str, ThicknessMap]:
        thickness = np.diff(self.exam["layer_segmentation"]["borders"], axis=0)
        return {name: self._map(values) for name, values in zip(LAYERS, thickness, strict=True)}

    @cached_property
    def _lesions(self) -> dict[str, ThicknessMap]:
        found: dict[str, np.ndarray] = {}
        for lesion in EYE.lesions:
            thickness = lesion.thickness(*self.scan.grid) / self.scan.pixel_spacing_row
            found[lesion.kind] = found.get(lesion.kind, 0.0) + thickness
        return {name: self._map(values) for name, values in found.items()}

    def _map(self, values: np.ndarray) -> ThicknessMap:
        return ThicknessMap(values=values, center=self.scan.locate((0.0, 0.0)))
