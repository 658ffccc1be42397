"""Colours: one quiet set for pages, map and charts, readable for colour-blind eyes and in grey print."""

from __future__ import annotations

from assessment.heat_suit_maps import LIGHT_COLOURS

INK = "#24333d"
MUTED = "#5c6b75"
LINE = "#d9dcd8"
PAPER = "#fbfaf7"
ACCENT = "#0b6e69"
ROOF_BLUE = "#3f74b8"
SUN = "#c77f0a"
HEAT = "#a63d2f"

ON_DARK = {INK: "#d5dcdb", MUTED: "#a9b5b3", HEAT: "#e58f76"}
"""Colours of words and lines as they are on a dark page."""
PV_COLOURS = {
    "roof_flat": "#3f74b8",
    "roof_metal": "#1d3f73",
    "roof_pitched": "#8cb6e0",
    "facade": "#7a5aa6",
    "carport": "#0e8f86",
    "canopy": "#67c2b4",
    "agrivoltaic_orchard": "#4d7c2b",
    "agrivoltaic_grass": "#9cb84a",
    "greenhouse": "#cfd98a",
    "fish_pond": "#3fa3c4",
    "ground": "#c77f0a",
    "verge": "#8a8880",
}
"""One hue per family (roofs blue, canopies teal, farmland green, ground ochre), told apart by lightness."""
SECTOR_COLOURS = {
    "agriculture": "#6d9a3a",
    "industry": "#1d3f73",
    "municipal": "#0e8f86",
    "public": "#3f74b8",
    "residential": "#8cb6e0",
    "commercial": "#7a5aa6",
}
HEAT_COLOURS = {"shallow": "#e8a87c", "deep": "#a63d2f", "hydrothermal": "#5b2245"}
STATUS_COLOURS = {"allowed": "#2f7d5b", "conditional": "#d9a21b", "not_checked": "#8a8880"}
LIGHTS = LIGHT_COLOURS
"""The traffic light of maps and cards, which is that of the rasters an assessment writes."""
PROGRESS_COLOURS = {
    "operating": "#0b4f4b",
    "under_construction": "#0e8f86",
    "approved": "#7cc4bb",
    "proposed": "#c3d9d6",
    "potential": "#f7ead0",
}

PV_RAMP = ("#fdf3cf", "#f9d57e", "#eeb044", "#cf8420", "#9f5a12", "#5f3009")
"""Light to dark, in even steps of lightness."""
COST_RAMP = ("#12405e", "#2f6c8f", "#6299ae", "#9dc2c4", "#d3dfd0", "#f4efdd")
"""Dark is cheap."""
HEAT_RAMP = ("#fdeadd", "#f6c6a7", "#e79a76", "#cb6a4f", "#9a3c33", "#5c1a26")
UNKNOWN = "#bdbdb5"
PICKED = "#c2185b"
"""The outline of what is chosen."""
HATCH = "#5c6b7599"
REGAINED = {"line": "#8a4b00", "fill": "rgba(247, 201, 72, .38)"}
"""Land that rules switched off bring back: hatched, so that it is told from sites without its colour."""

BACKGROUND_LOOK: dict[str, dict[str, object]] = {
    "river_range": {"from": 11, "fill": "#e3edf0"},
    "wetland": {"from": 10, "fill": "#d9e8e2"},
    "water": {"from": 8, "fill": "#bcd6e3"},
    "heritage_control": {"from": 11, "line": "#b58a5a", "dash": [2, 4]},
    "heritage_protection": {"from": 10, "line": "#8a5a2b", "dash": [5, 3], "fill": "rgba(138,90,43,.09)"},
    "ecological_redline": {"from": 11, "line": "#4d7c2b", "dash": [6, 3]},
    "runway": {"from": 10, "fill": "#c9c7cf"},
    "power_line": {"from": 13, "line": "#a59fb0", "dash": [10, 3, 2, 3]},
    "rail": {"from": 10, "line": "#8f8b82", "dash": [6, 3]},
    "street": {"from": 12, "line": "#ffffff", "casing": "#dedad0"},
    "road": {"from": 9, "line": "#ffffff", "casing": "#cfcabd"},
    "expressway": {"from": 8, "line": "#f6ead0", "casing": "#cdb98c"},
}
"""How background shapes are drawn; `from` is the first zoom."""
