"""What tests in a real browser share: opening pages, and finding the parts of the map page."""

from __future__ import annotations

WAIT_MS = 30_000


def open_page(page, address, name, lang="zh", more=""):
    page.goto(f"{address}/{'' if name == 'overview' else name}?lang={lang}{more}")
    page.locator(".yj-footer").wait_for()


def open_map(page, address, *, lang="zh", more="", zoom=15, row=None, run=None):
    """Open the map centred on a site, and wait until its tiles are drawn."""
    place = ""
    if row is not None:
        at = run.sites.to_crs(4326).geometry.iloc[row].representative_point()
        place = f"&view={zoom}/{at.y:.6f}/{at.x:.6f}"
    page.goto(f"{address}/map?lang={lang}{more}{place}")
    page.locator(".yj-footer").wait_for()
    page.locator(".yj-map canvas.leaflet-tile-loaded").first.wait_for(state="attached")
    page.wait_for_timeout(600)


def middle(page):
    box = page.locator(".yj-map .leaflet-container").first.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def panel(page):
    return page.locator(".yj-panel [role=tabpanel]:not([hidden])")
