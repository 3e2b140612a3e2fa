"""Both thickness maps against the same rules in plain Python: one column, one edge, one interval at a time."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import dist, floor, inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foveola_oct.retina import ORIENTATIONS
from foveola_oct.thickness.get_layer_thickness_map import get_layer_thickness_map
from foveola_oct.thickness.get_pathology_thickness_map import get_pathology_thickness_map

WIDTH, COLUMN, ROW, BETWEEN = 23, 0.1, 0.05, 0.3
NAMES = ("rnfl", "gcl")


def numbers(low, high):
    """Whole ones, where corners lie on columns, and others; none so close that an outline is all but a line."""
    return st.one_of(st.integers(low, high), st.floats(low, high).map(lambda number: round(number, 3)))


outlines = st.lists(st.tuples(numbers(-2, WIDTH + 1), numbers(0, 9)), min_size=3, max_size=7)
ribbons = st.lists(st.tuples(numbers(0, 9), numbers(0, 9)), min_size=WIDTH, max_size=WIDTH).map(
    lambda rows: [(x, y) for x, (y, _) in enumerate(rows)] + [(x, y + d) for x, (y, d) in enumerate(rows)][::-1]
)
instances = st.tuples(st.one_of(outlines, ribbons), st.sampled_from(NAMES))
exams = st.lists(st.lists(instances, max_size=3), min_size=1, max_size=4)


def intervals(points, x):
    """Where a column runs inside an outline: half open, but for the last column."""
    crossings = []
    for (x1, y1), (x2, y2) in zip(points, [*points[1:], points[0]], strict=True):
        low, high = min(x1, x2), max(x1, x2)
        if low < x <= high if x == WIDTH - 1 else low <= x < high:
            crossings.append(y1 + (x - x1) / (x2 - x1) * (y2 - y1))
    crossings.sort()
    return list(zip(crossings[::2], crossings[1::2], strict=True))


def united(pieces):
    """The length of a union."""
    length, reached = 0.0, -inf
    for top, bottom in sorted(pieces):
        length += max(0.0, bottom - max(top, reached))
        reached = max(reached, bottom)
    return length


def to_segment(point, one, other):
    """The shortest way from a point to a segment."""
    step = [b - a for a, b in zip(one, other, strict=True)]
    length = sum(d * d for d in step)
    along = sum((p - a) * d for p, a, d in zip(point, one, step, strict=True))
    share = min(1.0, max(0.0, along / length)) if length else 0.0
    return dist(point, [a + share * d for a, d in zip(one, step, strict=True)])


def shortest(columns, found, k, n):
    """From the n-th interval of column k to the polyline of the n-th lower ends of its instance, in rows."""
    ends = {j: (columns[j] * COLUMN, at[n][1] * ROW) for j, at in enumerate(found) if len(at) > n}
    point = (columns[k] * COLUMN, found[k][n][0] * ROW)
    ways = [dist(point, end) for end in ends.values()]
    ways += [to_segment(point, ends[i], ends[j]) for i, j in pairwise(ends) if j == i + 1]
    return min(ways) / ROW


def sampled(drawn, columns, method):
    """Thickness of one class on one slice at each sample, None where a column does not meet it."""
    by_outline = [[intervals(points, x) for x in columns] for points in drawn]
    row = []
    for k in range(len(columns)):
        pieces = [piece for found in by_outline for piece in found[k]]
        thickness = united(pieces)
        if method == "min_dist":
            ways = (shortest(columns, found, k, n) for found in by_outline for n in range(len(found[k])))
            thickness = min(thickness, sum(ways))
        row.append(thickness if pieces else None)
    return row


def at_pixels(row, columns, *, nearest):
    """Samples brought to pixels: linear, constant at the ends, or the nearest one and the right one of two."""
    shown = []
    for x in range(WIDTH):
        if nearest:
            shown.append(row[max(range(len(columns)), key=lambda k: (-round(abs(columns[k] - x), 9), k))])
            continue
        weights = [max(0.0, 1 - abs(c - x) / (columns[1] - columns[0])) for c in columns]
        if x < columns[0] or x > columns[-1]:
            weights = [float(k == (0 if x < columns[0] else len(columns) - 1)) for k in range(len(columns))]
        asked = [(weight, sample) for weight, sample in zip(weights, row, strict=True) if weight > 1e-9]
        shown.append(None if any(sample is None for _, sample in asked) else sum(w * sample for w, sample in asked))
    return shown


def window(center, zone, pitch):
    """The indices of the zone along one axis; half a sample is one."""
    length = max(1, floor(Fraction(str(zone)) / Fraction(str(pitch)) + Fraction(1, 2)))
    start = floor(center + 0.5) - length // 2
    return range(start, start + length)


def expected(exam, method, resolution, center, zone, *, layers):
    """The maps of all classes."""
    columns = [float(x) for x in range(WIDTH)]
    if resolution is not None:
        columns = [(k + 0.5) * WIDTH / resolution - 0.5 for k in range(resolution)]
    names = list(dict.fromkeys(name for drawn in exam for _, name in drawn))
    maps = {name: [] for name in names}
    for drawn in exam:
        here = {name: sampled([p for p, of in drawn if of == name], columns, method) for name in names}
        for name, row in here.items():
            if layers:
                seen = [any(other[k] is not None for other in here.values()) for k in range(len(columns))]
                is_on_slice = any(of == name for _, of in drawn)
                samples = [(sample or 0.0) if is_on_slice and seen[k] else None for k, sample in enumerate(row)]
            else:
                samples = [sample or 0.0 for sample in row]
            maps[name].append(at_pixels(samples, columns, nearest=not layers))
    rows, cells = window(center[1], zone, BETWEEN), window(center[0], zone, COLUMN)
    return {
        name: [[values[z][x] if 0 <= z < len(exam) and 0 <= x < WIDTH else -7.0 for x in cells] for z in rows]
        for name, values in maps.items()
    }


@pytest.mark.parametrize("layers", [True, False], ids=["layers", "lesions"])
@settings(max_examples=60, deadline=None)
@given(
    exam=exams,
    method=st.sampled_from(["axial", "min_dist"]),
    resolution=st.sampled_from([None, 16, 20]),
    place=st.tuples(st.floats(0, WIDTH - 1), st.floats(0, 1)),
    zone=st.integers(30, 300).map(lambda hundredths: hundredths / 100),
    orientation=st.sampled_from(ORIENTATIONS),
)
def test_maps_are_what_the_rules_say(layers, exam, method, resolution, place, zone, orientation):
    """Crossings, unions, shortest ways, absence, samples and the zone, in every orientation."""
    center = (place[0], place[1] * (len(exam) - 1))
    asked = {
        "segmentation_instances": [[{"points": p, "className": name} for p, name in drawn] for drawn in exam],
        "distance_method": method,
        "run_resolution": resolution,
        "exam_center_coordinate_xz": center,
        "zone_of_interest": zone,
        "min_exam_width_mm": 1e-6,
        "padding_value": -7.0,
        "pixel_image_height": 10,
        "pixel_image_width": WIDTH,
        "pixel_spacing_column": COLUMN,
        "pixel_spacing_row": ROW,
        "slice_thickness": BETWEEN,
        **orientation.model_dump(),
    }
    answer = (
        get_layer_thickness_map.call(asked)
        if layers
        else get_pathology_thickness_map.call({**asked, "use_real_units": False})
    )
    maps = expected(exam, method, resolution, center, zone, layers=layers)
    if not answer["thickness_maps"]:  # nothing that was drawn is met by a column or encloses anything
        assert all(not sample or sample < 1e-6 for one in maps.values() for row in one for sample in row)
        return
    assert list(answer["thickness_maps"]) == list(maps)
    for name, rows in maps.items():
        for shown, row in zip(answer["thickness_maps"][name], rows, strict=True):
            assert shown == [value if value is None else pytest.approx(value, abs=1e-6) for value in row]
