"""Pictures, films and tables as the chart's JavaScript reads them: JSON, arrays as base64 of little-endian numbers."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from explorer.figures.picture import Picture

if TYPE_CHECKING:
    from explorer.components.chart import Film

EXACT = {np.dtype(np.float32): "f4", np.dtype(np.uint8): "u1"}
"""Plotly's names of the types that are sent as they are; all others are sent as float64, "f8"."""


def still_payload(picture: Picture, held: str | None) -> dict[str, str | None]:
    """The still part and its name, which follows from its content; without it where the browser holds it already."""
    text = _json(picture.still)
    name = hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
    return {"id": name, "figure": None if name == held else text}


def moving_payload(picture: Picture) -> str:
    """What moves: {"data": [[trace, attribute, values], …], "layout": [[path, value], …]}."""
    return _json({"data": picture.moving, "layout": picture.layout})


def _json(content: object) -> str:
    """JSON as browsers read it. Raises ValueError on a number outside an array that is not finite."""
    return json.dumps(content, default=_plain, allow_nan=False, ensure_ascii=False, separators=(",", ":"))


def _plain(part: Any) -> Any:
    """An array or tensor as Plotly's typed array, a numpy number as a number. Raises TypeError on anything else."""
    if isinstance(part, torch.Tensor):
        part = part.detach().cpu().numpy()
    if isinstance(part, np.generic):
        return part.item()
    if not isinstance(part, np.ndarray) or part.dtype.kind not in "fiub":
        raise TypeError(f"a picture holds numbers, text and arrays of numbers, got {type(part).__name__}")
    dtype = EXACT.get(part.dtype, "f8")
    shape = {"shape": ", ".join(map(str, part.shape))} if part.ndim > 1 else {}
    return {"dtype": dtype, "bdata": encoded(part, f"<{dtype}"), **shape}


def film_payload(film: Film) -> dict[str, Any]:
    """Raises ValueError when the film's parts do not have one entry a frame."""
    frames = len(film.values)
    if not 0 <= film.start < frames:
        raise ValueError(f"film {film.name!r} has {frames} frames, start must be one of them, got {film.start}")
    if film.captions and len(film.captions) != frames:
        raise ValueError(f"film {film.name!r} has {frames} frames but {len(film.captions)} captions")
    return {
        "name": film.name,
        "label": film.label,
        "values": [float(value) for value in film.values],
        "start": film.start,
        "leads": film.leads,
        "hand": list(film.hand),
        "captions": list(film.captions),
        "updates": [
            {"trace": trace, "attribute": attribute, **_block(film.name, frames, values)}
            for trace, attribute, values in film.updates
        ],
    }


def _block(name: str, frames: int, values: Any) -> dict[str, Any]:
    array = torch.as_tensor(values).detach().to("cpu", torch.float32).numpy()
    if array.ndim not in (1, 2) or array.shape[0] not in (1, frames):
        raise ValueError(f"film {name!r} has {frames} frames, an update must be ({frames}, n), got {array.shape}")
    # A scalar a frame stays a scalar for Plotly: width 0 says so.
    width = array.shape[1] if array.ndim == 2 else 0
    return {"width": width, "rows": array.shape[0], "block": encoded(array, "<f4")}


def columns(table: Mapping[str, Sequence[float]] | None) -> list[dict[str, str]] | None:
    """The columns of a table, in order; they may differ in length."""
    if table is None:
        return None
    return [{"name": name, "block": encoded(_numbers(values), "<f8")} for name, values in table.items()]


def _numbers(values: Any) -> Any:
    # Through a tensor of torch's default type a list would lose half its digits.
    return values.detach().cpu().numpy() if isinstance(values, torch.Tensor) else np.asarray(values, dtype=np.float64)


def encoded(array: Any, dtype: str) -> str:
    """base64 of the array's values as `dtype`, row by row."""
    return base64.b64encode(np.ascontiguousarray(array, dtype=dtype).tobytes()).decode("ascii")
