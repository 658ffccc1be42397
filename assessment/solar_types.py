"""The photovoltaic types: tilt, power density, usable share and system of each, out of the catalogues."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from assessment.mountings import turns
from assessment.run import PV_TYPES
from potential.solar.arrays import ALIGNED, FLUSH, SOUTH, TRACKER
from potential.solar.density import covered_density_w_m2, row_pitch_ratio
from potential.solar.system import CLOSE_ROOF, INSULATED_BACK, OPEN_RACK, Losses, Mounting, Rows, System
from potential.solar.tracker import Tracker
from potential.solar.transposition import COATED_GLASS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layers.catalog import Catalog, Quantity

CATALOGS = ("modules", "density", "usable_share", "losses", "shading")
"""Names of the catalogues the solar types are made of."""


class Range(NamedTuple):
    """Low, central and high of one number."""

    low: float
    central: float
    high: float


@dataclass(frozen=True)
class _Plan:
    mounting: Mounting
    module: str = "reference"
    flush: bool = False
    """True: modules lie on the surface, no rows."""
    faces_building: bool = False
    """True: the array faces where the building faces; False: the equator."""
    ground: bool = False
    """True: ground plant, with its DC/AC ratio."""


_PLANS: Mapping[str, _Plan] = {
    "roof_flat": _Plan(OPEN_RACK, faces_building=True),
    "roof_metal": _Plan(CLOSE_ROOF, flush=True, faces_building=True),
    "roof_pitched": _Plan(CLOSE_ROOF, flush=True, faces_building=True),
    "facade": _Plan(INSULATED_BACK, module="bipv_cdte", flush=True, faces_building=True),
    "carport": _Plan(OPEN_RACK, flush=True),
    "canopy": _Plan(OPEN_RACK),
    "agrivoltaic_orchard": _Plan(OPEN_RACK, module="reference_bifacial", ground=True),
    "agrivoltaic_grass": _Plan(OPEN_RACK, module="reference_bifacial", ground=True),
    "greenhouse": _Plan(OPEN_RACK, flush=True, ground=True),
    "fish_pond": _Plan(OPEN_RACK, module="reference_bifacial", ground=True),
    "ground": _Plan(OPEN_RACK, module="reference_bifacial", ground=True),
    "verge": _Plan(OPEN_RACK, ground=True),
}


@dataclass(frozen=True)
class TypeDefaults:
    """What one PV type is built like."""

    type: str
    tilt_deg: Range
    faces_building: bool
    """True: azimuth is the roof's or wall's; False: the array faces the equator."""
    flush: bool
    """True: a roof's own tilt, where known, replaces `tilt_deg`."""
    density_w_m2: Range
    """DC watts per m2 of usable area."""
    system: System
    tracker: Tracker | None = None
    """How rows turn; None: they are fixed."""

    @property
    def layout(self) -> str:
        """How modules lie where no roof has a layout of its own."""
        if self.tracker is not None:
            return TRACKER
        if self.flush:
            return FLUSH
        return ALIGNED if self.faces_building else SOUTH


def type_defaults(catalogs: Mapping[str, Catalog], *, lat: float) -> dict[str, TypeDefaults]:
    """Return the defaults of every PV type at a latitude.

    Parameters
    ----------
    catalogs
        `modules`, `density` and `losses`.
    lat
        Degrees north: decides the pitch of rows.
    """
    return {kind: _defaults(kind, _PLANS[kind], catalogs, lat) for kind in PV_TYPES}


def usable_share(catalogs: Mapping[str, Catalog], kind: str, use: str | None) -> Quantity:
    """Return the share of the area society gives to photovoltaics: `<type>.<use>`, else `<type>.default`."""
    return _by_use(catalogs["usable_share"], kind, use)


def shading_class(catalogs: Mapping[str, Catalog], kind: str, use: str | None) -> Quantity:
    """Return the near-shading loss of a class, for sites whose surroundings have no heights."""
    catalog = catalogs["shading"]
    known = any(key.startswith(f"{kind}.") for key in catalog)
    return _by_use(catalog, kind if known else "open", use)


def _by_use(catalog: Catalog, kind: str, use: str | None) -> Quantity:
    key = f"{kind}.{use}"
    return catalog[key if key in catalog else f"{kind}.default"]


