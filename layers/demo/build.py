"""Build the demonstration layers of a region: read its description, generate, write, all or nothing."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely

from faults import Fault, InputError
from layers.demo.generate import generate
from layers.demo.plan import read_plan
from layers.demo.relief import write_relief
from layers.demo.site import Site
from layers.demo.statistics import statistics

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd

    from layers.region import Region

DESCRIPTION = "demo.toml"
"""File in the folder of a region that says what to generate."""
VERSION = 5
"""Raised whenever the same seed gives other layers than before, so that older folders are built anew."""


def demo_folder(region: Region) -> Path:
    """Return the folder of a region's demonstration layers: under YIJIAN_HOME, else under var/.

    Its name changes with the seed, the description and the towns, so that it never holds another place.
    """
    home = os.environ.get("YIJIAN_HOME")
    base = Path(home) if home else Path(__file__).parents[2] / "var"
    return base / "demo" / f"{region.id}-{region.seed}-v{VERSION}-{_digest(region)}"


def _digest(region: Region) -> str:
    towns = region.layers["towns"].path if "towns" in region.layers else None
    files = [path for path in (region.folder / DESCRIPTION, towns) if path is not None and path.is_file()]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:8]


def build_demo(region: Region, out: Path, *, seed: int, progress: Callable[[float, str], None]) -> None:
    """Generate every demonstration layer of a region into a folder.

    Parameters
    ----------
    region
        Its folder holds demo.toml; its towns are the area that is filled.
    out
        Folder to write: `<layer>.parquet`, `terrain.tif` and `manifest.json`. It appears complete or
        not at all.
    seed
        The same seed gives the same bytes, another one another place.
    progress
        Told the share done (0 to 1) and what is being built.

    Raises
    ------
    InputError
        The region has no demo.toml, or no towns to fill.
    """
    towns = _towns(region)
    plan = read_plan(region.folder / DESCRIPTION, crs=region.crs_metric)
    site = Site(plan, shapely.union_all(towns.geometry.to_numpy()), seed)
    layers = generate(site, progress)
    found = statistics(layers, towns)
    with_folder(out, lambda folder: _write(folder, site, layers, found, region, progress=progress))
    progress(1.0, "demonstration layers are ready")


def _towns(region: Region) -> gpd.GeoDataFrame:
    from layers.sources import read_layer  # noqa: PLC0415 - that module asks for this one

    if "towns" not in region.layers:
        rule = "the region has no towns: demonstration layers need an area to fill"
        raise InputError([Fault("towns", None, None, None, rule)])
    layer = read_layer(region, "towns")
    assert layer is not None
    return layer.frame


def _write(
    folder: Path,
    site: Site,
    layers: dict[str, gpd.GeoDataFrame],
    found: dict[str, Any],
    region: Region,
    *,
    progress: Callable[[float, str], None],
) -> None:
    progress(0.88, "writing tables")
    for name, frame in layers.items():
        frame.set_crs(region.crs_metric).to_parquet(
            folder / f"{name}.parquet", compression="zstd", index=False
        )
    progress(0.93, "terrain")
    terrain = site.plan.settings["terrain"]
    bounds = shapely.buffer(
        shapely.box(*site.boundary.bounds), terrain["margin_m"], join_style="mitre"
    ).bounds
    write_relief(site.relief, bounds, folder / "terrain.tif", cell_m=terrain["cell_m"], crs=region.crs_metric)
    manifest = {
        "version": VERSION,
        "region": region.id,
        "seed": site.seed,
        "demo": True,
        "statistics": found,
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")


def with_folder(out: Path, fill: Callable[[Path], None]) -> None:
    """Fill a folder beside `out` and put it in its place; a failure leaves what was there."""
    out.parent.mkdir(parents=True, exist_ok=True)
    token = uuid.uuid4().hex[:8]
    fresh, old = (out.with_name(f".{out.name}.{token}.{kind}") for kind in ("new", "old"))
    fresh.mkdir()
    try:
        fill(fresh)
        if out.exists():
            out.rename(old)
        fresh.rename(out)
    finally:
        for leftover in (fresh, old):
            shutil.rmtree(leftover, ignore_errors=True)
