"""The station planner of the geothermal page: a place, some wells, and what they give over the years."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import shapely
import streamlit as st
from pyproj import Transformer

from assessment.heat_catalog import heat_catalog
from assessment.heat_planner import Plan, Wish, place_of, plan
from faults import InputError
from layers.catalog import Catalog, load_catalog
from potential.geothermal.economy import BASELINES
from ui.heat_station import downloads, notes, result
from ui.heat_tables import heat_blocks
from ui.page import town_names, township_names
from ui.region import region_of
from ui.runs import current_store
from ui.state import local
from ui.words import t

if TYPE_CHECKING:
    import geopandas as gpd

    from assessment.heat_planner import Place
    from ui.store import Store

KINDS: dict[str, dict[str, tuple[float, float, float, float]]] = {
    "deep": {"wells": (1, 49, 4, 1), "spacing_m": (15, 200, 50, 5), "depth_m": (1000, 3500, 2500, 100)},
    "utype": {"depth_m": (1000, 3500, 2500, 100)},
    "shallow": {"wells": (1, 1600, 200, 1), "spacing_m": (3, 10, 5, 0.5), "depth_m": (60, 200, 120, 10)},
    "hydrothermal": {"wells": (1, 20, 2, 1), "depth_m": (1500, 4000, 2750, 50)},
}
"""Per kind: least, most, start and step of what can be chosen."""


@st.fragment
def planner(store: Store) -> None:
    """Show the planner; nothing but a hint where the run does not hold the ground of its blocks."""
    blocks = heat_blocks(store.key)
    if blocks is None:
        st.caption(t("heat.old_run"))
        return
    st.caption(t("planner.lead"))
    left, right = st.columns([1, 2], gap="large")
    with left:
        place = place_of(_chosen(store, blocks))
        wish = _wish()
    with right:
        try:
            found = _plan(store.key, place, wish)
        except InputError as error:
            st.error(str(error))
            return
        result(wish, found)
        notes(place, wish, found)
        downloads(place, wish, found)


@lru_cache(maxsize=256)
def _plan(_key: str, place: Place, wish: Wish) -> Plan:
    return plan(place, wish, catalog=_catalog(_key))


@lru_cache(maxsize=2)
def _catalog(_key: str) -> Catalog | None:
    """Return the numbers of the run's region; None: those shipped."""
    region = region_of(current_store().run)
    if region is None:
        return None
    return heat_catalog({name: load_catalog(file) for name, file in region.catalogs.items()})


def _chosen(store: Store, blocks: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Let the user choose where: the picked block, a township, a town, or the region on average."""
    towns, townships = town_names(store), township_names(store)
    picked = _picked_block(store, blocks)
    names = {"": t("planner.region")}
    if picked is not None:
        names = {f"block:{picked}": t("planner.picked", id=picked.removeprefix("heat-")), **names}
    names |= {f"town:{code}": name for code, name in towns.items()}
    names |= {
        f"township:{code}": f"{towns.get(code.partition('-')[0], '')} · {name}"
        for code, name in townships.items()
        if code in set(blocks["township"].dropna())
    }
    key = st.selectbox(
        t("planner.place"), list(names), format_func=names.__getitem__, key=f"planner_place_{picked or ''}"
    )
    group, _, code = str(key).partition(":")
    columns = {"block": "id", "town": "town", "township": "township"}
    return blocks if not group else blocks[blocks[columns[group]] == code]


def _picked_block(store: Store, blocks: gpd.GeoDataFrame) -> str | None:
    """Return the block of the site picked on the map of this page, None where nothing is picked."""
    row = st.session_state.get("heat_picked")
    if row is None or row >= len(store.layers["heat"]):
        return None
    centre = store.layers["heat"].centre[row]
    point = gpd_point(centre, blocks)
    found = blocks.sindex.query(point, predicate="within")
    return str(blocks["id"].iloc[found[0]]) if len(found) else None


def gpd_point(centre: Any, blocks: gpd.GeoDataFrame) -> shapely.Point:  # noqa: ANN401 - two numbers
    """Return a Web Mercator point in the CRS of the blocks."""
    to = Transformer.from_crs(3857, blocks.crs, always_xy=True)
    return shapely.Point(*to.transform(float(centre[0]), float(centre[1])))


def _wish() -> Wish:
    kind = st.selectbox(
        t("planner.kind"), list(KINDS), key="planner_kind", format_func=lambda code: t(f"planner_kind.{code}")
    )
    chosen: dict[str, Any] = {"kind": kind}
    columns = st.columns(2)
    for number, (name, (least, most, start, step)) in enumerate(KINDS[kind].items()):
        text = t(f"planner.wells.{kind}") if name == "wells" else t(f"planner.{name.removesuffix('_m')}")
        whole = name == "wells"
        kinds: type = int if whole else float
        with columns[number % 2]:
            chosen[name] = st.number_input(
                text,
                kinds(least),
                kinds(most),
                kinds(start),
                kinds(step),
                format="%d" if whole else "%g",
                key=f"planner_{kind}_{name}",
            )
    if kind == "utype":
        chosen["wells"] = 1
    if kind in ("deep", "utype"):
        chosen |= _operation(kind)
    if kind == "shallow":
        chosen["returned_share"] = (
            st.slider(t("planner.returned"), 0, 100, 40, 5, "%d %%", key="planner_returned") / 100
        )
    chosen["baseline"] = st.radio(
        t("planner.baseline"),
        BASELINES,
        key="planner_baseline",
        format_func=lambda code: t(f"baseline.{code}"),
    )
    return Wish(**chosen)


def _operation(kind: str) -> dict[str, float | None]:
    mode = "inlet"
    if kind == "deep":
        mode = st.segmented_control(
            t("planner.mode"),
            ("inlet", "duty"),
            default="inlet",
            required=True,
            key=local("planner_mode"),
            format_func=lambda code: t(f"planner_mode.{code}"),
        )
    if mode == "duty":
        return {
            "duty_kw": st.number_input(t("planner.duty"), 50.0, 1000.0, 300.0, 10.0, "%g", key="planner_duty")
        }
    return {"temp_in_c": st.number_input(t("planner.inlet"), 2.0, 40.0, 10.0, 1.0, "%g", key="planner_inlet")}
