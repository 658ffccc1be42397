"""What a dossier of one site holds: its row in the run, its modules, its hours, its rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc
import pyproj
import shapely

from assessment.inputs import load_catalogs
from assessment.scenario import Scenario
from assessment.site_array import SiteArray
from assessment.solar_types import type_defaults, usable_share
from assessment.weather import region_weather
from exports.layout import VERTICAL_DEG, Layout, lay_modules
from exports.provenance import provenance_of
from exports.selection import make_selection, read_batches
from faults import Fault, InputError
from gis.north import convergence_deg
from layers.region import EMBEDDED, load_region
from potential.solar.density import ModuleSize

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from assessment.run import Run
    from exports.provenance import Provenance
    from layers.catalog import Catalog, Quantity
    from layers.region import Region

W_PER_KW = 1000.0
_ASSUMPTIONS = (
    ("modules", "reference.power_w"),
    ("modules", "reference.efficiency"),
    ("density", "layout.edge_clear_m"),
    ("costs", "finance.life_years"),
    ("costs", "finance.discount_rate"),
    ("costs", "finance.degradation"),
    ("carbon", "grid.shaanxi.2022"),
)


@dataclass(frozen=True)
class Dossier:
    """Everything about one site."""

    run: Run
    row: Mapping[str, Any]
    """The site's columns."""
    shape: shapely.Geometry
    """Its geometry, CRS of the run."""
    layout: Layout | None
    """None: vertical modules, which a plan does not show."""
    hourly: pd.DataFrame
    """8760 hours, PVsyst's names."""
    weather_source: str
    synthetic: bool
    """Whether the weather was synthesised from monthly normals."""
    rules: tuple[Mapping[str, Any], ...]
    """Rules that touched it: id, titles, document, verdict, m2."""
    not_checked: tuple[Mapping[str, Any], ...]
    assumptions: Mapping[str, Quantity]
    """Catalogue numbers the site rests on, by name."""
    provenance: Provenance


def gather_dossier(run: Run, site_id: str, *, region: Path | None = None) -> Dossier:
    """Gather what is known of one site; modules and hours follow the region's catalogues and climate.

    Parameters
    ----------
    region
        Folder or region.toml of the run's region; None: the embedded region, where the run is of it.

    Raises
    ------
    InputError
        The site is not in the run, or the region is not the run's.
    """
    row, shape = _site(run, site_id)
    found = _region(run, region)
    catalogs = load_catalogs(found, _scenario(run))
    weather = region_weather(found, run.towns)
    plan = type_defaults(catalogs, lat=weather.lat)[row["type"]]
    array = SiteArray.of(row, plan, catalogs["density"], lat=weather.lat)
    modules = catalogs["modules"]
    layout = None
    if row["tilt_deg"] <= VERTICAL_DEG:
        layout = lay_modules(
            shape,
            tilt_deg=row["tilt_deg"],
            azimuth_deg=_on_grid(row["azimuth_deg"], shape, run),
            module=ModuleSize(
                modules.value("reference.power_w"),
                modules.value("reference.length_m"),
                modules.value("reference.width_m"),
            ),
            ground_cover_ratio=array.module_cover,
            setback_m=catalogs["density"].value("layout.edge_clear_m"),
            kwp=row["kwp_dc_central"],
        )
    hours = array.hours(weather.sky)
    rules = {rule["id"]: rule for rule in run.manifest.get("rules", ())}
    return Dossier(
        run=run,
        row=row,
        shape=shape,
        layout=layout,
        hourly=_hours(row, weather, hours),
        weather_source=weather.source,
        synthetic=weather.synthetic,
        rules=tuple({**rules.get(item["id"], {}), **item} for item in row["rules"] or ()),
        not_checked=tuple(rules.get(key, {"id": key}) for key in row["not_checked"] or ()),
        assumptions=_assumptions(row, catalogs),
        provenance=provenance_of(run),
    )


def _on_grid(azimuth_deg: float, shape: shapely.Geometry, run: Run) -> float:
    """Return a true azimuth as the run's map shows it."""
    middle = shape.centroid
    return float(azimuth_deg - convergence_deg(run.manifest["crs"], middle.x, middle.y))


def _assumptions(row: Mapping[str, Any], catalogs: Mapping[str, Catalog]) -> dict[str, Quantity]:
    """Return the numbers a reader will want to question, with their sources."""
    wanted = {f"{catalog}.{key}": catalogs[catalog].get(key) for catalog, key in _ASSUMPTIONS}
    wanted[f"costs.capex.{row['type']}"] = catalogs["costs"].get(f"capex.{row['type']}")
    share = usable_share(catalogs, row["type"], row["use"])
    return {"usable_share": share, **{key: number for key, number in wanted.items() if number is not None}}


def _site(run: Run, site_id: str) -> tuple[dict[str, Any], shapely.Geometry]:
    for table in read_batches(run, make_selection(run, "sites")):
        chosen = table.filter(pc.equal(table["id"], site_id))
        if chosen.num_rows:
            row = chosen.drop_columns(["geometry"]).to_pylist()[0]
            return row, shapely.from_wkb(chosen["geometry"][0].as_py())
    raise InputError([Fault("dossier", None, "id", site_id, "is no site of this run")])


def _region(run: Run, path: Path | None) -> Region:
    region = load_region(EMBEDDED if path is None else path)
    wanted = run.manifest["region"]["id"]
    if region.id != wanted:
        rule = f"is not the region of the run ({wanted}); name its region.toml"
        raise InputError([Fault("dossier", None, "region", region.id, rule)])
    return region


def _scenario(run: Run) -> Scenario:
    known = run.manifest.get("scenario")
    return Scenario.from_dict(known) if isinstance(known, dict) else Scenario()


def _hours(row: Mapping[str, Any], weather: Any, hours: Any) -> pd.DataFrame:  # noqa: ANN401 - Weather, HourlyYield
    """Return the year of hours, scaled so that its months are the site's months."""
    month = weather.times.month.to_numpy() - 1
    sums = np.bincount(month, hours.ac_w_kwp, 12) / W_PER_KW
    wanted = np.asarray(row["kwh_month"], dtype=float)
    scale = np.divide(wanted, sums, out=np.zeros(12), where=sums > 0)[month] / W_PER_KW
    return pd.DataFrame(
        {
            "time": [time.isoformat() for time in weather.times],
            "GlobHor [W/m2]": weather.ghi.round(2),
            "DiffHor [W/m2]": weather.dhi.round(2),
            "BeamNor [W/m2]": weather.dni.round(2),
            "T_Amb [degC]": weather.temp_air.round(2),
            "WindVel [m/s]": weather.wind_speed.round(2),
            "GlobInc [W/m2]": hours.poa_w_m2.round(2),
            "EArray [kWh]": (hours.dc_w_kwp * scale).round(6),
            "E_Grid [kWh]": (hours.ac_w_kwp * scale).round(6),
        }
    )


def lonlat(dossier: Dossier) -> tuple[float, float]:
    """Return WGS-84 longitude and latitude of a point on the site."""
    point = dossier.shape.point_on_surface()
    crs = dossier.run.manifest["crs"]
    lon, lat = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform(point.x, point.y)
    return float(lon), float(lat)
