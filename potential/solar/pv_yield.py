"""Energy per kWp: monthly for planes, hourly for one, with every gain and loss named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pvlib

from jit import njit
from potential.solar.chain import STEPS, hour_table, run_chain
from potential.solar.hour import conversion
from potential.solar.system import System
from potential.solar.transposition import beam_polynomial, diffuse_modifiers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from potential.solar.chain import Shade
    from potential.solar.sun import HourlySky

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

MONTHS = 12


@dataclass(frozen=True)
class UnitYield:
    """First-year energy of one kWp on one plane."""

    tilt_deg: float
    azimuth_deg: float
    ac_kwh_kwp_month: Floats
    """AC energy behind all losses, kWh per kWp DC, twelve months."""
    dc_kwh_kwp_month: Floats
    poa_kwh_m2_month: Floats
    """Irradiation on the plane before any loss, kWh/m2."""
    waterfall: dict[str, float]
    """Gains and losses by name, kWh/kWp a year (before conversion kWh/m2, which is the same number)."""

    @property
    def ac_kwh_kwp(self) -> float:
        """AC energy of the first year, kWh/kWp."""
        return float(self.ac_kwh_kwp_month.sum())

    @property
    def poa_kwh_m2(self) -> float:
        """Irradiation on the plane, kWh/m2 a year."""
        return float(self.poa_kwh_m2_month.sum())

    @property
    def performance_ratio(self) -> float:
        """AC energy over what the nameplate would make of the irradiation."""
        return self.ac_kwh_kwp / self.poa_kwh_m2


@dataclass(frozen=True)
class HourlyYield:
    """Every hour of one kWp on one plane."""

    poa_w_m2: Floats
    dc_w_kwp: Floats
    ac_w_kwp: Floats
    total: UnitYield


@dataclass(frozen=True)
class YieldTable:
    """Monthly energy per kWp on a grid of planes; other planes by bilinear interpolation."""

    tilts_deg: Floats
    azimuths_deg: Floats
    """Ascending from 0, below 360; interpolation closes the circle."""
    ac_kwh_kwp: Floats
    """Shape (tilts, azimuths, 12)."""
    poa_kwh_m2: Floats
    """Shape (tilts, azimuths, 12)."""

    def at(self, tilt_deg: Floats, azimuth_deg: Floats) -> tuple[Floats, Floats]:
        """Return monthly AC (kWh/kWp) and plane irradiation (kWh/m2) of many planes, shape (n, 12) each.

        Raises
        ------
        ValueError
            A tilt lies outside the table.
        """
        place = self._places(tilt_deg, azimuth_deg)
        return _blend(self.ac_kwh_kwp, *place), _blend(self.poa_kwh_m2, *place)

    def ac_at(self, tilt_deg: Floats, azimuth_deg: Floats) -> Floats:
        """Return monthly AC energy of many planes, kWh/kWp, shape (n, 12); see `at`."""
        return _blend(self.ac_kwh_kwp, *self._places(tilt_deg, azimuth_deg))

    def _places(self, tilt_deg: Floats, azimuth_deg: Floats) -> tuple[Ints, Floats, Ints, Floats]:
        tilt, azimuth = (np.atleast_1d(np.asarray(value, float)) for value in (tilt_deg, azimuth_deg))
        outside = (tilt < self.tilts_deg[0]) | (tilt > self.tilts_deg[-1])
        if outside.any():
            span = f"{self.tilts_deg[0]:g} to {self.tilts_deg[-1]:g}"
            raise ValueError(f"tilt {tilt[outside][0]:g} lies outside the table ({span} degrees)")
        ring = np.append(self.azimuths_deg, self.azimuths_deg[0] + 360.0)
        return *_place(self.tilts_deg, tilt), *_place(ring, np.mod(azimuth - ring[0], 360.0) + ring[0])


@njit(cache=True, nogil=True)
def _blend(table: Floats, row: Ints, up: Floats, column: Ints, across: Floats) -> Floats:
    """Return the bilinear mean of a table's four corners for many places; columns close a circle."""
    out = np.empty((row.size, table.shape[2]))
    for index in range(row.size):
        i, j, u, v = row[index], column[index], up[index], across[index]
        after = (j + 1) % table.shape[1]
        for month in range(table.shape[2]):
            low = table[i, j, month] * (1 - v) + table[i, after, month] * v
            high = table[i + 1, j, month] * (1 - v) + table[i + 1, after, month] * v
            out[index, month] = low * (1 - u) + high * u
    return out


def _place(nodes: Floats, values: Floats) -> tuple[Ints, Floats]:
    low = np.clip(np.searchsorted(nodes, values, side="right") - 1, 0, nodes.size - 2)
    return low, (values - nodes[low]) / (nodes[low + 1] - nodes[low])


