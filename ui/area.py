"""An area that somebody drew or sent: which sites lie in it, what they come to, and their files."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from assessment.run import HEAT_TECHNOLOGIES, PV_TYPES
from exports.labels import label
from faults import Fault, InputError
from ui.downloads import OFFERED
from ui.format import amount, count, quantity, span
from ui.markup import figures_html, fold_html, table_html
from ui.places import town_names
from ui.shapes import mercator
from ui.words import say

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from ui.filters import Filter
    from ui.store import Store
    from ui.words import Language

    Rows = NDArray[np.int64]

MOST_LISTED = 200
MOST_NAMED = 3000
"""Up to so many sites a file is made of exactly those that were counted."""
MOST_POINTS = 100_000
SUMS = (
    "kwp_dc_low",
    "kwp_dc_central",
    "kwp_dc_high",
    "kwh_year_p50",
    "kwh_year_p90",
    "capex",
    "co2_t_year",
    "usable_m2",
)


@dataclass(frozen=True)
class Area:
    """The sites whose centre lies in an area, and that match the filter."""

    shape: shapely.Geometry
    """Longitude and latitude (WGS-84)."""
    rows: Rows
    heat_rows: Rows


def read_geometry(text: str) -> shapely.Geometry:
    """Return a GeoJSON polygon in longitude and latitude as a valid geometry.

    Raises
    ------
    InputError
        It is no polygon, is not on the globe, or has too many points.
    """
    try:
        shape = shapely.from_geojson(text)
    except (shapely.GEOSException, TypeError) as error:
        raise _wrong(text[:60], "must be GeoJSON") from error
    if shape.geom_type not in ("Polygon", "MultiPolygon") or shape.is_empty:
        raise _wrong(shape.geom_type, "must be a polygon that is not empty")
    if shapely.get_num_coordinates(shape) > MOST_POINTS:
        raise _wrong(str(shapely.get_num_coordinates(shape)), f"may have at most {MOST_POINTS} points")
    west, south, east, north = shape.bounds
    if not (-180 <= west <= east <= 180 and -85 <= south <= north <= 85):  # noqa: PLR2004 - a web map's limits
        raise _wrong(f"{west:g} {south:g} {east:g} {north:g}", "must be in longitude and latitude")
    return shapely.make_valid(shape)


def _wrong(value: str, rule: str) -> InputError:
    return InputError([Fault("area", None, "geometry", value, rule)])


def find_area(store: Store, shape: shapely.Geometry, chosen: Filter) -> Area:
    """Return what lies in an area (longitude and latitude)."""
    flat = shapely.transform(shape, mercator)
    rows = store.layers["sites"].shapes.inside(flat)
    rows = rows[chosen.mask(store)[rows]]
    heat = store.layers.get("heat")
    heat_rows = heat.shapes.inside(flat) if heat is not None else np.empty(0, dtype="int64")
    return Area(shape, rows, heat_rows)


def totals(store: Store, area: Area) -> pd.DataFrame:
    """Return number and sums of the sites by type, largest first; unknown numbers are left out of sums."""
    table = store.layers["sites"].table.select(SUMS).take(area.rows).to_pandas()
    table["kind"] = store.layers["sites"].columns["kind"][area.rows]
    groups = table.groupby("kind")
    sums = groups[list(SUMS)].sum(min_count=1)
    sums.insert(0, "sites", groups.size())
    return sums.sort_values("kwp_dc_central", ascending=False)


def area_html(store: Store, area: Area, lang: Language) -> str:
    """Return the totals, the split by type, the largest sites and the files of an area."""
    if not area.rows.size:
        return f"<p>{say('panel.area_empty', lang)}</p>{_heat(store, area, lang)}"
    sums = totals(store, area)
    return "".join(
        [
            figures_html(_figures(sums, area, lang)),
            _by_type(sums, lang),
            _heat(store, area, lang),
            fold_html(say("panel.area_sites", lang), _largest(store, area, lang), opened=True),
            _files(area, lang),
        ]
    )


def _figures(sums: pd.DataFrame, area: Area, lang: Language) -> list[tuple[str, str, str]]:
    all_of = sums.sum(min_count=1)
    return [
        (
            say("col.kwp", lang),
            quantity(all_of["kwp_dc_central"], "kw", lang),
            span(all_of["kwp_dc_low"], all_of["kwp_dc_high"], "kw", lang),
        ),
        (
            say("col.kwh", lang),
            quantity(all_of["kwh_year_p50"], "kwh", lang),
            f"P90 {quantity(all_of['kwh_year_p90'], 'kwh', lang)}",
        ),
        (say("col.sites", lang), count(area.rows.size, lang), say("panel.area_rule", lang)),
        (say("col.capex", lang), quantity(all_of["capex"], "cny", lang), ""),
        (say("col.usable_m2", lang), quantity(all_of["usable_m2"], "m2", lang), ""),
        (say("col.co2", lang), quantity(all_of["co2_t_year"], "t", lang), ""),
    ]


def _by_type(sums: pd.DataFrame, lang: Language) -> str:
    heads = (say("col.type", lang), say("col.sites", lang), say("col.kwp", lang), say("col.kwh", lang))
    rows = [
        (
            label("type", PV_TYPES[code], lang),
            count(row["sites"], lang),
            quantity(row["kwp_dc_central"], "kw", lang),
            quantity(row["kwh_year_p50"], "kwh", lang),
        )
        for code, (_, row) in zip(sums.index.astype(int).tolist(), sums.iterrows(), strict=True)
    ]
    return table_html(heads, rows, say("panel.area_types", lang))


def _heat(store: Store, area: Area, lang: Language) -> str:
    if not area.heat_rows.size:
        return ""
    columns = store.layers["heat"].columns
    value, kind = columns["value"][area.heat_rows], columns["kind"][area.heat_rows]
    rows = [
        (
            label("technology", name, lang),
            count(int((kind == code).sum()), lang),
            quantity(float(np.nansum(value[kind == code])), "m2", lang),
        )
        for code, name in enumerate(HEAT_TECHNOLOGIES)
        if (kind == code).any()
    ]
    heads = (say("col.technology", lang), say("col.sites", lang), say("col.heatable", lang))
    return table_html(heads, rows, say("panel.heat_below", lang))


def largest(store: Store, area: Area, most: int = MOST_LISTED) -> pd.DataFrame:
    """Return the largest sites of an area with their rows in the run."""
    kwp = np.nan_to_num(store.layers["sites"].columns["value"][area.rows])
    rows = area.rows[np.argsort(-kwp, kind="stable")[:most]]
    names = ["id", "name", "town", "type", "kwp_dc_central", "kwh_year_p50", "lcoe", "status"]
    return store.layers["sites"].table.select(names).take(rows).to_pandas().assign(row=rows)


def _largest(store: Store, area: Area, lang: Language) -> str:
    frame, towns = largest(store, area), town_names(store, lang)
    lines = []
    for site in frame.itertuples():
        name = site.name if isinstance(site.name, str) and site.name else site.id
        where = f"{label('type', str(site.type), lang)} · {towns.get(str(site.town), '')}"
        cost = amount(site.lcoe, say("unit.lcoe", lang), lang)
        size = quantity(site.kwp_dc_central, "kw", lang)
        lines.append(
            f'<tr><th scope="row"><button type="button" class="yj-link" data-layer="sites" '
            f'data-row="{site.row}">{escape(str(name))}</button><small>{escape(where)}</small></th>'
            f"<td>{escape(size)}</td><td>{escape(cost)}</td></tr>"
        )
    note = ""
    if area.rows.size > len(frame):
        shown = say("sites.more", lang, shown=count(len(frame), lang), all=count(area.rows.size, lang))
        note = f'<p class="yj-note">{escape(shown)}</p>'
    heads = "".join(f'<th scope="col">{say(key, lang)}</th>' for key in ("col.name", "col.kwp", "col.lcoe"))
    name = say("panel.area_sites", lang)
    return (
        f'<div class="yj-scroll" tabindex="0" role="region" aria-label="{name}"><table class="yj-table">'
        f"<thead><tr>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>{note}"
    )


def _files(area: Area, lang: Language) -> str:
    options = "".join(f'<option value="{code}">{say(f"format.{code}", lang)}</option>' for code in OFFERED)
    heat = f'<option value="heat">{say("download.heat", lang)}</option>' if area.heat_rows.size else ""
    note = "" if area.rows.size <= MOST_NAMED else f'<p class="yj-note">{say("download.area_note", lang)}</p>'
    return (
        f'<div class="yj-files"><label>{say("download.title", lang)} <select name="kind">'
        f'<option value="sites">{say("download.sites", lang)}</option>{heat}</select></label>'
        f'<label>{say("download.format", lang)} <select name="format">{options}</select></label>'
        + _button("export", say("download.button", lang))
        + _button("report", say("panel.area_report", lang))
        + f"</div>{note}"
    )


def _button(what: str, words: str) -> str:
    return f'<button type="button" class="yj-action" data-area="{what}">{words}</button>'


def export_choices(store: Store, area: Area, chosen: Filter, kind: str) -> dict[str, Any]:
    """Return what `export_table` needs for the sites of an area: those counted, or, of many, what touches."""
    if kind == "heat":
        return {"area": area.shape}
    if area.rows.size > MOST_NAMED:
        return {"area": area.shape, **chosen.choices()}
    ids = store.layers["sites"].table["id"].take(area.rows).to_pylist()
    names = ", ".join("'" + identity.replace("'", "''") + "'" for identity in ids)
    return {"where": f"id in ({names})"}
