"""The rule on a site's own edge and walkways, and how it goes together with the site's usable share.

A usable share (what is given of a roof to photovoltaics) holds an edge already: it is what is left after
parapets, walkways, vents and all else. The strip by geometry is therefore no second deduction. Of a site with
the area A left by the other rules, of which C lies clear of strip and walkways, and the share s,

    usable = min(s A, C)

is used. Rules speak of areas before the share, so the rule leaves `min(A, C / s)` and takes the rest;
where the share holds the strip already it takes nothing. Without a share (s = 1) it leaves C.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from gis.setback import clear_part
from gis.zones import Parts, intersected, polygonal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layers.rule_model import Rule

SHARE = "usable_share"
"""Column of the sites with the share of their area that is used."""


def edges_of(touched: Parts, sites: NDArray[np.object_], rule: Rule) -> Parts:
    """Return strip and walkways of the sites touched, as far as they lie in the parts touched."""
    whole = sites[touched.index]
    clear = clear_part(whole, edge_m=rule.edge_m, walkway_m=rule.walkway_m, block_m=rule.block_m)
    edge = polygonal(shapely.difference(whole, clear))
    cut = np.flatnonzero(~touched.whole)
    edge[cut] = intersected(edge[cut], touched.geometry[cut])
    return Parts(touched.index, edge, np.zeros(len(edge), dtype=bool), shapely.area(edge))


def usable_share(sites: pd.DataFrame) -> NDArray[np.float64]:
    """Return the usable share of each site, 1 where it has none."""
    if SHARE not in sites:
        return np.ones(len(sites))
    return pd.to_numeric(sites[SHARE]).fillna(1.0).to_numpy(dtype=float)
