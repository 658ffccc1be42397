"""What an assessment found, as the files of a run folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assessment.heat_write import write_heat, write_heat_rasters
from assessment.irradiation_maps import write_irradiation
from assessment.manifest import build_manifest
from assessment.places import town_frame
from assessment.write import write_dictionary, write_geo, write_json

if TYPE_CHECKING:
    from pathlib import Path

    from assessment.heat import HeatResult
    from assessment.inputs import Inputs
    from assessment.irradiation_maps import IrradiationMaps
    from assessment.region_sites import RegionSites
    from assessment.scenario import Scenario
    from layers.rules import Rule


@dataclass(frozen=True)
class Findings:
    """The parts of a run; None where it was not asked for, or where a region says nothing about it."""

    inputs: Inputs
    sites: RegionSites | None
    heat: HeatResult | None
    sun: IrradiationMaps | None

    def manifest(self, rules: tuple[Rule, ...], scenario: Scenario) -> dict[str, Any]:
        """Return the manifest of the run."""
        halves = [half for half in (self.sites, self.heat) if half is not None]
        return build_manifest(
            self.inputs,
            scenario=scenario,
            rules=rules,
            not_checked=[rule for half in halves for rule in half.not_checked],
            parameters={key: value for half in halves for key, value in half.parameters.items()},
            totals=self._totals(),
            incomplete=() if self.sites is None else [one.as_dict() for one in self.sites.failed],
        )

    def _totals(self) -> dict[str, Any]:
        empty: dict[str, Any] = {"low": None, "central": None, "high": None}
        sums: dict[str, Any] = {"sites": 0, "kwp_dc": empty, "kwh_year": {"p50": None, "p90": None}}
        if self.sites is not None:
            sums |= self.sites.totals()
        sums["heatable_m2"] = None if self.heat is None else float(self.heat.frame["heatable_m2"].sum())
        return sums

    def write(self, folder: Path, manifest: dict[str, Any]) -> None:
        """Write all files but the timings; the manifest last."""
        self._write_tables(folder)
        self._write_rasters(folder / "rasters", manifest)
        write_json(manifest, folder / "manifest.json")

    def _write_tables(self, folder: Path) -> None:
        write_geo(town_frame(self.inputs.layers["towns"].frame), folder / "towns.parquet")
        for name in ("townships", "restrictions"):
            frame = self.inputs.frame(name)
            if frame is not None:
                write_geo(frame, folder / f"{name}.parquet")
        if self.sites is not None:
            self.sites.write(folder)
        if self.heat is not None:
            write_heat(folder, self.heat)
        write_dictionary(folder / "columns.json")
        self._write_rejected(folder / "rejected")

    def _write_rasters(self, folder: Path, manifest: dict[str, Any]) -> None:
        folder.mkdir()
        demo = ", ".join(manifest["demo_layers"])
        tags = {
            "run_id": manifest["run_id"],
            "region": manifest["region"]["id"],
            "demonstration_layers": demo or "none",
            "not_checked": ", ".join(manifest["not_checked"]),
            "boundary": manifest["boundary_note_en"],
        }
        if self.heat is not None:
            write_heat_rasters(folder, self.heat.maps, tags=tags)
        if self.sun is not None:
            write_irradiation(folder, self.sun, tags=tags)

    def _write_rejected(self, folder: Path) -> None:
        folder.mkdir()
        for name, layer in self.inputs.layers.items():
            if len(layer.rejected):
                file = folder / f"{name}.csv"
                layer.rejected.to_csv(file, index=False, encoding="utf-8-sig")