def _defaults(kind: str, plan: _Plan, catalogs: Mapping[str, Catalog], lat: float) -> TypeDefaults:
    density = catalogs["density"]
    tilt = density[f"{kind}.tilt_deg"]
    return TypeDefaults(
        type=kind,
        tilt_deg=Range(0.0, 0.0, 0.0) if turns(kind, density) else Range(tilt.low, tilt.value, tilt.high),
        faces_building=plan.faces_building,
        flush=plan.flush,
        density_w_m2=_density(kind, plan, catalogs, lat),
        system=_system(kind, plan, catalogs, lat),
        tracker=_tracker(density) if turns(kind, density) else None,
    )


def _tracker(density: Catalog) -> Tracker:
    return Tracker(
        axis_azimuth_deg=density.value("tracker.axis_azimuth_deg"),
        max_angle_deg=density.value("tracker.max_angle_deg"),
        backtrack=bool(density.value("tracker.backtrack")),
    )


def _density(kind: str, plan: _Plan, catalogs: Mapping[str, Catalog], lat: float) -> Range:
    """Combine module and covered share end with end, at the central tilt: another tilt changes yield too."""
    efficiency = catalogs["modules"][f"{plan.module}.efficiency"]
    share = catalogs["density"][f"{kind}.covered_share"]
    ends = ((efficiency.low, share.low), (efficiency.value, share.value), (efficiency.high, share.high))
    ratio = 1.0 if plan.flush else _pitch_ratio(kind, catalogs["density"], lat)
    return Range(*(covered_density_w_m2(1000.0 * module, covered) / ratio for module, covered in ends))


def _pitch_ratio(kind: str, density: Catalog, lat: float) -> float:
    if turns(kind, density):
        return _tracker_pitch_ratio(kind, density)
    ratio = row_pitch_ratio(lat, density.value(f"{kind}.tilt_deg"))
    if f"{kind}.pitch_min_m" in density:
        return max(ratio, density.value(f"{kind}.pitch_min_m") / density.value(f"{kind}.collector_m"))
    return ratio


def _tracker_pitch_ratio(kind: str, density: Catalog) -> float:
    """Return the pitch of turning rows over their width; a spacing rule may ask for more."""
    ratio = 1 / density.value("tracker.ground_cover_ratio")
    if f"{kind}.pitch_min_m" in density:
        return max(ratio, density.value(f"{kind}.pitch_min_m") / density.value(f"{kind}.collector_m"))
    return ratio


def _system(kind: str, plan: _Plan, catalogs: Mapping[str, Catalog], lat: float) -> System:
    modules, density, losses = catalogs["modules"], catalogs["density"], catalogs["losses"]
    ratio = 0.0 if plan.flush else 1 / _pitch_ratio(kind, density, lat)
    clearance = density.value(f"{kind}.clearance_m") if f"{kind}.clearance_m" in density else 1.0
    collector = density.value(f"{kind}.collector_m") if f"{kind}.collector_m" in density else 2.382
    tilt_deg = 0.0 if turns(kind, density) else density.value(f"{kind}.tilt_deg")
    middle = collector / 2 * float(np.sin(np.radians(tilt_deg)))
    return System(
        gamma_pdc_per_k=modules.value(f"{plan.module}.gamma_pdc_per_k"),
        mounting=plan.mounting,
        glass=COATED_GLASS,
        losses=_losses(losses, modules.value(f"{plan.module}.first_year_degradation")),
        dc_ac_ratio=losses.value("dc_ac_ratio.ground" if plan.ground else "dc_ac_ratio.roof"),
        inverter_efficiency=losses.value("inverter_efficiency"),
        albedo=losses.value("albedo.default"),
        bifaciality=modules.value(f"{plan.module}.bifaciality") * _rear_left(losses),
        rows=Rows(ratio, clearance + middle, collector / ratio if ratio else 5.0),
    )


def _rear_left(losses: Catalog) -> float:
    """Return what frames, tubes and uneven light leave of the light on the back."""
    return (1 - losses.value("rear.structure_shading")) * (1 - losses.value("rear.mismatch"))


def _losses(catalog: Catalog, first_year_degradation: float) -> Losses:
    names = ("snow", "mismatch", "wiring", "connections", "nameplate", "ac_wiring", "unavailability")
    soiling = tuple(catalog.value(f"soiling.month_{month:02d}") for month in range(1, 13))
    return Losses(
        soiling=soiling,
        first_year_degradation=first_year_degradation,
        **{name: catalog.value(name) for name in names},
    )
