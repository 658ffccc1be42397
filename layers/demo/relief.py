"""The relief: river plains, terraces and the loess plateau, as a function of the place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import rasterio
import shapely
from rasterio.enums import Resampling
from rasterio.shutil import copy

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from layers.demo.dice import Dice

    Floats = NDArray[np.float64]

NODATA = -9999.0


@dataclass(frozen=True)
class Course:
    """A river that runs eastward: where it is and how high its water stands at each easting."""

    x: Floats
    y: Floats
    level_m: Floats

    def north_of(self, x: Floats, y: Floats) -> Floats:
        """Return the distance to the north of the river, negative to the south (m)."""
        return y - np.interp(x, self.x, self.y)

    def water_m(self, x: Floats) -> Floats:
        """Return the level of the water (m)."""
        return np.interp(x, self.x, self.level_m)


def course(line: shapely.LineString, levels: Floats) -> Course:
    """Return the course of a river from its line and its (easting, level) pairs, both going east."""
    points = shapely.get_coordinates(line)
    eastward = np.maximum.accumulate(points[:, 0])
    return Course(eastward, points[:, 1], np.interp(eastward, levels[:, 0], levels[:, 1]))


@dataclass(frozen=True)
class Relief:
    """Elevation of any place: the plateau, cut down by terraces toward its two rivers."""

    main: Course
    """The river south of the plateau."""
    side: Course
    """The river north of the plateau."""
    summit: tuple[float, float]
    low_m: float
    high_m: float
    dice: Dice

    def elevation_m(self, x: Floats, y: Floats) -> Floats:
        """Return the elevation (m) at metric coordinates of any shape."""
        north = self.main.north_of(x, y)
        beyond = self.side.north_of(x, y)
        wiggle = (self.dice.field(x, y, 1500.0) - 0.5) * 900.0
        plateau = self._plateau(x, y)
        from_main = self.main.water_m(x) + _terraces(north + wiggle * _ramp(north, 900.0, 2600.0, 1.0))
        from_side = self.side.water_m(x) + _bank(-beyond + 0.5 * wiggle * _ramp(-beyond, 300.0, 1500.0, 1.0))
        ground = np.minimum(plateau, np.minimum(from_main, from_side))
        ground = np.where(north < 0.0, self.main.water_m(x) + _south_plain(-north), ground)
        ground = np.where(
            beyond > 0.0, np.minimum(self.side.water_m(x) + _north_plain(beyond), from_main), ground
        )
        rough = (self.dice.field(x, y, 420.0) - 0.5) * 1.6 + (self.dice.field(x + 9e5, y, 110.0) - 0.5) * 0.5
        calm = np.minimum(np.abs(north), np.abs(beyond)) / 900.0
        ground = ground + rough * np.clip(calm, 0.0, 1.0)
        return np.clip(ground, self.low_m, self.high_m)

    def _plateau(self, x: Floats, y: Floats) -> Floats:
        east, north = x - self.summit[0], y - self.summit[1]
        tilt = np.where(east > 0.0, -0.0038 * east, 0.0008 * east)
        dome = 40.0 * np.exp(-(east**2 + (1.6 * north) ** 2) / 7000.0**2)
        gullies = 10.0 * np.maximum(0.0, self.dice.field(x * 0.6 + y * 0.3, y * 0.25 - x * 0.2, 700.0) - 0.62)
        return 474.5 + tilt + dome - gullies


def _ramp(distance: Floats, start_m: float, end_m: float, rise_m: float) -> Floats:
    share = np.clip((distance - start_m) / (end_m - start_m), 0.0, 1.0)
    return rise_m * share * share * (3.0 - 2.0 * share)


def _terraces(north: Floats) -> Floats:
    """Height above the water north of the main river: floodplain, first and second terrace, plateau edge."""
    return (
        _ramp(north, 100.0, 260.0, 2.0)
        + _ramp(north, 500.0, 800.0, 6.0)
        + _ramp(north, 1400.0, 1750.0, 14.0)
        + 0.002 * np.clip(north, 0.0, 6000.0)
        + _ramp(north, 2500.0, 3300.0, 48.0)
        + _ramp(north, 4200.0, 5600.0, 60.0)
    )


def _bank(south: Floats) -> Floats:
    """Height above the water on the plateau side of the northern river: low bank, then the scarp."""
    low = (
        _ramp(south, 50.0, 140.0, 2.0) + _ramp(south, 300.0, 600.0, 9.0) + _ramp(south, 1200.0, 2300.0, 42.0)
    )
    return low + _ramp(south, 2600.0, 5200.0, 85.0)


def _south_plain(south: Floats) -> Floats:
    return (
        _ramp(south, 100.0, 260.0, 2.0)
        + _ramp(south, 450.0, 800.0, 3.5)
        + _ramp(south, 2200.0, 2900.0, 4.0)
        + 0.0011 * south
    )


def _north_plain(north: Floats) -> Floats:
    return _ramp(north, 50.0, 140.0, 2.0) + _ramp(north, 250.0, 600.0, 12.0) + 0.0018 * north


def write_relief(
    relief: Relief, bounds: tuple[float, float, float, float], out: Path, *, cell_m: float, crs: str
) -> None:
    """Write the relief as a cloud-optimised GeoTIFF, metres to the decimetre, cell centres sampled."""
    west, south, east, north = bounds
    west, north = np.floor(west / cell_m) * cell_m, np.ceil(north / cell_m) * cell_m
    columns, rows = int((east - west) // cell_m) + 1, int((north - south) // cell_m) + 1
    x = west + (np.arange(columns) + 0.5) * cell_m
    y = north - (np.arange(rows) + 0.5) * cell_m
    band = np.empty((rows, columns), dtype=np.float32)
    for start in range(0, rows, 512):
        part = slice(start, start + 512)
        grid_x, grid_y = np.meshgrid(x, y[part])
        band[part] = np.round(relief.elevation_m(grid_x, grid_y), 1)
    transform = rasterio.Affine(cell_m, 0.0, west, 0.0, -cell_m, north)
    _write_cog(band, transform, out, crs)


def _write_cog(band: NDArray[np.float32], transform: rasterio.Affine, out: Path, crs: str) -> None:
    rows, columns = band.shape
    profile = {"width": columns, "height": rows, "count": 1, "dtype": "float32", "crs": crs, "nodata": NODATA}
    with rasterio.MemoryFile() as memory:
        with memory.open(driver="GTiff", transform=transform, **profile) as plain:
            plain.write(band, 1)
            plain.set_band_description(1, "elevation_m")
        with memory.open() as plain:
            copy(
                plain, out, driver="COG", COMPRESS="DEFLATE", PREDICTOR="YES", BLOCKSIZE="512",
                OVERVIEW_RESAMPLING=Resampling.average.name.upper(), NUM_THREADS="1",
            )  # fmt: skip
