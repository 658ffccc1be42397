"""What is said of each building: height, roof, year, owner, name; a few of them unknown, as in real data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from layers.demo.dice import Dice
    from layers.demo.shapes import Geometries, Placed

STOREY_M = {
    "residential": 2.95, "rural_house": 3.2, "office": 3.9, "public": 3.8, "school": 3.7, "university": 4.1,
    "hospital": 4.2, "commercial": 4.8, "hotel": 3.5, "data_centre": 5.6, "transport": 9.0, "industrial": 9.5,
    "logistics": 11.5, "agricultural": 4.0, "other": 2.7, "unknown": 3.2,
}  # fmt: skip
ROOFS = {
    "industrial": {"metal": 86, "flat": 12, "unknown": 2},
    "logistics": {"metal": 95, "flat": 3, "unknown": 2},
    "rural_house": {"flat": 58, "gabled": 34, "hipped": 3, "unknown": 5},
    "residential": {"flat": 84, "hipped": 6, "gabled": 6, "unknown": 4},
    "school": {"flat": 90, "gabled": 6, "unknown": 4},
    "university": {"flat": 94, "hipped": 4, "unknown": 2},
    "agricultural": {"metal": 70, "gabled": 24, "unknown": 6},
    "other": {"flat": 48, "gabled": 30, "metal": 12, "unknown": 10},
    "transport": {"metal": 62, "flat": 34, "unknown": 4},
}  # fmt: skip
FLAT = {"flat": 97, "unknown": 3}
OWNERS = {
    "industrial": {"enterprise": 97, "unknown": 3},
    "logistics": {"enterprise": 97, "unknown": 3},
    "office": {"enterprise": 88, "government": 8, "unknown": 4},
    "commercial": {"enterprise": 95, "unknown": 5},
    "hotel": {"enterprise": 98, "unknown": 2},
    "data_centre": {"enterprise": 96, "government": 4},
    "public": {"government": 98, "unknown": 2},
    "school": {"school": 100},
    "university": {"school": 100},
    "hospital": {"hospital": 100},
    "residential": {"residents": 99, "unknown": 1},
    "rural_house": {"residents": 97, "village": 1, "unknown": 2},
    "agricultural": {"village": 62, "enterprise": 30, "unknown": 8},
    "transport": {"enterprise": 70, "government": 30},
    "other": {"residents": 90, "village": 4, "unknown": 6},
}  # fmt: skip
NOBODY = {"unknown": 1}
YEARS = {
    "rural_house": (1984, 2021), "other": (1984, 2021), "agricultural": (1998, 2023),
    "residential": (2009, 2024),
    "university": (2017, 2021),
}  # fmt: skip
NEW_YEARS = (2006, 2024)
LAST_IN_RANGE = 2005.0
"""Year after which nothing was built in a protection range."""
UNKNOWN_HEIGHT = 0.035
UNKNOWN_FLOORS = 0.02
UNKNOWN_YEAR = 0.06
UNKNOWN_USE = 0.004
FIRST_VILLAGE = 10_000_000
WALK_UP = 6
"""Storeys up to which homes have no lift; they are the older ones."""
LOW_RISE = 3
"""Storeys up to which a roof has hardly a parapet."""
LAST_PITCHED = 7
"""Storeys above which no roof is pitched."""


def building_table(
    built: Placed, drawn: Geometries, dice: Dice, *, names: dict[int, str], protected: np.ndarray
) -> gpd.GeoDataFrame:
    """Return the building layer, without ids: use, height_m, floors, roof_form, year, owner, name.

    names are those of blocks; protected says which buildings stand in a protection range: none of those
    is newer than the ranges.
    """
    key = place_key(built)
    frame = pd.DataFrame({"use": built.use, "floors": built.floors})
    frame["height_m"] = _heights(built, dice, key)
    frame["roof_form"] = _drawn(
        ROOFS, FLAT, frame["use"], lambda weights, rows: dice.pick(weights, 2, key[rows])
    )
    tall_flat = (frame["floors"] > LAST_PITCHED) & (frame["roof_form"].isin(["gabled", "hipped"]))
    frame.loc[tall_flat, "roof_form"] = "flat"
    frame["year"] = _years(built, protected, dice, key)
    frame["owner"] = _drawn(
        OWNERS, NOBODY, frame["use"], lambda weights, rows: dice.pick(weights, 3, key[rows])
    )
    frame["name"] = _names(built, names)
    frame = _forget(frame, dice, key)
    columns = ["use", "height_m", "floors", "roof_form", "year", "owner", "name"]
    return gpd.GeoDataFrame(frame[columns], geometry=drawn)


def place_key(built: Placed) -> np.ndarray:
    """Return a number for each building that depends on nothing but where it stands."""
    x, y = (np.round(values * 10.0).astype(np.int64) for values in (built.x, built.y))
    return x * 100_000_000 + y


def _heights(built: Placed, dice: Dice, key: np.ndarray) -> np.ndarray:
    storey = np.array([STOREY_M[use] for use in built.use])
    height = built.floors * storey * dice.between(0.94, 1.08, 1, key) + np.where(
        built.floors > LOW_RISE, 1.2, 0.3
    )
    return np.round(height, 1)


def _drawn(
    table: Mapping[str, Mapping[str, float]],
    other: Mapping[str, float],
    use: pd.Series,
    draw: Callable[[Mapping[str, float], np.ndarray], np.ndarray],
) -> np.ndarray:
    """Draw a value for each building from the weights of its use."""
    found = np.empty(len(use), dtype=object)
    for name in use.unique():
        which = np.flatnonzero(use == name)
        found[which] = draw(table.get(name, other), which)
    return found


def _years(built: Placed, protected: np.ndarray, dice: Dice, key: np.ndarray) -> np.ndarray:
    """Return the year of building: an estate or a works is built at once, a village over decades."""
    low, high = np.array([YEARS.get(use, NEW_YEARS) for use in built.use], dtype=np.float64).T
    low = np.where((built.use == "residential") & (built.floors <= WALK_UP), 1990.0, low)
    high = np.where((built.use == "residential") & (built.floors <= WALK_UP), 2008.0, high)
    low, high = np.where(protected, np.minimum(low, 1984.0), low), np.where(protected, LAST_IN_RANGE, high)
    at_once = built.block < FIRST_VILLAGE
    drawn = dice.unit(4, np.where(at_once, built.block, key))
    drawn = np.clip(drawn + np.where(at_once, 0.1 * (dice.unit(5, key) - 0.5), 0.0), 0.0, 0.999)
    return np.floor(low + (high - low + 1.0) * drawn)


def _names(built: Placed, names: dict[int, str]) -> np.ndarray:
    """Name the largest building of a block that has a name."""
    found = np.full(len(built), None, dtype=object)
    size = built.width_m * built.depth_m * built.floors
    main = np.isin(
        built.use,
        [
            "school",
            "hospital",
            "university",
            "public",
            "hotel",
            "commercial",
            "data_centre",
            "transport",
            "industrial",
        ],
    )
    rows = np.flatnonzero(main & np.isin(built.block, np.array(list(names), dtype=np.int64)))
    order = rows[np.lexsort((-size[rows], built.block[rows]))]
    block, first = np.unique(built.block[order], return_index=True)
    found[order[first]] = [names[number] for number in block.tolist()]
    return found


def _forget(frame: pd.DataFrame, dice: Dice, key: np.ndarray) -> pd.DataFrame:
    """Take away what real data does not have either."""
    frame.loc[dice.unit(6, key) < UNKNOWN_HEIGHT, "height_m"] = np.nan
    frame.loc[dice.unit(7, key) < UNKNOWN_FLOORS, "floors"] = np.nan
    frame.loc[dice.unit(8, key) < UNKNOWN_YEAR, "year"] = np.nan
    lost = (dice.unit(9, key) < UNKNOWN_USE) & frame["name"].isna()
    frame.loc[lost, ["use", "owner"]] = "unknown"
    frame["floors"] = frame["floors"].astype("Int16")
    frame["year"] = frame["year"].astype("Int16")
    return frame
