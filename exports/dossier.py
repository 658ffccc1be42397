"""The dossier of one site: PDF, outline, module layout for CAD and GIS, 8760 hours, all values."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from assessment.run import Run, write_atomically
from exports.dossier_data import gather_dossier
from exports.dossier_page import write_page
from exports.drawing import write_drawing
from exports.formats.geojson import rfc7946_geometry
from exports.target import target_crs
from faults import RunError

if TYPE_CHECKING:
    from pathlib import Path

    from exports.dossier_data import Dossier
    from exports.provenance import Lang

PDF, OUTLINE, LAYOUT = "dossier.pdf", "outline.geojson", "layout.geojson"
DRAWING, HOURS, VALUES = "layout.dxf", "hourly.csv", "site.json"
_FACADE_NOTE = "vertical modules: no plan layout"


def write_dossier(
    run: Run | Path, site_id: str, out: Path, *, region: Path | None = None, lang: Lang = "zh"
) -> tuple[Path, ...]:
    """Write the dossier of one site into a folder, complete or not at all.

    Parameters
    ----------
    site_id
        Id of the site in the run.
    out
        Folder to make; an old dossier there is replaced.
    region
        Folder or region.toml of the run's region; None: the embedded one.

    Returns
    -------
    tuple of pathlib.Path
        dossier.pdf, outline.geojson, layout.geojson and layout.dxf (not for facades), hourly.csv, site.json.

    Raises
    ------
    InputError
        The site is not in the run, or the region is not the run's.
    RunError
        The folder cannot be written.
    """
    opened = run if isinstance(run, Run) else Run(run)
    dossier = gather_dossier(opened, site_id, region=region)

    def fill(folder: Path) -> None:
        write_page(folder / PDF, dossier, lang)
        _write_geojson(folder / OUTLINE, dossier, np.array([dossier.shape]), [{"id": site_id}])
        if dossier.layout is not None:
            _write_layout(folder / LAYOUT, dossier)
            write_drawing(
                folder / DRAWING,
                dossier.shape,
                dossier.layout,
                crs=opened.manifest["crs"],
                run_id=dossier.provenance.run_id,
                notes=[site_id, *dossier.provenance.lines("en")],
            )
        _write_hours(folder / HOURS, dossier)
        _write_values(folder / VALUES, dossier)

    try:
        write_atomically(out, fill)
    except OSError as error:
        raise RunError(f"{out} cannot be written: {error}") from error
    return tuple(sorted(out.iterdir()))


def _write_geojson(path: Path, dossier: Dossier, shapes: Any, properties: list[dict[str, Any]]) -> None:  # noqa: ANN401
    target = target_crs("EPSG:4326", source=dossier.run.manifest["crs"])
    texts = rfc7946_geometry(target.transform(shapes))
    features = ",\n".join(
        f'{{"type":"Feature","properties":{json.dumps(values, ensure_ascii=False)},"geometry":{text}}}'
        for values, text in zip(properties, texts, strict=True)
    )
    notices = json.dumps(dossier.provenance.as_dict(), ensure_ascii=False)
    path.write_text(
        f'{{"type":"FeatureCollection","yijian":{notices},"features":[\n{features}\n]}}\n', encoding="utf-8"
    )


def _write_layout(path: Path, dossier: Dossier) -> None:
    layout = dossier.layout
    assert layout is not None
    properties = [
        {"row": row, "planned": planned, "kwp": layout.module_kwp}
        for row, planned in zip(layout.row.tolist(), layout.planned.tolist(), strict=True)
    ]
    _write_geojson(path, dossier, layout.modules, properties)


def _write_hours(path: Path, dossier: Dossier) -> None:
    dossier.hourly.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n")


def _write_values(path: Path, dossier: Dossier) -> None:
    """Write the site's columns, rules, assumptions and notices for programs."""
    layout = dossier.layout
    values = {
        "site": dict(dossier.row),
        "layout": _FACADE_NOTE
        if layout is None
        else {
            "modules_planned": int(np.count_nonzero(layout.planned)),
            "kwp_planned": layout.kwp_planned,
            "modules_fitting": len(layout.corners),
            "kwp_fitting": layout.kwp_fitting,
            "module_kwp": layout.module_kwp,
        },
        "rules": [dict(rule) for rule in dossier.rules],
        "not_checked": [dict(rule) for rule in dossier.not_checked],
        "assumptions": {
            key: {
                name: getattr(number, name)
                for name in ("value", "low", "high", "unit", "source", "confidence")
            }
            for key, number in dossier.assumptions.items()
        },
        "weather": {
            "source": dossier.weather_source,
            "synthetic": dossier.synthetic,
            "time": "start of the hour, local standard time",
        },
        "yijian": dossier.provenance.as_dict(),
    }
    path.write_text(json.dumps(values, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")
