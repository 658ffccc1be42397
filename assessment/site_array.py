"""The array of one site of a run: its planes, its year of hours and its steps from light to energy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from potential.solar.arrays import ALIGNED, SOUTH, TENTS, RowShadows, tent_cover
from potential.solar.pv_yield import hourly_yield
from potential.solar.tracker import tracker_yield
from potential.solar.yields import HourlyYield, mean_yield

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from assessment.solar_types import TypeDefaults
    from layers.catalog import Catalog
    from potential.solar.sun import HourlySky
    from potential.solar.system import System

    Floats = NDArray[np.float64]

RACKS = (SOUTH, ALIGNED)


@dataclass(frozen=True)
class SiteArray:
    """How the modules of one site lie."""

    tilt_deg: float
    azimuths_deg: tuple[float, ...]
    """Of its planes, true: one, or two of equal size."""
    system: System
    """With the rows of this site."""
    plan: TypeDefaults

    @classmethod
    def of(cls, site: Mapping[str, Any], plan: TypeDefaults, density: Catalog, *, lat: float) -> SiteArray:
        """Return the array of a row of a run; rows without a layout have that of their type."""
        tilt, azimuth = float(site["tilt_deg"]), float(site["azimuth_deg"])
        layout = site.get("layout") if site["type"] == "roof_flat" else None
        rows = plan.system.rows
        if layout == TENTS:
            cover = tent_cover(tilt, density.value("east_west.gap_share"))
            system = replace(plan.system, rows=replace(rows, ground_cover_ratio=cover))
            return cls(tilt, (azimuth, float(np.mod(azimuth + 180.0, 360.0))), system, plan)
        if layout in RACKS:
            ratio = float(RowShadows.at(lat).pitch_ratio(tilt, azimuth))
            system = replace(plan.system, rows=replace(rows, ground_cover_ratio=min(1 / ratio, 1.0)))
            return cls(tilt, (azimuth,), system, plan)
        return cls(tilt, (azimuth,), plan.system, plan)

    @property
    def module_cover(self) -> float:
        """Modules along the slope over the distance between rows, both halves of a tent counted."""
        return self.system.rows.ground_cover_ratio * len(self.azimuths_deg)

    def hours(self, sky: HourlySky) -> HourlyYield:
        """Return the first year of one kWp under an open sky."""
        if self.plan.tracker is not None:
            return tracker_yield(sky, self.system, self.plan.tracker)
        return mean_yield([hourly_yield(sky, self.tilt_deg, side, self.system) for side in self.azimuths_deg])
