"""The buildings of a region as shade needs them, kept so that only those around a place are read."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import geopandas as gpd
import pyarrow.parquet as pq

from assessment.run import Run, write_atomically
from assessment.solar_site import shadows, site_shade
from assessment.weather import region_weather
from faults import Fault, InputError, RunError
from jit import fingerprint
from layers.sources import raster_path, read_layer
from ui.region import region_of
from ui.runs import current_store, home

if TYPE_CHECKING:
    from layers.region import Region
    from ui.store import Store

    Bounds = tuple[float, float, float, float]

FORMAT = 1
"""Raise it when the files change: older ones are then made anew."""
NEEDED = ("id", "use", "height_m", "floors", "roof_form", "geometry")
"""Columns of buildings that shade is reckoned from."""
ROWS = 2000
"""Neighbours that are stored, and read, together."""
_ONCE = Lock()


@dataclass(frozen=True)
class Casters:
    """The buildings and the ground that cast shadows, as files."""

    buildings: Path
    terrain: Path
    crs: str
    """Metric CRS of the buildings."""

    def near(self, bounds: Bounds) -> gpd.GeoDataFrame:
        """Return the buildings whose own bounds meet some bounds (metric); nothing else is read."""
        return gpd.read_parquet(self.buildings, bbox=bounds)

    def bounds_of(self, building: str) -> Bounds:
        """Return the bounds of one building.

        Raises
        ------
        InputError
            No building has this id.
        """
        found = pq.read_table(self.buildings, columns=["bbox"], filters=[("id", "==", building)])
        if not found.num_rows:
            raise InputError([Fault("buildings", None, "id", building, "no building has this id")])
        box = found["bbox"][0].as_py()
        return box["xmin"], box["ymin"], box["xmax"], box["ymax"]


def casters_of(store: Store, *, generate: bool = True) -> Casters:
    """Return what casts shadows in the run's region; a child process makes the files on first use.

    Parameters
    ----------
    generate
        False does not wait for demonstration layers that are not there yet.

    Raises
    ------
    RunError
        The region is not known here, has no buildings or no terrain, or the files cannot be made.
    """
    with _ONCE:
        return _casters(store.key, generate)


@lru_cache(maxsize=2)
def _casters(key: str, generate: bool) -> Casters:  # noqa: FBT001 - part of the cache's key
    run = current_store().run
    region = region_of(run)
    if region is None:
        raise RunError("the region of this assessment is not known here")
    folder = home() / "cache" / f"shade-{_name(key, region)}"
    if not folder.is_dir():
        _make(run, folder, generate=generate)
    return read_casters(folder)


def read_casters(folder: Path) -> Casters:
    """Return the files that `make_casters` wrote."""
    told = json.loads((folder / "casters.json").read_text(encoding="utf-8"))
    return Casters(folder / "buildings.parquet", Path(told["terrain"]), told["crs"])


def _name(key: str, region: Region) -> str:
    """Return a name that changes with the run, the region's files and the compiled kernels."""
    digest = hashlib.sha256(f"{FORMAT} {key} {fingerprint()}".encode())
    for name in ("buildings", "surface", "terrain"):
        spec = region.layers.get(name)
        if spec is not None and spec.path is not None and spec.path.is_file():
            stat = spec.path.stat()
            digest.update(f"{spec.path} {stat.st_size} {stat.st_mtime_ns}".encode())
    return digest.hexdigest()[:16]


def _make(run: Run, folder: Path, *, generate: bool) -> None:
    command = [sys.executable, "-m", "ui.casters", str(run.path.resolve()), str(folder.resolve())]
    project = Path(__file__).resolve().parent.parent
    command += [] if generate else ["--as-is"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise RunError(reason.removeprefix("faults.RunError: "))


def make_casters(region: Region, target: Path) -> None:
    """Write a region's buildings, neighbours together, with their bounds, below `target`; atomically.

    Raises
    ------
    RunError
        The region has no buildings or no terrain.
    """
    buildings, terrain = read_layer(region, "buildings"), raster_path(region, "terrain")
    if buildings is None or terrain is None:
        raise RunError("shadows need buildings with heights and a terrain; the region has none")
    frame = buildings.frame[[name for name in NEEDED if name in buildings.frame]]
    frame = frame.iloc[frame.hilbert_distance().to_numpy().argsort(kind="stable")]
    told = {"terrain": str(terrain.resolve()), "crs": str(region.crs_metric)}

    def fill(folder: Path) -> None:
        file = folder / "buildings.parquet"
        frame.to_parquet(file, index=False, write_covering_bbox=True, row_group_size=ROWS)
        (folder / "casters.json").write_text(json.dumps(told), encoding="utf-8")

    write_atomically(target, fill)


def _generated(region: Region) -> bool:
    """Say whether the region's own buildings, real or generated, are there."""
    from layers.demo.build import demo_folder  # noqa: PLC0415 - heavy, and only asked in the child process

    spec = region.layers.get("buildings")
    return spec is None or spec.path is not None or (demo_folder(region) / "buildings.parquet").is_file()


def compile_kernels(casters: Casters, region: Region, run: Run) -> None:
    """Reckon the shade of one building once, so that its kernels lie compiled on the disk."""
    first = (
        pq.ParquetFile(casters.buildings).read_row_group(0, columns=["id", "height_m", "bbox"]).to_pylist()
    )
    known = next((row for row in first if row["height_m"] is not None and row["height_m"] > 0), None)
    if known is None:
        return
    box = known["bbox"]
    bounds = (box["xmin"], box["ymin"], box["xmax"], box["ymax"])
    near, weather = casters.near(bounds), region_weather(region, run.towns)
    with suppress(InputError):  # a building below a higher roof: whoever asks for another compiles then
        site_shade(near, str(known["id"]), casters.terrain, weather, resolution_m=2.0)
    shadows(near, casters.terrain, bounds, sun_zenith_deg=60.0, sun_azimuth_deg=180.0)


def main(run_folder: str, folder: str, *options: str) -> None:
    """Make the files of a run's region, and compile what shade is reckoned with."""
    run = Run(Path(run_folder))
    region = region_of(run)
    if region is None:
        raise RunError("the region of this assessment is not known here")
    if "--as-is" in options and not _generated(region):
        raise RunError("the demonstration layers are not there yet")
    make_casters(region, Path(folder))
    compile_kernels(read_casters(Path(folder)), region, run)


if __name__ == "__main__":
    main(*sys.argv[1:])
