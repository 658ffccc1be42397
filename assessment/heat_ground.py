"""Ground under the blocks: the region's column, refined by kriging of its wells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.kriging import Field, Variogram, krige
from gis.overlay import containing
from potential.geothermal.deep import Rock
from potential.geothermal.ground import Column

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from layers.catalog import Catalog

P10_Z = 1.2816
"""Standard deviations between the median and the 10 % and 90 % points of a normal distribution."""
_WELL_TOP_MIN_M = 300.0
"""A well whose measured interval ends above this depth says nothing about the deep gradient."""


@dataclass(frozen=True)
class Ground:
    """Ground of the blocks; arrays of shape (blocks,)."""

    heat_flow_w_m2: Field
    conductivity_w_mk: Field
    """Across the layers (harmonic mean) down to the depth of `contrast`."""
    temp_surface_c: float
    volumetric_j_m3k: float
    contrast: Column
    """Layers with conductivities relative to that mean; one layer of 1 where no formation has its own."""

    @property
    def gradient_k_m(self) -> NDArray[np.float64]:
        """Heat flow over conductivity, K/m."""
        return self.heat_flow_w_m2.value / self.conductivity_w_mk.value

    @property
    def gradient_sd_k_m(self) -> NDArray[np.float64]:
        """Spread of the gradient if heat flow and conductivity err independently, K/m."""
        flow, rock = self.heat_flow_w_m2, self.conductivity_w_mk
        return np.asarray(self.gradient_k_m * np.hypot(flow.sd / flow.value, rock.sd / rock.value))

    @property
    def nearest_well_m(self) -> NDArray[np.float64]:
        """Distance to the nearest well with a heat flow, m."""
        return self.heat_flow_w_m2.nearest_m

    def temperature_c(self, depth_m: float, *, z: float = 0.0) -> NDArray[np.float64]:
        """Return the temperature at a depth, degC, `z` standard deviations from the central one."""
        metres = float(self.contrast.thermal_resistance_m2k_w(depth_m))
        return self.temp_surface_c + (self.gradient_k_m + z * self.gradient_sd_k_m) * metres

    def rock(self, depth_m: float, *, layers: int, z: float = 0.0) -> Rock:
        """Return the ground down to a depth for the deep kernel, in layers of equal thickness."""
        edges = np.linspace(0.0, depth_m, layers + 1)
        resistance = self.contrast.thermal_resistance_m2k_w(edges)
        gradient = self.gradient_k_m + z * self.gradient_sd_k_m
        relative = np.diff(edges) / np.diff(resistance)
        return Rock(
            temp_edges_c=self.temp_surface_c + gradient[:, None] * resistance,
            lengths_m=np.diff(edges),
            conductivity_w_mk=self.conductivity_w_mk.value[:, None] * relative,
            volumetric_j_m3k=self.volumetric_j_m3k,
        )


def ground_under(
    middle_m: NDArray[np.float64],
    wells: gpd.GeoDataFrame | None,
    ground: Catalog,
    catalog: Catalog,
    *,
    zones: gpd.GeoDataFrame | None = None,
) -> Ground:
    """Interpolate heat flow and conductivity to places; far from wells the region's means hold.

    Zones (polygons) take precedence where they lie: heat_flow_mw_m2 and conductivity_w_mk replace the
    interpolated value, heat_flow_factor multiplies it, such as for the warm strips along faults.
    """
    flow = _field(middle_m, wells, "heat_flow_mw_m2", ground, catalog)
    rock = _field(middle_m, wells, "conductivity_w_mk", ground, catalog)
    flow = _zoned(flow, middle_m, zones, "heat_flow_mw_m2")
    factor = np.nan_to_num(_zone_values(middle_m, zones, "heat_flow_factor"), nan=1.0)
    return Ground(
        heat_flow_w_m2=Field(1e-3 * flow.value * factor, 1e-3 * flow.sd * factor, flow.nearest_m),
        conductivity_w_mk=_zoned(rock, middle_m, zones, "conductivity_w_mk"),
        temp_surface_c=ground.value("surface.temp_ground_c"),
        volumetric_j_m3k=1e6 * ground.value("heat.volumetric_heat_capacity_mj_m3k"),
        contrast=_contrast(ground, catalog.value("deep.depth_m")),
    )


def _contrast(ground: Catalog, depth_m: float) -> Column:
    """Layers of the formations whose conductivity is known, relative to their harmonic mean."""
    keys = [key.split(".")[0] for key in ground.section("formation") if key.endswith(".conductivity_w_mk")]
    if not keys:
        return Column(thickness_m=np.array([depth_m]), conductivity_w_mk=np.ones(1))
    thickness = [ground.value(f"formation.{key}.thickness_m") for key in keys]
    conductivity = [ground.value(f"formation.{key}.conductivity_w_mk") for key in keys]
    column = Column(thickness_m=np.array(thickness), conductivity_w_mk=np.array(conductivity))
    return column.scaled_to(1.0, depth_m)


def _zone_values(
    middle_m: NDArray[np.float64], zones: gpd.GeoDataFrame | None, column: str
) -> NDArray[np.float64]:
    """Return a column of the zone each place lies in; NaN outside, or where it is unknown."""
    found = np.full(len(middle_m), np.nan)
    if zones is None or column not in zones:
        return found
    zone = containing(shapely.points(middle_m), zones.geometry.to_numpy())
    values = zones[column].to_numpy(float, na_value=np.nan)
    found[zone >= 0] = values[zone[zone >= 0]]
    return found


def _zoned(field: Field, middle_m: NDArray[np.float64], zones: gpd.GeoDataFrame | None, column: str) -> Field:
    given = _zone_values(middle_m, zones, column)
    return Field(np.where(np.isfinite(given), given, field.value), field.sd, field.nearest_m)


def _field(
    middle_m: NDArray[np.float64],
    wells: gpd.GeoDataFrame | None,
    column: str,
    ground: Catalog,
    catalog: Catalog,
) -> Field:
    regional = ground[f"heat.{column}"]
    variogram = Variogram(
        mean=regional.value,
        sd=max((regional.high - regional.low) / 2, 1e-6),  # the range of these two is one standard deviation
        range_m=1000 * catalog.value("ground.range_km"),
        nugget_share=catalog.value("ground.nugget_share"),
    )
    if wells is None or column not in wells:
        return krige(np.empty((0, 2)), np.empty(0), middle_m, variogram)
    deep = wells[~(wells["bottom_m"] < _WELL_TOP_MIN_M)] if "bottom_m" in wells else wells
    places = shapely.get_coordinates(deep.geometry.to_numpy())
    return krige(places, deep[column].to_numpy(float, na_value=np.nan), middle_m, variogram)
