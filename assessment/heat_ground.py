"""Ground under the blocks: the region's column, refined by kriging of its wells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.kriging import Field, Variogram, krige
from potential.geothermal.deep import Rock

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
    temp_surface_c: float
    volumetric_j_m3k: float

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
        return self.temp_surface_c + (self.gradient_k_m + z * self.gradient_sd_k_m) * depth_m

    def rock(self, depth_m: float, *, layers: int, z: float = 0.0) -> Rock:
        """Return the ground down to a depth for the deep kernel."""
        share = np.linspace(0.0, 1.0, layers + 1)
        rise = (self.temperature_c(depth_m, z=z) - self.temp_surface_c)[:, None] * share
        conductivity = np.repeat(self.conductivity_w_mk.value[:, None], layers, axis=1)
        return Rock(
            temp_edges_c=self.temp_surface_c + rise,
            lengths_m=np.full(layers, depth_m / layers),
            conductivity_w_mk=conductivity,
            volumetric_j_m3k=self.volumetric_j_m3k,
        )


def ground_under(
    middle_m: NDArray[np.float64], wells: gpd.GeoDataFrame | None, ground: Catalog, catalog: Catalog
) -> Ground:
    """Interpolate heat flow and conductivity to places; far from wells the region's means hold."""
    return Ground(
        heat_flow_w_m2=_scaled(_field(middle_m, wells, "heat_flow_mw_m2", ground, catalog), 1e-3),
        conductivity_w_mk=_field(middle_m, wells, "conductivity_w_mk", ground, catalog),
        temp_surface_c=ground.value("surface.temp_ground_c"),
        volumetric_j_m3k=1e6 * ground.value("heat.volumetric_heat_capacity_mj_m3k"),
    )


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


def _scaled(field: Field, factor: float) -> Field:
    return Field(field.value * factor, field.sd * factor, field.nearest_m)
