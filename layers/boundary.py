"""The boundary a new region starts from: any vector file in any CRS becomes towns in a metric CRS."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from faults import Fault, InputError
from gis.crs import metric_crs_at
from layers import files
from layers.region import DATA, Region
from layers.sources import build_layer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from layers.spec import LayerSpec

CHINA = (73.5, 18.0, 135.1, 53.6)
"""West, south, east, north of the rectangle around China in degrees."""


@dataclass(frozen=True)
class Boundary:
    """The area of a new region."""

    towns: gpd.GeoDataFrame
    """The towns in the columns of their schema and the metric CRS."""
    crs_metric: str
    faults: tuple[Fault, ...]
    """What was remarked on reading; no errors."""

    @property
    def bbox(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees (WGS-84)."""
        west, south, east, north = (float(edge) for edge in self.towns.to_crs(4326).total_bounds)
        return west, south, east, north

    @property
    def middle(self) -> tuple[float, float]:
        """Longitude and latitude of the middle."""
        west, south, east, north = self.bbox
        return (west + east) / 2, (south + north) / 2

    @property
    def in_china(self) -> bool:
        """Whether the middle lies in the rectangle around China."""
        lon, lat = self.middle
        return CHINA[0] <= lon <= CHINA[2] and CHINA[1] <= lat <= CHINA[3]


def read_boundary(
    spec: LayerSpec, *, region_id: str, name_zh: str, name_en: str, split: bool | None = None
) -> Boundary:
    """Read the boundary of a region, or its towns.

    Parameters
    ----------
    spec
        The file, as layer `towns`, with the CRS, the encoding or the offset datum where they must be told.
    region_id, name_zh, name_en
        Of the region; the one town of an undivided area has them too.
    split
        True: each row is a town; False: all rows are one; None: each is one where every row has another name.

    Raises
    ------
    InputError
        The file cannot be read, has no CRS, or no polygon that can be used.

    Notes
    -----
    The metric CRS is the 3-degree zone of CGCS2000 in China and the UTM zone elsewhere.
    """
    assert spec.path is not None
    raw, remarks = files.read_file(spec.path, layer=spec.sublayer, encoding=spec.encoding)
    crs = _metric_crs(raw, spec)
    region = Region(
        id="new", name_zh="", name_en="", folder=spec.path.parent, crs_metric=crs, catalogs=_catalogs()
    )
    layer = build_layer(raw, spec, spec.path, remarks, region=region)
    errors = [fault for fault in layer.faults if fault.severity == "error"]
    if errors and layer.frame.empty:
        raise InputError(errors)
    if layer.frame.empty:
        raise InputError([Fault("towns", None, None, None, "holds no polygon", file=spec.path.name)])
    named = layer.frame["name_zh"].notna() | layer.frame["name_en"].notna()
    names = layer.frame["name_zh"].fillna(layer.frame["name_en"])
    apart = bool(named.all() and names.is_unique and len(names) > 1) if split is None else split
    towns = _named(layer.frame) if apart else _one(layer.frame, region_id, name_zh, name_en)
    return Boundary(towns, crs, layer.faults)


def plain_id(text: str, *, default: str) -> str:
    """Return an id of small letters, digits and dashes for a name; `default` where none is left.

    Examples
    --------
    >>> plain_id("Suzhou Old Town", default="region"), plain_id("姑苏区", default="region")
    ('suzhou-old-town', 'region')
    """
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-") or default


def _catalogs() -> dict[str, Path]:
    return {"columns": DATA / "catalog" / "columns.toml"}


def _metric_crs(raw: gpd.GeoDataFrame, spec: LayerSpec) -> str:
    """Choose the metric CRS by the middle of the shapes."""
    assert spec.path is not None
    file = spec.path.name
    try:
        crs = CRS.from_user_input(spec.crs) if spec.crs is not None else raw.crs
        if crs is None:
            rule = "has no CRS; give crs (for example EPSG:4490), it is not guessed"
            raise InputError([Fault("towns", None, "crs", None, rule, file=file)])
        to_degrees = Transformer.from_crs(crs, 4326, always_xy=True)
    except (CRSError, ProjError) as error:
        rule = "is no known CRS; write for example EPSG:4545"
        raise InputError([Fault("towns", None, "crs", spec.crs or str(raw.crs), rule, file=file)]) from error
    middle = _middle(np.asarray(raw.geometry.to_numpy(), dtype=object), swapped=spec.axis == "yx")
    lon, lat = to_degrees.transform(*middle)
    if not (np.isfinite([lon, lat]).all() and abs(lat) <= 90 and abs(lon) <= 180):  # noqa: PLR2004
        rule = "has no place on the earth in its CRS; is the CRS right?"
        raise InputError([Fault("towns", None, "geometry", f"{middle[0]:g}, {middle[1]:g}", rule, file=file)])
    return metric_crs_at(float(lon), float(lat))


def _middle(shapes: NDArray[np.object_], *, swapped: bool) -> NDArray[np.float64]:
    bounds = shapely.bounds(shapes)
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(bounds):
        return np.full(2, np.nan)
    middle = (bounds[:, :2].min(axis=0) + bounds[:, 2:].max(axis=0)) / 2
    return middle[::-1] if swapped else middle


def _named(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give towns ids from their names, and each name in the other language where it is missing."""
    frame = frame.assign(
        name_zh=frame["name_zh"].fillna(frame["name_en"]).fillna(frame["id"]),
        name_en=frame["name_en"].fillna(frame["name_zh"]).fillna(frame["id"]),
    )
    numbered = [f"town-{number}" for number in range(1, len(frame) + 1)]
    given = [str(name) for name in frame["id"]]
    made_up = all(name.startswith("towns-") for name in given)
    wanted = frame["name_en"] if made_up else given
    ids = [plain_id(str(name), default=default) for name, default in zip(wanted, numbered, strict=True)]
    return frame.assign(id=_distinct(ids, numbered))


def _distinct(ids: Sequence[str], numbered: Sequence[str]) -> list[str]:
    return list(ids) if len(set(ids)) == len(ids) else list(numbered)


def _one(frame: gpd.GeoDataFrame, region_id: str, name_zh: str, name_en: str) -> gpd.GeoDataFrame:
    """Make one town of all rows."""
    area = shapely.union_all(frame.geometry.to_numpy())
    values = {
        "id": region_id,
        "name_zh": name_zh,
        "name_en": name_en,
        "planned_area_km2": np.nan,
        "management": "direct",
    }
    return gpd.GeoDataFrame({key: [value] for key, value in values.items()}, geometry=[area], crs=frame.crs)
