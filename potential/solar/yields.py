"""What a yield is: energy of one kWp by month and hour, with every gain and loss named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from potential.solar.chain import STEPS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from potential.solar.system import System

    Floats = NDArray[np.float64]


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
    steps_kwh_month: Floats
    """Sums of the steps of `chain.STEPS`, shape (steps, 12)."""
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


def unit_of(steps: Floats, tilt_deg: float, azimuth_deg: float, ghi: float, system: System) -> UnitYield:
    """Return the yield that monthly sums of the chain come to.

    Parameters
    ----------
    steps
        kWh, shape (steps of `chain.STEPS`, 12).
    tilt_deg, azimuth_deg
        The plane.
    ghi
        Horizontal irradiation, kWh/m2 a year.
    system
        Whose losses the waterfall names.
    """
    return UnitYield(
        tilt_deg=tilt_deg,
        azimuth_deg=azimuth_deg,
        ac_kwh_kwp_month=steps[STEPS.index("ac")],
        dc_kwh_kwp_month=steps[STEPS.index("dc")],
        poa_kwh_m2_month=steps[:3].sum(axis=0),
        steps_kwh_month=steps,
        waterfall=waterfall(ghi, steps.sum(axis=1), system),
    )


def mean_yield(planes: Sequence[HourlyYield]) -> HourlyYield:
    """Return the yield of an array whose modules are shared evenly by planes; named after the first.

    Raises
    ------
    ValueError
        There is no plane.
    """
    if not planes:
        raise ValueError("an array has at least one plane")
    if len(planes) == 1:
        return planes[0]
    totals = [plane.total for plane in planes]

    def mean(name: str, of: Sequence[HourlyYield] | Sequence[UnitYield]) -> Floats:
        return np.asarray(np.mean([getattr(one, name) for one in of], axis=0), np.float64)

    unit = UnitYield(
        tilt_deg=totals[0].tilt_deg,
        azimuth_deg=totals[0].azimuth_deg,
        ac_kwh_kwp_month=mean("ac_kwh_kwp_month", totals),
        dc_kwh_kwp_month=mean("dc_kwh_kwp_month", totals),
        poa_kwh_m2_month=mean("poa_kwh_m2_month", totals),
        steps_kwh_month=mean("steps_kwh_month", totals),
        waterfall={
            name: float(np.mean([one.waterfall[name] for one in totals])) for name in totals[0].waterfall
        },
    )
    return HourlyYield(
        poa_w_m2=mean("poa_w_m2", planes),
        dc_w_kwp=mean("dc_w_kwp", planes),
        ac_w_kwp=mean("ac_w_kwp", planes),
        total=unit,
    )


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
