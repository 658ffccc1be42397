"""Rasters of a run for other programs: cloud-optimised GeoTIFF, in any CRS, with unit, nodata and notices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rasterio
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.shutil import copy as copy_raster
from rasterio.vrt import WarpedVRT

from assessment.run import Run
from exports.provenance import provenance_of
from exports.sites import publish
from exports.target import target_crs
from faults import Fault, InputError, RunError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from exports.selection import Progress

FOLDER = "rasters"


def raster_names(run: Run | Path) -> tuple[str, ...]:
    """Return the names of the rasters a run has."""
    folder = (run.path if isinstance(run, Run) else run) / FOLDER
    return tuple(sorted(path.stem for path in folder.glob("*.tif")))


def export_rasters(
    run: Run | Path,
    folder: Path,
    *,
    names: Iterable[str] = (),
    crs: str | None = None,
    progress: Progress | None = None,
) -> tuple[Path, ...]:
    """Write the rasters of a run, all of them or those named, into a folder; return the files.

    Raises
    ------
    InputError
        The run has no rasters or not one of these, or the CRS is not usable.
    RunError
        A file cannot be written.
    """
    opened = run if isinstance(run, Run) else Run(run)
    chosen = tuple(names) or raster_names(opened)
    if not chosen:
        raise InputError([Fault("rasters", None, "run", opened.path.name, "holds no rasters")])
    written = []
    for name in chosen:
        written.append(export_raster(opened, name, folder / f"{name}.tif", crs=crs))
        if progress is not None:
            progress(len(written) / len(chosen), name)
    return tuple(written)


def export_raster(run: Run | Path, name: str, out: Path, *, crs: str | None = None) -> Path:
    """Write one raster of a run as a cloud-optimised GeoTIFF.

    Parameters
    ----------
    name
        One of `raster_names`.
    out
        The `.tif` to write.
    crs
        Where the raster goes (nearest cell, values unchanged); None keeps it where it is. Rasters are never
        put into GCJ-02: its offset bends the grid.

    Raises
    ------
    InputError
        The run has no such raster, or the CRS is not usable.
    RunError
        The file cannot be written.
    """
    opened = run if isinstance(run, Run) else Run(run)
    if name not in raster_names(opened):
        known = ", ".join(raster_names(opened)) or "none"
        raise InputError(
            [Fault("rasters", None, "name", name, f"is no raster of this run; there are: {known}")]
        )
    target = None if crs is None else target_crs(crs, source=opened.manifest["crs"])
    if target is not None and target.is_gcj02:
        raise InputError(
            [Fault("rasters", None, "crs", crs, "rasters are not offset; use WGS-84 or the metric CRS")]
        )
    source = opened.path / FOLDER / f"{name}.tif"
    notices = {f"YIJIAN_{key.upper()}": text for key, text in provenance_of(opened).as_strings().items()}

    def write(fresh: Path) -> None:
        middle = fresh.with_name(f"{fresh.stem}.middle.tif")
        with rasterio.open(source) as raster:
            wanted = raster.crs if target is None else target.crs.to_wkt()
            with WarpedVRT(raster, crs=wanted, resampling=Resampling.nearest) as warped:
                copy_raster(warped, middle, driver="GTiff")
            units, descriptions = raster.units, raster.descriptions
            with rasterio.open(middle, "r+") as sink:
                sink.units = units
                sink.descriptions = descriptions
                sink.update_tags(**raster.tags(), **notices)
        copy_raster(middle, fresh, driver="COG", compress="DEFLATE", predictor="YES", blocksize=256)
        middle.unlink()

    try:
        publish(out, write)
    except RasterioError as error:
        raise RunError(f"{out} cannot be written: {error}") from error
    return out
