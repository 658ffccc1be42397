"""One site's energy step by step: the light on its plane, what is lost on the way, and what costs may be."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from assessment.inputs import load_catalogs
from assessment.scenario import Scenario
from assessment.site_array import SiteArray
from assessment.solar_types import type_defaults
from assessment.weather import region_weather
from faults import RunError
from potential.money import present_worth
from potential.solar.chain import STEPS
from ui.board import DEGRADATION, LIFE_YEARS, discount_rate
from ui.format import known
from ui.region import region_of
from ui.runs import current_store

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from assessment.solar_types import TypeDefaults
    from layers.catalog import Catalog
    from layers.climate import Weather
    from layers.region import Region
    from ui.store import Store

    Floats = NDArray[np.float64]

W_PER_KW = 1000.0


@dataclass(frozen=True)
class Basis:
    """What the run's energy was reckoned from."""

    region: Region
    catalogs: Mapping[str, Catalog]
    weather: Weather
    plans: Mapping[str, TypeDefaults]


@dataclass(frozen=True)
class SiteEnergy:
    """The light on one open plane, and gains and losses up to the site's own energy."""

    beam: Floats
    """Direct irradiation on the plane by month, kWh/m2."""
    diffuse: Floats
    """Diffuse irradiation from sky and ground by month, kWh/m2."""
    steps: dict[str, float]
    """Gains and losses by name, kWh/kWp a year; they add up to `total`."""
    total: float
    """The site's energy, kWh/kWp a year."""


def basis_of(store: Store) -> Basis:
    """Return what the run was reckoned from.

    Raises
    ------
    RunError
        The region of the run is not known here.
    """
    return _basis(store.key)


@lru_cache(maxsize=2)
def _basis(_key: str) -> Basis:
    run = current_store().run
    region = region_of(run)
    if region is None:
        raise RunError(f"the region {run.manifest['region']['id']!r} of this assessment is not known here")
    told = run.manifest.get("scenario")
    catalogs = load_catalogs(region, Scenario.from_dict(told) if isinstance(told, dict) else Scenario())
    weather = region_weather(region, run.towns)
    return Basis(region, catalogs, weather, type_defaults(catalogs, lat=weather.lat))


def site_energy(store: Store, site: Mapping[str, Any]) -> SiteEnergy:
    """Return the light and the losses of one site.

    What the surroundings and the site's share of types take is the rest between the open plane's energy and
    the site's own, named `surroundings`.

    Raises
    ------
    RunError
        The region of the run is not known here, or the site's plane or energy is unknown.
    """
    wanted = [site[name] for name in ("tilt_deg", "azimuth_deg", "kwh_year_p50", "kwp_dc_central")]
    if not wanted[3] or any(known(value) is None for value in wanted):
        raise RunError(f"{site['id']}: its plane or its energy is unknown")
    basis = basis_of(store)
    plan, density = basis.plans[site["type"]], basis.catalogs["density"]
    found = SiteArray.of(site, plan, density, lat=basis.weather.lat).hours(basis.weather.sky).total
    step = dict(zip(STEPS, found.steps_kwh_month, strict=True))
    steps = dict(found.waterfall)
    open_plane, total = steps.pop("ac"), wanted[2] / wanted[3]
    steps["surroundings"] = total - open_plane
    return SiteEnergy(step["beam"], step["sky_diffuse"] + step["ground"], steps, total)


def cost_range(store: Store, site: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    """Return low and high of capex, lcoe and payback_years from the catalogue's range of capital cost.

    Empty where the region of the run is not known here or a number is unknown. Running costs stay; with
    capital cost ``f`` times, ``lcoe + (f - 1) capex / (kwh W)`` with W the discounted years of energy.
    """
    try:
        price = basis_of(store).catalogs["costs"].get(f"capex.{site['type']}")
    except RunError:
        return {}
    numbers = [known(site[name]) for name in ("capex", "kwh_year_p50", "lcoe")]
    if price is None or not price.value or not all(numbers):
        return {}
    capex, kwh, lcoe = (float(number) for number in numbers if number is not None)
    factors = price.low / price.value, price.high / price.value
    years = present_worth(discount_rate(store), LIFE_YEARS, -DEGRADATION)
    low, high = (lcoe + (factor - 1) * capex / kwh / years for factor in factors)
    found = {"capex": (factors[0] * capex, factors[1] * capex), "lcoe": (low, high)}
    if payback := site.get("payback_years"):
        found["payback_years"] = (factors[0] * payback, factors[1] * payback)
    return found
