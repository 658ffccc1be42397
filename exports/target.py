"""The coordinates a file is written in: names, definitions, and the way there from the run's CRS."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj
import shapely
from pyproj.exceptions import CRSError

from faults import Fault, InputError
from gis.crs import wgs84_to_gcj02

if TYPE_CHECKING:
    from collections.abc import Callable

GCJ02 = "gcj02"
GCJ02_NOTE = "GCJ-02 (offset coordinates, 300-700 m off WGS-84; not for surveying)"
_GCJ02_WKT = (
    f'GEOGCRS["{GCJ02_NOTE}",DATUM["GCJ-02",ELLIPSOID["WGS 84",6378137,298.257223563,LENGTHUNIT["metre",1]]],'
    'CS[ellipsoidal,2],AXIS["longitude",east],AXIS["latitude",north],ANGLEUNIT["degree",0.0174532925199433]]'
)
_ALIASES = {"wgs84": "EPSG:4326", "wgs-84": "EPSG:4326", "cgcs2000": "EPSG:4490", "gcj-02": GCJ02}
DEGREE_DECIMALS = 10
"""What text formats keep of a degree: a hundredth of a millimetre, so that areas hold to 1e-6."""


@dataclass(frozen=True)
class Target:
    """The CRS of a file.

    Examples
    --------
    >>> target_crs("wgs84", source="EPSG:4545").label
    'EPSG:4326'
    >>> target_crs("utm", source="EPSG:4545", longitude=108.75).label
    'EPSG:32649'
    """

    label: str
    """`EPSG:<code>` or `gcj02`."""
    source: str
    """CRS of the run."""

    @property
    def is_gcj02(self) -> bool:
        """Whether the coordinates are offset."""
        return self.label == GCJ02

    @cached_property
    def crs(self) -> pyproj.CRS:
        """The definition written into the file."""
        return pyproj.CRS.from_wkt(_GCJ02_WKT) if self.is_gcj02 else pyproj.CRS.from_user_input(self.label)

    @property
    def is_geographic(self) -> bool:
        """Whether coordinates are degrees."""
        return bool(self.crs.is_geographic)

    @cached_property
    def _move(self) -> Callable[[Any], Any]:
        to = pyproj.CRS.from_epsg(4326) if self.is_gcj02 else self.crs
        transformer = pyproj.Transformer.from_crs(self.source, to, always_xy=True)

        def move(points: Any) -> Any:  # noqa: ANN401 - arrays of points
            x, y = transformer.transform(points[:, 0], points[:, 1])
            if self.is_gcj02:
                x, y = wgs84_to_gcj02(x, y)
            return np.column_stack([x, y])

        return move

    def transform(self, geometry: Any) -> Any:  # noqa: ANN401 - arrays of geometries
        """Return the geometries (array) in this CRS, x east and y north."""
        return shapely.transform(shapely.force_2d(geometry), self._move)

    def transform_xy(self, x: Any, y: Any) -> tuple[Any, Any]:  # noqa: ANN401 - arrays
        """Return coordinates of the run's CRS in this CRS, x east and y north."""
        moved = self._move(np.column_stack([x, y]))
        return moved[:, 0], moved[:, 1]


def target_crs(name: str, *, source: str, longitude: float = 108.75) -> Target:
    """Return the target for a name: an EPSG code, wgs84, cgcs2000, utm or gcj02.

    Raises
    ------
    InputError
        The name is no CRS, or one without two horizontal axes.
    """
    text = name.strip()
    label = _ALIASES.get(text.lower(), text)
    if label.lower() == "utm":
        label = f"EPSG:{32601 + int((longitude + 180) // 6)}"
    if label.lower() == GCJ02:
        return Target(GCJ02, source)
    if label.isdecimal():
        label = f"EPSG:{label}"
    try:
        crs = pyproj.CRS.from_user_input(label)
    except CRSError as error:
        rule = "is no CRS; use EPSG:<code>, wgs84, cgcs2000, utm or gcj02"
        raise InputError([Fault("crs", None, None, name, rule)]) from error
    if not (crs.is_geographic or crs.is_projected):
        raise InputError([Fault("crs", None, None, name, "must have two horizontal axes")])
    code = crs.to_epsg()
    return Target(f"EPSG:{code}" if code else label, source)
