"""How fast the app answers in a real browser, and how much memory it holds, at several numbers of sites.

    python benchmarks/app.py 10000 200000 500000 --out app.json

Needs Chromium. Every figure is the median of some repeats on this machine, browser and server together.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.chromium import FLAGS, chromium, served
from tests.runs import make_run

REPEATS = 5
DRAWN = (
    "[...document.querySelectorAll('.yj-map canvas')].some(c => c.classList.contains('leaflet-tile-loaded'))"
)
VIEW = "&view=14/34.36000/108.72000"


def seconds(work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def until(page, condition: str, arg=None) -> None:
    page.wait_for_function(condition, arg=arg, polling=10)


def open_map(page, address: str, view: str = VIEW) -> None:
    page.goto(f"{address}/map?lang=en{view}", wait_until="commit")
    until(page, f"() => {DRAWN}")


def first_paint(browser, address: str) -> tuple[float, float]:
    """Seconds until the map's sites are drawn: a browser that was never here, and one that was."""
    fresh, warm = [], []
    for _ in range(REPEATS):
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        fresh.append(seconds(lambda page=page: open_map(page, address)))
        page.wait_for_timeout(500)
        warm.append(seconds(lambda page=page: open_map(page, address)))
        context.close()
    return statistics.median(fresh), statistics.median(warm)


SITES_IN_VIEW = """() => {
  const y = document.querySelector('.yj-map').yijian, out = [];
  const box = y.map.getContainer().getBoundingClientRect();
  for (const [key, found] of y.layers.sites.source.cache) {
    const t = found.tile, [z, x, row] = key.split('/').map(Number);
    for (let i = 0; t && i < t.n; i += 3) {
      const first = i ? t.ringEnds[t.shapeEnds[i - 1] - 1] : 0, last = t.ringEnds[t.shapeEnds[i] - 1];
      const n = last - first;
      if (t.shapeEnds[i] - (i ? t.shapeEnds[i - 1] : 0) > 1) continue;
      let px = 0, py = 0;
      for (let k = first; k < last; k += 1) { px += t.xy[2 * k] / n; py += t.xy[2 * k + 1] / n; }
      const at = y.map.latLngToContainerPoint(y.map.unproject([x * 256 + px / 16, row * 256 + py / 16], z));
      const free = at.x > 150 && at.x < box.width - 260 && at.y > 150 && at.y < 420;
      if (free) out.push([box.x + at.x, box.y + at.y]);
    }
  }
  return out;
}"""
"""Where on the screen sites lie, away from the controls."""