def unit_yield(
    sky: HourlySky, tilt_deg: float, azimuth_deg: float, system: System | None = None
) -> UnitYield:
    """Return the first-year energy of one kWp on one plane.

    Perez 1990 transposition, physical incidence-angle modifier (beam by table, diffuse after Marion), Sandia
    cell temperature, PVWatts DC, named losses, PVWatts inverter with clipping.

    Parameters
    ----------
    sky
        Hourly weather with the sun.
    tilt_deg, azimuth_deg
        The plane: 0 = level to 90 = upright; 0 = north, 90 = east, 180 = south.
    system
        Module, mounting, losses, inverter; the default is a monofacial module on an open rack.
    """
    return _unit_yields(sky, np.array([tilt_deg]), np.array([azimuth_deg]), system or System())[0]


def hourly_yield(
    sky: HourlySky,
    tilt_deg: float,
    azimuth_deg: float,
    system: System | None = None,
    *,
    shade: Shade | None = None,
) -> HourlyYield:
    """Return every hour of one kWp on one plane, and the sums; see `unit_yield`.

    With `shade` the sun is dimmed hour by hour and the sky as a whole; irradiation on the plane and the
    waterfall's transposition then hold the shade.
    """
    hours = np.zeros((sky.ghi.size, 3))
    planes = np.array([tilt_deg]), np.array([azimuth_deg])
    total = _unit_yields(sky, *planes, system or System(), hours, shade=shade)[0]
    return HourlyYield(hours[:, 0], hours[:, 1], hours[:, 2], total)


def yield_table(
    sky: HourlySky,
    tilts_deg: Floats,
    azimuths_deg: Floats,
    system: System | None = None,
    *,
    cover: Floats | None = None,
) -> YieldTable:
    """Return monthly energy per kWp for every pair of tilt and azimuth.

    Parameters
    ----------
    cover
        Ground cover ratio of the rows of each pair, shape (tilts, azimuths); None: the system's.
    """
    tilts, azimuths = np.asarray(tilts_deg, float), np.asarray(azimuths_deg, float)
    if tilts.size < 2 or (np.diff(tilts) <= 0).any():  # noqa: PLR2004 - two nodes span an interval
        raise ValueError(f"tilts_deg must be at least two ascending angles, got {tilts}")
    one_turn = azimuths.size > 1 and (np.diff(azimuths) > 0).all() and np.ptp(azimuths) < 360  # noqa: PLR2004
    if not one_turn:
        raise ValueError(f"azimuths_deg must be ascending angles within one turn, got {azimuths}")
    grid_tilt, grid_azimuth = np.repeat(tilts, azimuths.size), np.tile(azimuths, tilts.size)
    rows = None if cover is None else np.ravel(cover)
    sums = monthly_sums(sky, grid_tilt, grid_azimuth, system or System(), cover=rows) / 1000
    sums = sums.reshape(tilts.size, azimuths.size, len(STEPS), MONTHS)
    poa = sums[:, :, :3].sum(axis=2)
    return YieldTable(tilts, azimuths, sums[:, :, STEPS.index("ac")], poa)


def monthly_sums(
    sky: HourlySky,
    tilt_deg: Floats,
    azimuth_deg: Floats,
    system: System,
    hourly: Floats | None = None,
    *,
    shade: Shade | None = None,
    cover: Floats | None = None,
) -> Floats:
    """Run the chain; returns W h sums of shape (planes, steps of `chain.STEPS`, 12).

    `cover` is the ground cover ratio of each plane's rows where they differ from the system's.
    """
    _check_planes(tilt_deg, azimuth_deg)
    month, hours = hour_table(sky, system)
    left, lit = (1.0, np.zeros((0, 0))) if shade is None else (shade.sky_view, shade.lit[None, :])
    planes = plane_columns(tilt_deg, azimuth_deg, system, np.full(tilt_deg.size, left), cover=cover)
    sums = np.zeros((tilt_deg.size, len(STEPS), MONTHS))
    run_chain(
        month,
        hours,
        planes,
        lit,
        beam_polynomial(system.glass),
        np.asarray(system.losses.soiling),
        _rear(sky, tilt_deg, azimuth_deg, system),
        conversion(system),
        sums,
        np.zeros((0, 3)) if hourly is None else hourly,
    )
    return sums


def plane_columns(
    tilt_deg: Floats, azimuth_deg: Floats, system: System, sky_left: Floats, *, cover: Floats | None = None
) -> Floats:
    """Return planes as the loop takes them, shape (planes, 7).

    Tilt and azimuth (radians), modifiers of sky and ground light, share of the sky that rows in front leave,
    and that surroundings leave, ground cover ratio of the rows: that of each plane, or the system's.
    """
    rows = np.full(tilt_deg.size, system.rows.ground_cover_ratio) if cover is None else cover
    kinds, index = np.unique(tilt_deg, return_inverse=True)
    modifiers = np.array([diffuse_modifiers(float(tilt), system.glass) for tilt in kinds])[index.ravel()]
    angles = np.radians(np.stack([tilt_deg, azimuth_deg], axis=1))
    return np.column_stack([angles, modifiers, _sky_seen(tilt_deg, rows), sky_left, rows])


