"""What the horizon takes from the energy of each roof, reckoned hour by hour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gis.horizon import LEVELS, SECTORS, thresholds_deg
from potential.solar.arrays import TENTS
from potential.solar.chain import STEPS
from potential.solar.pv_yield import monthly_sums
from potential.solar.roof_hours import HOURS, roof_yields, sun_terms
from potential.solar.sun import substep_angles

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    from assessment.horizons import RoofHorizons
    from assessment.solar_types import TypeDefaults
    from layers.climate import Weather
    from potential.solar.roof_hours import SunTerms
    from potential.solar.system import System

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

MONTHS = 12


def terms_of(weather: Weather, *, convergence_deg: float) -> SunTerms:
    """Return which parts of the shading engine's horizons the sun of each hour sees."""
    zenith, azimuth = substep_angles(
        weather.times, lat=weather.lat, lon=weather.lon, altitude_m=weather.altitude_m
    )
    sectors = np.arange(SECTORS) * 360.0 / SECTORS
    return sun_terms(
        zenith, azimuth - convergence_deg, azimuths_deg=sectors, levels_deg=thresholds_deg(SECTORS, LEVELS)
    )


@dataclass(frozen=True)
class _Sides:
    """The planes of arrays: one each, two where tents look to both sides."""

    row: Ints
    """Row of the array."""
    tilt_deg: Floats
    azimuth_deg: Floats
    cover: Floats
    weight: Floats
    """Share of the array's modules."""
    view: Floats
    """Share of the open plane's sky that is left."""

    def take(self, chosen: NDArray[np.bool_]) -> _Sides:
        """Return some of them."""
        return _Sides(**{name: values[chosen] for name, values in vars(self).items()})


def roof_losses(
    roofs: gpd.GeoDataFrame,
    horizons: RoofHorizons,
    *,
    weather: Weather,
    types: Mapping[str, TypeDefaults],
) -> tuple[Floats, Floats]:
    """Return the share of each month's energy that surroundings take, and the months by hour of the day.

    Clipping, temperature and the incidence modifier see each hour as the horizon leaves it, so that a shaded
    noon in July is not the same as a shaded morning in January.

    Parameters
    ----------
    roofs
        Columns type, parcel_id, layout, tilt_deg, azimuth_deg (true), cover (ground cover ratio of the rows;
        NaN: that of the type).
    horizons
        Of the buildings.

    Returns
    -------
    Loss, shape (n, 12), and energy kWh/kWp, shape (n, 12, 24); NaN where the engine saw no pixel of the roof.
    """
    loss, energy = np.full((len(roofs), MONTHS), np.nan), np.full((len(roofs), MONTHS, HOURS), np.nan)
    terms = terms_of(weather, convergence_deg=horizons.turn_deg)
    hour = weather.times.hour.to_numpy(np.int64)
    found = horizons.of(roofs["parcel_id"].to_numpy())
    seen = found["pixels"].to_numpy() > 0
    kinds = roofs["type"].to_numpy(str)
    sides = _sides_of(roofs, horizons, types)
    for kind in np.unique(kinds[seen]):
        rows, system = np.flatnonzero(seen & (kinds == kind)), types[kind].system
        part = sides.take((seen & (kinds == kind))[sides.row])
        codes = np.stack(found["horizon"].iloc[part.row].to_list())
        angles = (part.tilt_deg, part.azimuth_deg)
        made = roof_yields(weather.sky, hour, terms, codes, part.view, *angles, system, cover=part.cover)
        energy[rows] = 0.0
        np.add.at(energy, part.row, made * part.weight[:, None, None])
        free = np.zeros((len(roofs), MONTHS))
        np.add.at(free, part.row, _open_sky(part, weather, system) * part.weight[:, None])
        shaded = energy[rows].sum(axis=2)
        loss[rows] = 1 - np.divide(shaded, free[rows], out=np.ones_like(shaded), where=free[rows] > 0)
    return loss, energy


def _sides_of(roofs: gpd.GeoDataFrame, horizons: RoofHorizons, types: Mapping[str, TypeDefaults]) -> _Sides:
    own = roofs["type"].map({kind: plan.system.rows.ground_cover_ratio for kind, plan in types.items()})
    cover = roofs["cover"].fillna(own).to_numpy(float)
    tilt, azimuth = (roofs[name].to_numpy(float) for name in ("tilt_deg", "azimuth_deg"))
    tents = (roofs["layout"] == TENTS).to_numpy()
    row = np.concatenate([np.arange(len(roofs)), np.flatnonzero(tents)])
    faces = np.concatenate([azimuth, azimuth[tents] + 180.0])
    left = horizons.kept(roofs["parcel_id"].to_numpy()[row], tilt[row][:, None], faces[:, None]).view[:, 0]
    return _Sides(row, tilt[row], faces, cover[row], np.where(tents[row], 0.5, 1.0), left)


def _open_sky(sides: _Sides, weather: Weather, system: System) -> Floats:
    """Return the energy of planes under an open sky, kWh/kWp, shape (n, 12)."""
    each = np.column_stack([sides.tilt_deg, np.mod(sides.azimuth_deg, 360.0), sides.cover])
    planes, which = np.unique(each, axis=0, return_inverse=True)
    sums = monthly_sums(weather.sky, planes[:, 0], planes[:, 1], system, cover=planes[:, 2])
    return sums[which.ravel(), STEPS.index("ac")] / 1000
