"""What the heat assessment is given: the layers of a region, its ground and its numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

    from layers.catalog import Catalog
    from layers.rule_model import Rule


@dataclass(frozen=True, kw_only=True)
class HeatLayers:
    """Layers in the metric CRS, None where the region has none; and what the numbers stand on."""

    towns: gpd.GeoDataFrame
    townships: gpd.GeoDataFrame | None
    buildings: gpd.GeoDataFrame
    farmland: gpd.GeoDataFrame | None
    municipal: gpd.GeoDataFrame | None
    restrictions: gpd.GeoDataFrame | None
    heat: gpd.GeoDataFrame | None
    wells: gpd.GeoDataFrame | None
    zones: gpd.GeoDataFrame | None
    """Ground zones that replace or scale what the wells say."""
    ground: Catalog
    catalog: Catalog
    rules: Sequence[Rule]
    covers: frozenset[str] | None
    """Kinds for which the restrictions are complete; None: the kinds present."""
    seed: int
    judgements: Mapping[str, float]
    """A user's judgements about the factors of suitability; see `heat_own_weights`."""

    @property
    def ruled(self) -> Mapping[str, gpd.GeoDataFrame | None]:
        """The layers that rules may ask for, by name."""
        return {"restrictions": self.restrictions, "farmland": self.farmland, "municipal": self.municipal}
