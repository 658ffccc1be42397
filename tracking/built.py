"""Built is not potential: what operates is taken off the sites it stands on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from assessment.summary import SUMMARY_SUMS
from tracking.plan_notes import Note
from tracking.projects import TYPE_GROUPS, projects_frame
from tracking.tables import CRS_LEDGER

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

NEAR_M = 50.0
"""A project that is a point belongs to the nearest site up to here."""
KW_PER_MW = 1000.0
NOTHING_KW = 1e-6


@dataclass(frozen=True)
class Remaining:
    """Sites without what is built."""

    sites: gpd.GeoDataFrame
    """The same rows; `SUMMARY_SUMS` and the months reduced to what is left, `built_kwp`
    (DC, taken off) and `left_share` (0 … 1) added."""
    notes: tuple[Note, ...]
    """How each kind of project was taken off, and what could not be."""


def subtract_built(
    sites: gpd.GeoDataFrame, projects: pd.DataFrame, *, statuses: Collection[str] = ("operating",)
) -> Remaining:
    """Take the operating PV projects of the ledger off the candidate sites.

    A project with an outline is taken off the sites of its type that the outline meets, by overlap; one with
    a point off the nearest such site up to `NEAR_M`; what has no place, or more capacity than the sites
    there, is taken off all sites of its town and type in proportion. An outline without a known capacity
    takes off the part of each site that it covers, a point the site. What has neither capacity nor place
    cannot be taken off, and is said.

    Parameters
    ----------
    sites
        Sites of a run in its metric CRS.
    statuses
        Statuses that count as built; a plan also counts what is approved and being built.
    """
    frame = projects_frame(projects)
    frame = frame[(frame["kind"] == "pv") & frame["status"].isin(statuses)]
    work = _Sites(sites)
    rest: list[tuple[dict[str, Any], float]] = []
    unknown = []
    for row in frame.to_dict("records"):
        project = {str(key): value for key, value in row.items()}
        kwp, outline = work.kwp_of(project), _outline(project, sites.crs)
        if outline is None and np.isnan(kwp):
            unknown.append(str(project["name"]))
        elif outline is None:
            rest.append((project, kwp))
        elif (left := work.take_by_place(project, outline, kwp)) > 0:
            rest.append((project, left))
    lost = [
        (project, left) for project, kwp in rest if (left := work.take_by_town(project, kwp)) > NOTHING_KW
    ]
    return Remaining(work.remaining(), tuple(_notes(frame, rest, lost, unknown)))


class _Sites:
    """The sites, and how much of each is built."""

    def __init__(self, sites: gpd.GeoDataFrame) -> None:
        self.frame = sites
        self.kwp = sites["kwp_dc_central"].to_numpy(dtype="float64")
        self.ac = sites["kw_ac"].to_numpy(dtype="float64")
        self.built = np.zeros(len(sites))
        self.kind = sites["type"].to_numpy(dtype=object)
        self.town = sites["town"].to_numpy(dtype=object)

    def kwp_of(self, project: dict[str, Any]) -> float:
        """Return the DC capacity of a project: as given, or AC times the ratio of the sites of its type."""
        if not np.isnan(project["capacity_mw_dc"]):
            return float(project["capacity_mw_dc"]) * KW_PER_MW
        if not np.isnan(project["capacity_mw_ac"]):
            alike = self.alike(project)
            ratio = np.nansum(self.kwp[alike]) / np.nansum(self.ac[alike]) if alike.any() else 1.0
            return float(project["capacity_mw_ac"]) * KW_PER_MW * float(ratio)
        return float(project["capacity_mw_unstated"]) * KW_PER_MW

    def alike(self, project: dict[str, Any]) -> NDArray[np.bool_]:
        """Find the sites of a project's type; all where the type is not known."""
        kind = project["pv_type"]
        if kind is None:
            return np.ones(self.kind.size, dtype=bool)
        return np.isin(self.kind, TYPE_GROUPS.get(kind, (kind,)))

    def take_by_place(self, project: dict[str, Any], outline: Any, kwp: float) -> float:  # noqa: ANN401 - a shape
        """Take a project off the sites it meets; return the capacity (kW) that found no room."""
        index, weight = self._met(outline, self.alike(project) & ~np.isnan(self.kwp))
        if np.isnan(kwp):
            self.built[index] = np.minimum(self.built[index] + weight * self.kwp[index], self.kwp[index])
            return 0.0
        return self._pour(index, weight * self.kwp[index], kwp)

    def take_by_town(self, project: dict[str, Any], kwp: float) -> float:
        """Take a capacity off all sites of the project's town and type; return what found no room."""
        here = self.alike(project) & ~np.isnan(self.kwp)
        if project["town"] is not None:
            here &= self.town == project["town"]
        index = np.flatnonzero(here)
        return self._pour(index, self.kwp[index] - self.built[index], kwp)

    def remaining(self) -> gpd.GeoDataFrame:
        """Return the sites with what is left."""
        with np.errstate(divide="ignore", invalid="ignore"):
            left = np.where(self.kwp > 0, 1 - self.built / self.kwp, 1.0)
        columns = {name: self.frame[name] * left for name in SUMMARY_SUMS if name in self.frame}
        if "kwh_month" in self.frame:
            columns["kwh_month"] = _scaled_months(self.frame["kwh_month"], left)
        return self.frame.assign(**columns, built_kwp=self.built, left_share=left)

    def _met(
        self,
        outline: Any,  # noqa: ANN401 - a shape
        alike: NDArray[np.bool_],
    ) -> tuple[NDArray[np.intp], Floats]:
        """Return the sites in question that an outline meets, and the share of each that it covers."""
        shapes = self.frame.geometry
        point = outline.geom_type == "Point"
        options = {"predicate": "dwithin", "distance": NEAR_M} if point else {"predicate": "intersects"}
        index = np.asarray(shapes.sindex.query(outline, **options), dtype=np.intp)
        index = index[alike[index]]
        met = np.asarray(shapes.array[index], dtype=object)
        if point:
            nearest = np.argsort(shapely.distance(met, outline), kind="stable")[:1]
            return index[nearest], np.ones(nearest.size)
        area = shapely.area(met)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(area > 0, shapely.area(shapely.intersection(met, outline)) / area, 0.0)
        return index, share

    def _pour(self, index: NDArray[np.intp], weight: Floats, kwp: float) -> float:
        """Spread a capacity over sites by weight, none beyond its own; return what is left over."""
        while kwp > NOTHING_KW:
            room = self.kwp[index] - self.built[index]
            open_weight = np.where(room > 0, weight, 0.0)
            total = open_weight.sum()
            if not total > 0:
                break
            part = np.minimum(kwp * open_weight / total, room)
            self.built[index] += part
            kwp -= float(part.sum())
        return max(kwp, 0.0)


