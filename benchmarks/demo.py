"""Generate the demonstration layers of the embedded region: time, memory, and the table of docs/demo.md.

Run with `python benchmarks/demo.py`; `--check` builds twice and compares the bytes; `--docs` writes the
statistics into docs/demo.md.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from layers.demo.build import build_demo
from layers.region import EMBEDDED, load_region

DOCS = Path(__file__).parents[1] / "docs" / "demo.md"
BEGIN, END = "<!-- statistics: begin -->", "<!-- statistics: end -->"


def build(out: Path) -> dict:
    region = load_region(EMBEDDED)
    start, cpu = time.perf_counter(), time.process_time()

    def told(share: float, what: str) -> None:
        print(f"{time.perf_counter() - start:6.1f} s  {share:4.0%}  {what}")

    build_demo(region, out, seed=region.seed, progress=told)
    seconds, cpu_s = time.perf_counter() - start, time.process_time() - cpu
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    print(f"{seconds:.1f} s wall, {cpu_s:.1f} s CPU, peak {peak_mb:.0f} MB")
    return json.loads((out / "manifest.json").read_text(encoding="utf-8"))["statistics"]


def check(out: Path, again: Path) -> None:
    build(again)
    for path in sorted(out.iterdir()):
        same = path.read_bytes() == (again / path.name).read_bytes()
        print(f"{path.name:22} {'same bytes' if same else 'DIFFERENT'}")
        if not same:
            raise SystemExit(1)


def rows(header: list[str], lines: list[list[object]]) -> str:
    table = [header, ["---", *["---:"] * (len(header) - 1)], *lines]
    return "\n".join(
        "| " + " | ".join(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in line) + " |"
        for line in table
    )


def tables(statistics: dict) -> str:
    uses = [
        [use, found["count"], f"{found['footprint_km2']:.2f}", f"{found['floor_km2']:.2f}"]
        for use, found in statistics["buildings"].items()
    ]
    sums = [
        sum(found[key] for found in statistics["buildings"].values())
        for key in ("count", "footprint_km2", "floor_km2")
    ]
    uses.append(["**all**", sums[0], f"{sums[1]:.2f}", f"{sums[2]:.2f}"])
    keys = (
        "area_km2", "buildings", "footprint_km2", "home_floor_km2", "farmland_km2", "heritage_protection_km2",
        "heritage_control_km2",
    )  # fmt: skip
    towns = [[town["town"], *(town[key] for key in keys)] for town in statistics["towns"]]
    totals = [sum(town[key] for town in statistics["towns"]) for key in keys]
    towns.append(["**all**", *(value if isinstance(value, int) else round(value, 2) for value in totals)])
    return "\n\n".join(
        [
            "### By new town\n\n"
            + rows(["town", *(key.replace("_", " ").replace("km2", "(km²)") for key in keys)], towns),
            "### Buildings by use\n\n"
            + rows(["use", "buildings", "footprint (km²)", "floor area (km²)"], uses),
            "### Fields by class\n\n"
            + rows(["class", "km²"], [[k, f"{v:.1f}"] for k, v in statistics["farmland_km2"].items()]),
            "### Municipal parcels\n\n"
            + rows(["facility", "km²"], [[k, f"{v:.2f}"] for k, v in statistics["municipal_km2"].items()]),
            "### Rows\n\n" + rows(["layer", "rows"], [[k, v] for k, v in statistics["rows"].items()]),
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="build twice and compare the bytes")
    parser.add_argument("--docs", action="store_true", help="write the statistics into docs/demo.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "demo"
        statistics = build(out)
        if options.check:
            check(out, Path(folder) / "again")
    text = tables(statistics)
    if options.docs:
        page = DOCS.read_text(encoding="utf-8")
        head, tail = page.split(BEGIN)[0], page.split(END)[1]
        DOCS.write_text(f"{head}{BEGIN}\n{text}\n{END}{tail}", encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