def _check_planes(tilt_deg: Floats, azimuth_deg: Floats) -> None:
    if not ((tilt_deg >= 0) & (tilt_deg <= 90)).all():  # noqa: PLR2004 - upright
        raise ValueError(f"tilt must lie between 0 and 90 degrees, got {tilt_deg}")
    if not np.isfinite(azimuth_deg).all():
        raise ValueError("azimuth must be a finite angle in degrees")


def _sky_seen(tilt_deg: Floats, cover: Floats) -> Floats:
    """Return the share of the plane's own sky that the row in front leaves (Passias and Kallback 1984)."""
    seen = np.ones(tilt_deg.size)
    rows = cover > 0
    masking = pvlib.shading.masking_angle_passias(np.maximum(tilt_deg[rows], 1e-6), cover[rows])
    seen[rows] = 1 - pvlib.shading.sky_diffuse_passias(masking)
    return seen


def _rear(sky: HourlySky, tilt_deg: Floats, azimuth_deg: Floats, system: System) -> Floats:
    """Return rear irradiance (W/m2) of bifacial rows, (planes, hours); no planes for monofacial modules."""
    if system.bifaciality <= 0:
        return np.zeros((0, sky.ghi.size))
    planes = zip(tilt_deg, azimuth_deg, strict=True)
    return np.asarray([rear_irradiance(sky, tilt, azimuth, system) for tilt, azimuth in planes])


def rear_irradiance(sky: HourlySky, tilt_deg: Floats, azimuth_deg: Floats, system: System) -> Floats:
    """Return irradiance on the rear of rows in every hour, W/m2 (pvlib's infinite sheds).

    Parameters
    ----------
    sky
        The year.
    tilt_deg, azimuth_deg
        Of the front; one value, or one per hour for rows that turn.
    system
        Rows, albedo and bifaciality.
    """
    rows = system.rows
    found = pvlib.bifacial.infinite_sheds.get_irradiance_poa(
        surface_tilt=180 - tilt_deg,
        surface_azimuth=(azimuth_deg + 180) % 360,
        solar_zenith=sky.zenith_deg,
        solar_azimuth=sky.azimuth_deg,
        gcr=max(rows.ground_cover_ratio, 0.05),
        height=rows.clearance_m,
        pitch=rows.pitch_m,
        ghi=sky.ghi,
        dhi=sky.dhi,
        dni=sky.dni,
        albedo=system.albedo,
    )["poa_global"]
    return np.nan_to_num(np.asarray(found, float)).clip(min=0)


def _unit_yields(
    sky: HourlySky,
    tilt_deg: Floats,
    azimuth_deg: Floats,
    system: System,
    hourly: Floats | None = None,
    *,
    shade: Shade | None = None,
) -> list[UnitYield]:
    sums = monthly_sums(sky, tilt_deg, azimuth_deg, system, hourly, shade=shade) / 1000
    ghi = float(sky.ghi.sum() / 1000)
    return [
        UnitYield(
            tilt_deg=float(tilt),
            azimuth_deg=float(azimuth),
            ac_kwh_kwp_month=plane[STEPS.index("ac")],
            dc_kwh_kwp_month=plane[STEPS.index("dc")],
            poa_kwh_m2_month=plane[:3].sum(axis=0),
            waterfall=waterfall(ghi, plane.sum(axis=1), system),
        )
        for tilt, azimuth, plane in zip(tilt_deg, azimuth_deg, sums, strict=True)
    ]


def waterfall(ghi: float, year: Floats, system: System) -> dict[str, float]:
    """Return gains and losses from horizontal irradiation to AC energy; the items add up to the last, `ac`.

    Parameters
    ----------
    ghi
        Horizontal irradiation, kWh/m2 a year.
    year
        Annual sums of the steps of the chain, kWh.
    system
        The system whose flat losses are spread over their names in order.
    """
    step = dict(zip(STEPS, (float(value) for value in year), strict=True))
    poa = step["beam"] + step["sky_diffuse"] + step["ground"]
    items = {"ghi": ghi, "transposition": poa - ghi, "rear": step["rear"]}
    items |= {name: step[name] for name in ("row_shading", "iam", "soiling", "temperature")}
    left = sum(items.values())
    flat = system.losses.flat()
    behind = {name: flat.pop(name) for name in ("ac_wiring", "unavailability")}
    for name, share in flat.items():
        items[name] = -left * share
        left += items[name]
    before_ac = step["ac"] / system.losses.ac_factor
    items["inverter"] = before_ac + step["clipping"] - left
    items["clipping"] = -step["clipping"]
    left = before_ac
    for name, share in behind.items():
        items[name] = -left * share
        left += items[name]
    items["ac"] = step["ac"]
    return items