def _scaled_months(months: pd.Series, left: Floats) -> pd.Series:
    """Reduce the energy by month of the sites that are built in part."""
    changed = months.copy()
    for place in np.flatnonzero(left != 1.0).tolist():
        if (now := months.iloc[place]) is not None:
            changed.iloc[place] = np.asarray(now, dtype="float64") * left[place]
    return changed


def _outline(project: dict[str, Any], crs: Any) -> Any:  # noqa: ANN401 - a shape or None, in any CRS
    text = project.get("geometry_wkt")
    if isinstance(text, str):
        shape = shapely.from_wkt(text)
    elif np.isnan(project["lon"]) or np.isnan(project["lat"]):
        return None
    else:
        shape = shapely.Point(project["lon"], project["lat"])
    return gpd.GeoSeries([shape], crs=CRS_LEDGER).to_crs(crs).iloc[0]


def _notes(
    frame: pd.DataFrame,
    rest: list[tuple[dict[str, Any], float]],
    lost: list[tuple[dict[str, Any], float]],
    unknown: list[str],
) -> Iterator[Note]:
    if spread := sum(kwp for _, kwp in rest):
        mw = f"{spread / KW_PER_MW:.2f} MW"
        yield Note(
            f"{len(rest)}个已建项目的{mw}没有位置(或超出该处场址),按新城和类型比例扣除",
            f"{mw} of {len(rest)} projects have no place, or exceed the sites there: "
            "taken off by town and type in proportion",
        )
    for project, kwp in lost:
        mw = f"{kwp / KW_PER_MW:.2f} MW"
        yield Note(
            f"{project['name']}:{mw}超出该新城该类型的全部潜力,未能扣除",
            f"{project['name']}: {mw} exceed all potential of the town and type and were not taken off",
        )
    if unknown:
        names = "、".join(unknown)
        yield Note(
            f"{len(unknown)}个已建项目容量和范围均未知,未扣除:{names}",
            f"{len(unknown)} projects of unknown size and outline were not taken off: {names}",
        )
    unstated = frame["capacity_mw_unstated"].notna().sum()
    if unstated:
        yield Note(
            f"{unstated}个项目未说明口径,按直流扣除", f"{unstated} projects do not say DC or AC: taken as DC"
        )
