"""The boreholes of one parcel for other programs: GeoJSON in WGS-84, GeoPackage or CSV."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from assessment.heat_boreholes import boreholes_of
from assessment.run import Run
from exports.provenance import provenance_of
from exports.sites import publish
from faults import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import geopandas as gpd

    from exports.provenance import Provenance

_DIGITS = 8
"""Of a degree: a millimetre."""


def export_boreholes(run: Run | Path, parcel: str, out: Path) -> int:
    """Write the boreholes packed into a parcel as points; return how many.

    Parameters
    ----------
    run
        A finished run with heat.
    parcel
        Its id in heat_parcels.parquet.
    out
        `.geojson` (WGS-84), `.gpkg` or `.csv` (metric CRS of the run).

    Raises
    ------
    InputError
        The kind of file or the parcel is not usable.
    """
    write = _WRITERS.get(out.suffix.lower())
    if write is None:
        raise InputError([Fault("boreholes", None, "out", out.name, f"must end in {', '.join(_WRITERS)}")])
    opened = run if isinstance(run, Run) else Run(run)
    frame = boreholes_of(opened, parcel)
    source = provenance_of(opened)
    publish(out, lambda fresh: write(fresh, frame, source))
    return len(frame)


def _geojson(path: Path, frame: gpd.GeoDataFrame, source: Provenance) -> None:
    features = json.loads(frame.to_crs(4326).to_json(drop_id=True))["features"]
    for feature in features:
        place = feature["geometry"]
        place["coordinates"] = [round(part, _DIGITS) for part in place["coordinates"]]
    told = {"type": "FeatureCollection", "run_id": source.run_id, "notice_zh": source.short("zh"),
            "notice_en": source.short("en"), "features": features}  # fmt: skip
    path.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")


def _gpkg(path: Path, frame: gpd.GeoDataFrame, source: Provenance) -> None:
    frame.to_file(path, layer="boreholes", driver="GPKG", dataset_metadata=source.as_strings())


def _csv(path: Path, frame: gpd.GeoDataFrame, source: Provenance) -> None:
    table = frame.drop(columns="geometry").assign(
        x_m=frame.geometry.x.round(3), y_m=frame.geometry.y.round(3), crs=str(frame.crs), run_id=source.run_id
    )
    table.to_csv(path, index=False, encoding="utf-8-sig")


_WRITERS: Mapping[str, Callable[[Path, gpd.GeoDataFrame, Provenance], None]] = {
    ".geojson": _geojson,
    ".gpkg": _gpkg,
    ".csv": _csv,
}
