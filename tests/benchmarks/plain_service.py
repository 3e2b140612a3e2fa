"""The peer of `bench_http.py`: `get_etdrs` behind FastAPI as one would write it, its maps as lists."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

import foveola

app = FastAPI()


class Request(BaseModel):
    """What is sent."""

    layers_thickness_maps: dict[str, list[list[float]]]
    used_layers: list[str]
    statistics: list[str]
    scan_protocol: str
    slice_direction: str
    pixel_direction: str
    pixel_spacing_column: float
    pixel_spacing_row: float
    slice_thickness: float


@app.post("/get_etdrs")
def get_etdrs(request: Request) -> dict[str, Any]:
    """Answer as the operation does."""
    answer: dict[str, Any] = foveola.call("get_etdrs", **request.model_dump())
    return answer
