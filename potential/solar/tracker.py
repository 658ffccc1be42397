"""Single-axis trackers: rows on a level axis that follow the sun, with backtracking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pvlib

from jit import njit
from potential.solar.chain import STEPS, hour_table, steps_of
from potential.solar.hour import GHI, LANES, SUMS, add_hour, conversion, lanes_of
from potential.solar.pv_yield import plane_columns
from potential.solar.rear import rear_irradiance
from potential.solar.transposition import beam_polynomial
from potential.solar.yields import HourlyYield, unit_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from potential.solar.hour import Conversion
    from potential.solar.sun import HourlySky
    from potential.solar.system import System

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

MONTHS = 12
NODE_DEG = 2.5
"""Modifiers and masking are found at steps of this tilt and interpolated between."""


@dataclass(frozen=True)
class Tracker:
    """How rows turn."""

    axis_azimuth_deg: float = 180.0
    """Where the axis points, 0 = north, clockwise."""
    max_angle_deg: float = 60.0
    """Furthest turn from level to either side."""
    backtrack: bool = True
    """True: rows turn back in low sun so that none shades its neighbour."""

    def __post_init__(self) -> None:
        """Check the turn."""
        if not 0 < self.max_angle_deg <= 90:  # noqa: PLR2004 - upright
            raise ValueError(f"max_angle_deg must lie between 0 and 90, got {self.max_angle_deg}")


def rotation(sky: HourlySky, tracker: Tracker, *, ground_cover_ratio: float) -> tuple[Floats, Floats]:
    """Return tilt and azimuth of the modules in each hour, level at night.

    Anderson and Mikofski 2020 (NREL/TP-5K00-76626) as in pvlib: the angle of least incidence, turned back
    where the row in front would shade.
    """
    turned = pvlib.tracking.singleaxis(
        sky.zenith_deg,
        sky.azimuth_deg,
        axis_tilt=0.0,
        axis_azimuth=tracker.axis_azimuth_deg,
        max_angle=tracker.max_angle_deg,
        backtrack=tracker.backtrack,
        gcr=max(ground_cover_ratio, 1e-3),
    )
    tilt = np.nan_to_num(np.asarray(turned["surface_tilt"], float))
    return tilt, np.nan_to_num(np.asarray(turned["surface_azimuth"], float))


@njit(cache=True, nogil=True)
def _run(  # noqa: PLR0917 - a kernel
    month: Ints,
    hours: Floats,
    planes: Floats,
    rear: Floats,
    powers: Floats,
    soiling: Floats,
    system: Conversion,
    sums: Floats,
    series: Floats,
) -> None:
    """Add up the steps of the chain, shape (steps, 12), with another plane in each hour; keep the hours."""
    lit, back = np.ones(LANES), np.zeros(LANES)
    part, before = np.empty(SUMS * LANES), np.zeros(sums.shape[0])
    for index in range(hours.shape[0]):
        if hours[index, GHI] <= 0.0:
            continue
        m = month[index]
        kept = 1.0 - soiling[m]
        part[:] = 0.0
        back[:] = rear[index]
        lanes = lanes_of(planes[index : index + 1], 0).reshape(-1)
        add_hour(hours[index], lanes, lit, back, powers, kept, system, part)
        steps_of(part.reshape(SUMS, LANES)[:, 0], kept, system, before)
        sums[:, m] += before
        series[index, 0] = before[0] + before[1] + before[2]
        series[index, 1], series[index, 2] = before[8], before[10]


def tracker_yield(sky: HourlySky, system: System, tracker: Tracker | None = None) -> HourlyYield:
    """Return every hour of one kWp on a tracker, and the sums; tilt and azimuth of the sum are the axis'.

    The same chain as of fixed planes. Rows that backtrack do not shade each other's beam; what they take of
    each other's sky counts in every hour.

    Parameters
    ----------
    sky
        Hourly weather with the sun.
    system
        Module, losses, inverter, rows; the ground cover ratio decides the backtracking.
    tracker
        How rows turn; the default turns 60 degrees about an axis from north to south.
    """
    turning = Tracker() if tracker is None else tracker
    rows = system.rows
    tilt, azimuth = rotation(sky, turning, ground_cover_ratio=rows.ground_cover_ratio)
    nodes = np.arange(0.0, turning.max_angle_deg + NODE_DEG, NODE_DEG).clip(max=90.0)
    table = plane_columns(nodes, np.zeros_like(nodes), system, np.ones_like(nodes))
    columns = [np.interp(tilt, nodes, column) for column in table.T[2:5]]
    # rows that turn back never shade each other's beam
    dark = np.full_like(tilt, 0.0 if turning.backtrack else rows.ground_cover_ratio)
    planes = np.column_stack([np.radians(tilt), np.radians(azimuth), *columns, np.ones_like(tilt), dark])
    month, hours = hour_table(sky, system)
    sums, series = np.zeros((len(STEPS), MONTHS)), np.zeros((sky.ghi.size, 3))
    loop = conversion(system)
    soiling = np.asarray(system.losses.soiling)
    rear = _rear(sky, tilt, azimuth, system)
    _run(month, hours, planes, rear, beam_polynomial(system.glass), soiling, loop, sums, series)
    kwh = sums / 1000
    unit = unit_of(kwh, 0.0, turning.axis_azimuth_deg, float(sky.ghi.sum() / 1000), system)
    return HourlyYield(series[:, 0], series[:, 1], series[:, 2], unit)


def _rear(sky: HourlySky, tilt_deg: Floats, azimuth_deg: Floats, system: System) -> Floats:
    """Return rear irradiance (W/m2) of every hour; 0 for monofacial modules."""
    if system.bifaciality <= 0:
        return np.zeros(sky.ghi.size)
    return rear_irradiance(sky, tilt_deg, azimuth_deg, system)
