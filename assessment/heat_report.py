"""The three single calculations with cost and carbon, ready for the command line and the station planner."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from assessment.heat_catalog import heat_catalog
from assessment.heat_shallow import load_responses
from faults import Fault, InputError
from layers.catalog import Catalog, load_catalog
from layers.region import DATA
from potential.geothermal.economy import BASELINES
from potential.geothermal.report import unit_of
from potential.geothermal.report_deep import deep_report
from potential.geothermal.report_hydro import hydro_report
from potential.geothermal.report_money import Prices, money
from potential.geothermal.report_shallow import shallow_report

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MONEY: Mapping[str, str] = {
    "surface_cny_kw": "station.surface_cny_kw",
    "price_cny_kwh": "station.price_cny_kwh",
    "upkeep_share": "station.upkeep_share",
    "discount_rate": "station.discount_rate",
    "station_years": "station.life_years",
    "grid_kg_kwh": "carbon.grid",
}
"""Options about money and carbon, and the number of the catalogue each stands for when it is not given."""
WELL_PRICE: Mapping[str, tuple[str, str, str]] = {
    "shallow": ("drilling_cny_m", "shallow.cny_m", "drilled_m"),
    "deep": ("drilling_cny_m", "deep.cny_m", "drilled_m"),
    "hydro": ("well_cny", "hydrothermal.cny_well", "wells"),
}
"""Option for the price of wells, its number in the catalogue, and the result it multiplies."""


@lru_cache(maxsize=1)
def shipped_catalog() -> Catalog:
    """Return the shipped numbers of heat."""
    names = ("heat", "costs", "carbon")
    return heat_catalog({name: load_catalog(DATA / "catalog" / f"{name}.toml") for name in names})


@lru_cache(maxsize=1)
def _responses() -> Any:  # noqa: ANN401 - the table of g-functions, read once
    return load_responses()


def shallow(*, catalog: Catalog | None = None, **inputs: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return `shallow_report` of the inputs, with money; see there for names, units and defaults."""
    return _asked("shallow", lambda **given: shallow_report(_responses(), **given), inputs, catalog)


def deep(*, catalog: Catalog | None = None, **inputs: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return `deep_report` of the inputs, with money; see there for names, units and defaults."""
    return _asked("deep", deep_report, inputs, catalog)


def hydro(*, catalog: Catalog | None = None, **inputs: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return `hydro_report` of the inputs, with money; see there for names, units and defaults."""
    return _asked("hydro", hydro_report, inputs, catalog)


def money_options(name: str) -> tuple[str, ...]:
    """Return the options about money and carbon that a calculation takes beside those of its kernel."""
    return ("baseline", WELL_PRICE[name][0], *MONEY)


def _asked(
    name: str, kernel: Callable[..., dict[str, Any]], inputs: dict[str, Any], catalog: Catalog | None
) -> dict[str, Any]:
    """Ask a kernel and add cost and carbon; turn what it refuses into a fault that can be printed."""
    asked = {key: inputs.pop(key, None) for key in money_options(name)}
    baseline = asked.pop("baseline")
    if baseline is not None and baseline not in BASELINES:
        rule = f"must be one of {', '.join(BASELINES)}"
        raise InputError([Fault(f"heat {name}", None, "baseline", str(baseline), rule)])
    numbers = shipped_catalog() if catalog is None else catalog
    try:
        return _with_money(name, kernel(**inputs), asked, baseline, numbers)
    except ValueError as error:
        raise InputError([Fault(f"heat {name}", None, None, None, str(error))]) from error


def _with_money(
    name: str, said: dict[str, Any], asked: dict[str, Any], baseline: str | None, catalog: Catalog
) -> dict[str, Any]:
    option, key, counted = WELL_PRICE[name]
    used = {what: asked[what] for what in asked if asked[what] is not None}
    used = {what: catalog.value(source) for what, source in {**MONEY, option: key}.items()} | used
    prices = Prices(
        life_years=used["station_years"], **{what: used[what] for what in MONEY if what != "station_years"}
    )
    kg_gj = {} if baseline is None else {baseline: catalog.value(f"carbon.baseline.{baseline}")}
    found = money(
        prices,
        wells_cny=used[option] * said[counted],
        kw=said["kw_year30"],
        mwh_year=said["mwh_year"],
        electricity_mwh_year=said["electricity_mwh_year"],
        baselines_kg_gj=kg_gj,
    )
    told = {what: float(f"{value:.6g}") for what, value in found.items()}
    inputs = {"baseline": baseline, **used}
    return {
        **{what: value for what, value in said.items() if what != "inputs"},
        **told,
        "inputs": said["inputs"] | {what: {"value": v, "unit": unit_of(what)} for what, v in inputs.items()},
        "units": said["units"] | {what: unit_of(what) for what in told},
    }
