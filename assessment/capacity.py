"""Capacity of candidates: usable share times power density, each with its range."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from assessment.solar_types import usable_share

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from assessment.solar_types import Range, TypeDefaults
    from layers.catalog import Catalog, Quantity

ROOF_TYPES = ("roof_flat", "roof_metal", "roof_pitched")


def add_densities(
    candidates: gpd.GeoDataFrame, *, catalogs: Mapping[str, Catalog], types: Mapping[str, TypeDefaults]
) -> gpd.GeoDataFrame:
    """Add usable_share and w_m2_low, w_m2_central, w_m2_high: DC watts per m2 of the area the rules leave.

    central = usable share x power density. The two are independent, so the distances to low and high add
    as squares: low = central (1 - sqrt(sum of relative distances squared)). Where the form of a roof is
    unknown the range also covers what the other forms would carry. A candidate whose array is laid out for
    itself has a factor on its type's density: column dense.
    """
    pairs = candidates[["type", "use", "known_form"]].drop_duplicates()
    rows = [_density(*pair, catalogs=catalogs, types=types) for pair in pairs.itertuples(index=False)]
    table = pd.concat([pairs.reset_index(drop=True), pd.DataFrame(rows)], axis=1)
    added = candidates[["type", "use", "known_form"]].merge(table, how="left")
    factor = candidates["dense"].to_numpy(float) if "dense" in candidates else np.ones(len(candidates))
    low, central, high, least, most = (
        added[name].to_numpy(float)
        for name in ("w_m2_low", "w_m2_central", "w_m2_high", "others_low", "others_high")
    )
    dense = candidates.assign(
        usable_share=added["usable_share"].to_numpy(float),
        w_m2_low=np.fmin(low * factor, least),
        w_m2_central=central * factor,
        w_m2_high=np.fmax(high * factor, most),
    )
    return _with_size(dense)


def _with_size(dense: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Widen the range of those whose own size has one: size_low and size_high, as shares of area_m2.

    Walls of buildings whose height was measured or reckoned from floors; independent of the density.
    """
    central = dense["w_m2_central"]
    for end in ("low", "high"):
        if f"size_{end}" in dense:
            size = dense[f"size_{end}"].fillna(1.0) - 1.0
            away = np.hypot(dense[f"w_m2_{end}"] / central - 1.0, size)
            share = np.maximum(1.0 - away, 0.0) if end == "low" else 1.0 + away
            dense = dense.assign(**{f"w_m2_{end}": central * share})
    return dense


def _density(
    kind: str,
    use: str,
    known_form: bool,  # noqa: FBT001 - a column of the frame
    *,
    catalogs: Mapping[str, Catalog],
    types: Mapping[str, TypeDefaults],
) -> dict[str, float]:
    share = usable_share(catalogs, kind, use)
    low, central, high = _combined(share, types[kind].density_w_m2)
    found = {"usable_share": share.value, "w_m2_low": low, "w_m2_central": central, "w_m2_high": high}
    if known_form:
        return {**found, "others_low": np.nan, "others_high": np.nan}
    others = [_combined(usable_share(catalogs, k, use), types[k].density_w_m2) for k in ROOF_TYPES]
    return {**found, "others_low": min(o[0] for o in others), "others_high": max(o[2] for o in others)}


def _combined(share: Quantity, density: Range) -> tuple[float, float, float]:
    central = share.value * density.central
    below = np.hypot(1 - share.low / share.value, 1 - density.low / density.central)
    above = np.hypot(share.high / share.value - 1, density.high / density.central - 1)
    return central * max(1 - below, 0.0), central, central * (1 + above)


def add_capacity(sites: gpd.GeoDataFrame, *, types: Mapping[str, TypeDefaults]) -> gpd.GeoDataFrame:
    """Add usable_m2, kwp_dc_low, kwp_dc_central, kwp_dc_high and kw_ac, from available_m2 and the densities.

    kw_ac is the inverters' power: DC capacity over the type's DC/AC ratio.
    """
    ratio = sites["type"].map({kind: plan.system.dc_ac_ratio for kind, plan in types.items()}).astype(float)
    available_m2 = sites["available_m2"]
    capacity = {
        f"kwp_dc_{end}": available_m2 * sites[f"w_m2_{end}"] / 1000 for end in ("low", "central", "high")
    }
    return sites.assign(
        usable_m2=available_m2 * sites["usable_share"],
        **capacity,
        kw_ac=capacity["kwp_dc_central"] / ratio,
    )
