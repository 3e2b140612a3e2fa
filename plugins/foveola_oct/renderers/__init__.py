"""Pictures of what the operations answer, for reports; each drawn when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from foveola import hookimpl

if TYPE_CHECKING:
    from foveola.hookspecs import Picture, Subject

_DRAWN_BY = {
    None: "heading:draw",
    "analyze_circle_scan_rnfl": "tsnit:draw_profile",
    "analyze_odn": "disc:draw_analysis",
    "analyze_odn_rnfl": "tsnit:draw_profile",
    "compare_odn_rnfl_graphs": "tsnit:draw_both_eyes",
    "extract_neuroretinal_rim_circles": "disc:draw_outlines",
    "get_etdrs": "thickness_wheels:draw_etdrs",
    "get_four_segment_circle": "thickness_wheels:draw_quadrants",
    "get_full_exam_glaucoma_ppaa_matrix": "asymmetry:draw",
    "get_gcc_circle": "thickness_wheels:draw_gcc",
    "get_glaucoma_distance_to_normal": "slider:draw",
    "get_glaucoma_stage": "slider:draw",
    "get_layer_thickness_map": "thickness:draw",
    "get_mmzone_glaucoma_ppaa_matrix": "asymmetry:draw",
    "get_pathology_area_etdrs_calculations_zone": "lesion_wheels:draw",
    "get_pathology_thickness_map": "lesions:draw",
    "get_pathology_volume_etdrs_calculations_zone": "lesion_wheels:draw",
    "get_two_segment_circle": "thickness_wheels:draw_halves",
    "get_vessel_map": "vessels:draw_picture",
    "get_vessel_map_img_space": "vessels:draw_samples",
}


@hookimpl
def foveola_picture(subject: Subject) -> Picture | None:
    """The picture of an operation's answer, if it is one of ours."""
    if subject.operation not in _DRAWN_BY:
        return None
    module, _, function = _DRAWN_BY[subject.operation].partition(":")
    draw = getattr(import_module(f"{__name__}.{module}"), function)
    found: Picture | None = draw(subject)
    return found