def click(page, address: str) -> float:
    """Seconds from the click to everything about the site in the panel beside the map."""
    times = []
    for number in range(REPEATS):
        open_map(page, address)
        page.wait_for_timeout(1500)
        places = page.evaluate(SITES_IN_VIEW)
        x, y = places[number * len(places) // REPEATS]
        start = time.perf_counter()
        page.mouse.click(x, y)
        until(page, "() => document.querySelector('.yj-panel .yj-name') !== null")
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def restyle(page, address: str) -> float:
    """Seconds from choosing another colour to the new colours on all tiles."""
    open_map(page, address)
    page.get_by_role("button", name="Layers").click()
    times = []
    for label, by in [
        ("capacity", "value"),
        ("levelised cost", "cost"),
        ("specific yield", "specific"),
        ("type", "kind"),
    ]:
        start = time.perf_counter()
        page.locator("[data-testid=stRadio] label", has_text=label).last.click()
        until(page, "by => document.querySelector('.yj-map').yijian.data.style.by === by", by)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def draw(page, address: str) -> float:
    """Seconds from releasing a drawn rectangle to its totals."""
    times = []
    for _ in range(3):
        open_map(page, address)
        page.wait_for_timeout(800)
        page.locator(".leaflet-draw-draw-rectangle").click()
        page.mouse.move(350, 350)
        page.mouse.down()
        for step in range(1, 6):
            page.mouse.move(350 + 60 * step, 350 + 40 * step)
            page.wait_for_timeout(30)
        start = time.perf_counter()
        page.mouse.up()
        until(page, "() => document.querySelector('.yj-area .yj-figures') !== null")
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def slider(page, address: str) -> float:
    """Seconds from a key on a scenario's slider to the new totals."""
    page.goto(f"{address}/scenarios?lang=en")
    page.locator(".yj-footer").wait_for()
    page.wait_for_timeout(800)
    handle = page.get_by_role("slider", name="Capacity per m²").first
    handle.focus()
    times = []
    for _ in range(REPEATS):
        before = page.locator(".yj-figures").first.inner_text()
        start = time.perf_counter()
        handle.press("ArrowRight")
        until(page, "t => document.querySelector('.yj-figures').innerText !== t", before)
        times.append(time.perf_counter() - start)
        page.wait_for_timeout(200)
    return statistics.median(times)


def imagine(page, address: str) -> tuple[float, float]:
    """Seconds from a key on a slider beside the map to new totals, and to every tile in the new numbers."""
    open_map(page, address)
    page.locator("#yj-tab-whatif").click()
    page.locator(".yj-totals .yj-figures").wait_for()
    handle = page.locator(".yj-panel input[name=density]")
    handle.focus()
    totals, tiles = [], []
    for _ in range(REPEATS):
        page.wait_for_timeout(400)
        before = page.locator(".yj-totals .yj-figures").inner_text()
        start = time.perf_counter()
        handle.press("ArrowRight")
        until(page, "t => document.querySelector('.yj-totals .yj-figures').innerText !== t", before)
        totals.append(time.perf_counter() - start)
        until(
            page,
            "() => { const s = document.querySelector('.yj-map').yijian.layers.sites, i = s.imagined;"
            " return i && i.cache.size > 0 && [...i.cache.values()].every(p => p.tile); }",
        )
        tiles.append(time.perf_counter() - start)
    return statistics.median(totals), statistics.median(tiles)


def pan(page, address: str) -> float:
    """Longest frame (ms) of a drag across the map, 95th percentile."""
    open_map(page, address)
    page.wait_for_timeout(1500)
    page.evaluate(
        "() => { window.frames_ = []; let last = performance.now();"
        " const tick = now => { window.frames_.push(now - last); last = now; requestAnimationFrame(tick); };"
        " requestAnimationFrame(tick); }"
    )
    page.mouse.move(500, 500)
    page.mouse.down()
    for step in range(60):
        page.mouse.move(500 - 4 * step, 500 - 2 * step)
        page.wait_for_timeout(16)
    page.mouse.up()
    frames = sorted(page.evaluate("() => window.frames_.slice(5)"))
    return frames[int(0.95 * len(frames))]


def server_memory(address: str) -> float:
    """Resident megabytes of the process that listens there."""
    port = int(address.rsplit(":", 1)[1])
    for connection in psutil.net_connections("tcp"):
        if connection.laddr and connection.laddr.port == port and connection.status == psutil.CONN_LISTEN:
            return psutil.Process(connection.pid).memory_info().rss / 1e6
    return float("nan")


async def _session(address: str, number: int, actions: int, times: list[float]) -> None:
    """One visitor: tiles and cards as the map asks for them, once a second."""
    port = int(address.rsplit(":", 1)[1])
    await asyncio.sleep(number / 60)
    for action in range(actions):
        start = time.perf_counter()
        x, y = 13140 + (number * 7 + action) % 14, 6520 + (number * 3 + action) % 12
        paths = [f"/tiles/sites/14/{x + dx}/{y + dy}?v=bench" for dx in range(3) for dy in range(4)]
        paths.append(f"/api/sites?row={number * 31 + action}&lang=en")
        await asyncio.gather(*(_get(port, path) for path in paths))
        times.append(time.perf_counter() - start)
        await asyncio.sleep(max(0.0, 1.0 - (time.perf_counter() - start)))


async def _get(port: int, path: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
    await writer.drain()
    body = await reader.read()
    writer.close()
    assert body.startswith(b"HTTP/1.1 200"), body[:80]
    return body


def many(address: str, sessions: int, actions: int) -> tuple[float, float]:
    """Median and 95th percentile of one action (12 tiles and a card) with many visitors at once."""
    times: list[float] = []

    async def all_of_them() -> None:
        await asyncio.gather(*(_session(address, number, actions, times) for number in range(sessions)))

    with ThreadPoolExecutor(1) as pool:  # the browser's loop has this thread
        pool.submit(asyncio.run, all_of_them()).result()
    times.sort()
    return statistics.median(times), times[int(0.95 * len(times))]


def measure(browser, sites: int, sessions: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        run = make_run(Path(folder) / "run", n_sites=sites, hourly=False)
        prepared = time.perf_counter()
        with served(run, Path(folder)) as address:
            started = time.perf_counter() - prepared
            fresh, warm = first_paint(browser, address)
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            page = context.new_page()
            result = {
                "sites": sites,
                "start_s": started,
                "paint_fresh_s": fresh,
                "paint_warm_s": warm,
                "click_s": click(page, address),
                "draw_s": draw(page, address),
                "restyle_s": restyle(page, address),
                "slider_s": slider(page, address),
                **dict(zip(("imagine_totals_s", "imagine_map_s"), imagine(page, address), strict=True)),
                "pan_p95_ms": pan(page, address),
                "server_mb": server_memory(address),
            }
            context.close()
            p50, p95 = many(address, sessions, 15)
            result |= {"sessions": sessions, "action_p50_s": p50, "action_p95_s": p95}
            result["server_mb_after"] = server_memory(address)
            return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sites", nargs="*", type=int, default=[10_000, 200_000, 500_000])
    parser.add_argument("--sessions", type=int, default=60)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        results = []
        for sites in options.sites:
            results.append(measure(browser, sites, options.sessions))
            print(json.dumps({key: round(value, 3) for key, value in results[-1].items()}), flush=True)
        browser.close()
    if options.out:
        options.out.write_text(json.dumps(results, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
