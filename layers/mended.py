"""Rasters of a region as they are used: one in other units or with holes is put right into a copy."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import rasterio
from rasterio.enums import MaskFlags

from faults import Fault
from layers.fetch.download import sha256
from layers.surfaces import put_right
from layers.vertical import UNITS_M, declared_unit, enclosed

FILLED = ("terrain",)
"""Layers whose holes are filled; a hole of a surface may be a roof, which its edges do not know."""
BLOCK_ROWS = 512


@dataclass(frozen=True)
class UsableRaster:
    """A raster that heights can be read from."""

    path: Path
    """The file itself, or a copy that is put right."""
    changes: tuple[str, ...] = ()
    """What the copy has otherwise, in words; empty: it is the file itself."""

    def faults(self, layer: str, file: str) -> tuple[Fault, ...]:
        """Say what was changed, as remarks."""
        return tuple(Fault(layer, None, None, None, change, "info", file) for change in self.changes)


def usable_raster(path: Path, layer: str) -> UsableRaster:
    """Return a raster in metres and, for terrain, without holes: the file itself where it is that already.

    Else a copy is put right, once, below YIJIAN_HOME (or var/); the file stays as it is. A file that cannot
    be read is returned as it is: whoever reads it says so.

    Raises
    ------
    InputError
        The heights cannot be in the unit that the file declares.
    """
    try:
        fill = layer in FILLED and _has_holes(path, path.stat().st_mtime_ns)
        if not fill and not _other_unit(path):
            return UsableRaster(path)
    except (OSError, rasterio.errors.RasterioError):
        return UsableRaster(path)
    kept = _folder() / f"{sha256(path)[:16]}-{layer}.tif"
    told = kept.with_suffix(".json")
    if not (kept.is_file() and told.is_file()):
        _make(path, kept, told, layer, fill=fill)
    return UsableRaster(kept, tuple(json.loads(told.read_text(encoding="utf-8"))))


def _make(path: Path, kept: Path, told: Path, layer: str, *, fill: bool) -> None:
    """Write copy and changes; each appears whole, the changes last."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
        copy, words = Path(folder) / path.with_suffix(".tif").name, Path(folder) / "changes.json"
        changes = put_right(path, copy, layer, fill=fill)
        words.write_text(json.dumps(changes, ensure_ascii=False), encoding="utf-8")
        copy.replace(kept)
        words.replace(told)


def _folder() -> Path:
    home = os.environ.get("YIJIAN_HOME")
    return (Path(home) if home else Path(__file__).parents[1] / "var") / "rasters"


def _other_unit(path: Path) -> bool:
    with rasterio.open(path) as source:
        unit = declared_unit(source)
    return unit is not None and UNITS_M.get(unit) != 1.0


@lru_cache(maxsize=8)
def _has_holes(path: Path, _changed_ns: int) -> bool:
    """Say whether cells without a height are enclosed by cells with one; many files tell without reading."""
    with rasterio.open(path) as source:
        whole = MaskFlags.all_valid in source.mask_flag_enums[0]
        if whole and not np.issubdtype(source.dtypes[0], np.floating):
            return False
        empty = np.zeros((source.height, source.width), dtype=bool)
        for row in range(0, source.height, BLOCK_ROWS):
            window = rasterio.windows.Window(0, row, source.width, min(BLOCK_ROWS, source.height - row))
            band = source.read(1, window=window, masked=True)
            empty[row : row + BLOCK_ROWS] = np.ma.getmaskarray(band) | ~np.isfinite(band.filled(0))
    return bool(empty.any()) and bool(enclosed(empty).any())
